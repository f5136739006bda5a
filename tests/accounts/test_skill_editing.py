"""A moderator edits the vocabulary in the admin: names, kind and closeness, and lists follow."""

import pytest
from django.urls import reverse

from accounts.models import StudentSkill
from accounts.skills import actions, editing, queries
from accounts.skills.models import Skill
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from projects.matching import queries as matching
from projects.matching import tasks, vectors
from projects.matching.models import ProjectMatch, StudentMatch
from tests.projects import people, postings
from tests.projects.test_matching import project_for, skill, student_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator():
    return postings.moderator()


def edit(by, one: Skill, **changes) -> Skill:
    given = {name: getattr(one, name) for name in ("name", "function", "kind", "aliases", "near")}
    return editing.edit_skill(by=by, skill=one, **given | changes)


def form_of(one: Skill, **changes) -> dict:
    return {
        "name": one.name,
        "function": one.function,
        "kind": one.kind,
        "aliases": ", ".join(one.aliases),
        "near": "",
    } | changes


def address(one: Skill) -> str:
    return reverse("admin:accounts_skill_act", args=[one.pk, "edit"])


def test_the_form_shows_what_is_there_and_writes_both_sides(client, moderator):
    excel, sheets = skill("excel"), skill("sheets")
    client.force_login(moderator)
    done = client.post(
        address(excel),
        form_of(excel, name="Excel tables", kind="tool", aliases="XLS, Calc", near="Sheets 0.85"),
    )
    assert done.status_code == 302
    excel.refresh_from_db(), sheets.refresh_from_db()
    assert (excel.name, excel.kind, excel.aliases) == ("Excel tables", "tool", ["XLS", "Calc"])
    assert (excel.near, sheets.near) == ({"sheets": 0.85}, {"excel": 0.85})
    assert queries.resolve("calc") == excel
    assert "sheets 0.85" in client.get(address(excel)).content.decode()
    page = client.get(reverse("admin:accounts_skill_change", args=[excel.pk])).content.decode()
    assert "Close skills" in page
    assert "0.85" in page
    client.post(address(excel), form_of(excel))
    excel.refresh_from_db(), sheets.refresh_from_db()
    assert (excel.near, sheets.near) == ({}, {})


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "x", "2 to 60 characters"),
        ("name", "Welding", "already stands for Welding"),
        ("aliases", "welding", "already stands for Welding"),
        ("near", "Nothing 0.8", "is no skill of the vocabulary"),
        ("near", "Excel 0.8", "not close to itself"),
        ("near", "Welding 0.3", "between 0.6 and 1"),
        ("near", "Welding", "such as 0.8"),
        ("near", "Welding nan", "between 0.6 and 1"),
        ("function", "magic", "magic"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_changes(client, moderator, field, value, words):
    excel = skill("excel")
    skill("welding")
    client.force_login(moderator)
    answer = client.post(address(excel), form_of(excel, **{field: value}))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    excel.refresh_from_db()
    assert (excel.name, excel.aliases, excel.near, excel.edited_at) == ("Excel", [], {}, None)


def test_one_language_never_stands_in_for_another(moderator):
    spanish, french = skill("spanish"), skill("french")
    Skill.objects.filter(slug__in=("spanish", "french")).update(kind="language")
    spanish.refresh_from_db()
    with pytest.raises(Invalid, match="does not stand in"):
        edit(moderator, spanish, near={"french": 0.9})
    assert not french.near


def test_only_a_moderator_edits_and_a_proposal_is_accepted_first(moderator):
    excel, amara = skill("excel"), people.student()
    with pytest.raises(NotAllowed):
        edit(amara, excel, name="Other")
    proposal = actions.propose_skill(by=amara, name="Beekeeping")
    with pytest.raises(WrongMoment):
        edit(moderator, proposal, function="research")


def test_the_shipped_list_gives_way_to_what_a_moderator_wrote(moderator):
    actions.load_skills()
    excel = edit(moderator, Skill.objects.get(slug="excel"), name="Excel, the tables")
    assert actions.load_skills() == 0
    excel.refresh_from_db()
    assert excel.name == "Excel, the tables"


def test_lists_follow_at_once(moderator, django_capture_on_commit_callbacks):
    user, project = student_with("sheets", open_to_invitations=True), project_for("excel")
    assert not matching.students_for(project, 5)
    with django_capture_on_commit_callbacks(execute=True):
        edit(moderator, skill("excel"), near={"sheets": 1.0})
    tasks.skills([skill("excel").pk, skill("sheets").pk])
    ((profile, found),) = matching.students_for(project, 5)
    assert profile == user.student
    assert found.near == (("Excel", "Sheets"),)
    assert StudentSkill.objects.count() == 1  # nobody's profile was touched


# --- the front page --------------------------------------------------------------------------------------
def test_the_front_page_says_how_many_have_no_vector_and_which_projects_stand_in_no_list(client, moderator):
    student_with("excel"), project_for("excel")
    client.force_login(moderator)

    def line() -> str:
        page = client.get(reverse("admin:index")).content.decode()
        return page.split(">Matching</th>")[1].split("</tr>")[0]

    if vectors.available():
        assert "1 of 1 students and 1 of 1 projects without a vector yet" in line()
        StudentMatch.objects.update(vector_version=vectors.VERSION)
        assert "1 of 1 projects without a vector yet" in line()
        assert "students" not in line()
        ProjectMatch.objects.update(vector_version=vectors.VERSION)
        assert "1 students and 1 projects, all with vectors" in line()
    else:
        assert "the sentence model is not installed" in line()
    ProjectMatch.objects.all().delete()
    assert "1 open project in no list yet" in line()
    assert "Down" in line()
