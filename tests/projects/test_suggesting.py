"""A student's own list: with reasons, without what they applied to or said no to, and it learns only about the work."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Skill
from projects.exposing.models import ListKind, ShownList
from projects.matching import keeping
from projects.posting.models import Project, ProjectSkill
from projects.suggesting import actions, learning, queries
from projects.suggesting.models import Dismissal, Why
from tests.projects import people, postings
from tests.projects.test_matching import project_for, student_with

URL = "/for-you/"


def listed(user) -> list[str]:
    return [one.project.title for one in queries.for_you(user.student)]


def posted(title: str, *skills, **changes) -> Project:
    return project_for(*(skills or ("excel",)), title=title, **changes)


class Row:
    """A project as learning reads it."""

    def __init__(self, **fields):
        self.__dict__.update(
            {
                "function": "data",
                "location_mode": "remote",
                "organisation_id": 1,
                "net_hourly": 2500,
                "hours": Decimal(20),
                "start_on": None,
                "due_on": None,
                "needs": (),
            }
            | fields
        )
        needed = [type("Asked", (), {"skill_id": key, "must": True}) for key in self.needs]
        self.project_skills = type("Rows", (), {"all": lambda _self: needed})()


def said(why: str, project: Row, learned: bool = True):
    return type("Said", (), {"why": why, "project": project, "learned": learned})()


@given(st.lists(st.sampled_from(Why.values), max_size=30))
def test_a_no_lowers_like_ones_within_bounds_and_never_lifts(reasons):
    found = learning.learn([said(why, Row(needs=(1,))) for why in reasons], own=set())
    factor = learning.lowered(Row(needs=(1,)), found)
    assert learning.EMPLOYER <= factor <= 1
    if not set(reasons) - {Why.DATES, Why.OTHER}:
        assert factor == 1


def test_each_reason_touches_only_what_it_names():
    learned = learning.learn([said(Why.FUNCTION, Row(function="marketing"))], own=set())
    assert learning.lowered(Row(function="marketing"), learned) < 1
    assert learning.lowered(Row(function="data"), learned) == 1
    learned = learning.learn([said(Why.PAY, Row(net_hourly=2200))], own=set())
    assert (
        learning.lowered(Row(net_hourly=2200), learned) < 1 == learning.lowered(Row(net_hourly=2300), learned)
    )
    learned = learning.learn([said(Why.SKILLS, Row(needs=(1, 2)))], own={1})
    assert learning.lowered(Row(needs=(1,)), learned) == 1  # what one can do is never held against it
    assert learning.lowered(Row(needs=(2,)), learned) < 1
    assert (
        learning.lowered(Row(needs=(2,)), learning.learn([said(Why.SKILLS, Row(needs=(2,)), False)], set()))
        == 1
    )


@pytest.mark.django_db
def test_the_list_leaves_out_what_was_applied_to_and_says_why_the_rest_is_there(client):
    amara = student_with("excel", "surveys")
    first, second = posted("Count bikes", "excel", "surveys"), posted("Sort orders", "excel", "welding")
    posted("Weld frames", "welding")
    assert listed(amara) == ["Count bikes", "Sort orders"]
    people.apply(first, amara)
    assert listed(amara) == ["Sort orders"]
    client.force_login(amara)
    page = client.get(URL).content.decode()
    assert "Sort orders" in page
    assert "You have 1 of the 2 skills" in page
    assert "Weld frames" not in page
    row = ShownList.objects.get(kind=ListKind.FOR_YOU)
    assert (row.about, row.shown) == (amara.pk, [second.pk])


@pytest.mark.django_db
def test_not_for_me_hides_it_lowers_its_like_and_can_be_undone(client):
    amara = student_with("excel", "surveys")
    gone = posted("Write posts", "excel", "surveys", function="marketing")
    posted("More posts", "excel", "surveys", function="marketing")
    posted("Ring riders", "excel", "surveys", function="research")
    client.force_login(amara)
    answer = client.post(f"/projects/{gone.public_id}/not-for-me/", {"why": "function"}, follow=True)
    assert "Marketing projects come later" in answer.content.decode()
    assert listed(amara) == ["Ring riders", "More posts"]
    page = client.get("/for-you/learned/").content.decode()
    assert "Marketing projects come later" in page
    assert "Write posts" in page
    client.post("/for-you/learned/forget/")
    assert not Dismissal.objects.filter(learned=True).exists()
    assert "Write posts" not in listed(amara)
    client.post(f"/projects/{gone.public_id}/not-for-me/undo/", {"from": "learned"})
    assert "Write posts" in listed(amara)


@pytest.mark.django_db
def test_without_a_reason_nothing_is_hidden(client):
    amara, project = student_with("excel"), posted("Count bikes")
    client.force_login(amara)
    for data in ({}, {"why": "race"}, {"why": "\x00"}):
        assert client.post(f"/projects/{project.public_id}/not-for-me/", data).status_code == 302
        answer = client.post(
            f"/projects/{project.public_id}/not-for-me/", data, headers={"HX-Request": "true"}
        )
        assert answer.status_code == 422
    assert listed(amara) == ["Count bikes"]
    answer = client.post(
        f"/projects/{project.public_id}/not-for-me/", {"why": "pay"}, headers={"HX-Request": "true"}
    )
    assert "Undo" in answer.content.decode()


@pytest.mark.django_db
def test_a_closed_or_hidden_project_is_gone_from_the_list_at_once():
    amara = student_with("excel")
    shut, hidden = posted("Closing soon"), posted("Hidden soon")
    people.postings.actions.close_project(by=shut.member, project=shut, reason="cancelled")
    postings.actions.pause_project(by=postings.moderator(), project=hidden, reasons="Somebody reported it")
    assert listed(amara) == []


@pytest.mark.django_db
def test_an_empty_list_says_what_to_add_and_what_that_would_open(client):
    user = student_with()
    posted("Count bikes", "excel")
    posted("Sort orders", "excel")
    client.force_login(user)
    page = client.get(URL).content.decode()
    assert "What to add next" in page
    assert "Excel: 2 open projects ask for it" in page


@pytest.mark.django_db
@pytest.mark.parametrize("count", [3, 30])
def test_the_page_costs_the_same_however_long_the_list_is(client, count, django_assert_max_num_queries):
    amara = student_with("excel")
    member = postings.person()
    halden = postings.organisation(member)
    rows = postings.rows(count, halden)
    key = Skill.objects.get(slug="excel")
    ProjectSkill.objects.bulk_create(ProjectSkill(project=row, skill=key) for row in rows)
    keeping.keep_projects([row.pk for row in rows])
    client.force_login(amara)
    client.get(URL)
    with django_assert_max_num_queries(30):
        page = client.get(URL)
    assert page.content.decode().count('class="project"') == min(count, queries.PAGE)
    assert client.get(URL, {"page": "nonsense"}).status_code == 200


@pytest.mark.django_db
def test_only_students_have_a_list(client):
    project = posted("Count bikes")
    client.force_login(project.member)
    assert client.get(URL).status_code == 302
    client.post(f"/projects/{project.public_id}/not-for-me/", {"why": "pay"})
    assert not Dismissal.objects.exists()
    with pytest.raises(Exception, match="Only students"):
        actions.dismiss(by=project.member, project=project, why="pay")
