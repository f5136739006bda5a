"""The employer's pages: the list, the form in steps, the page of one posting, and who may open them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.ground import clock
from projects.posting import actions
from projects.posting.models import Project
from projects.posting.states import ProjectState

from .postings import brief, draft, in_review, moderator, organisation, person, published, rows, student

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return person()


@pytest.fixture
def halden(member):
    return organisation(member)


@pytest.fixture
def project(member, halden):
    return draft(member, halden)


@pytest.fixture
def desk(client, member, halden):
    client.force_login(member)
    return client


def step(project, number: int) -> str:
    return reverse("posting:edit", args=[project.public_id, number])


BRIEF = {
    "title": "Count our bikes",
    "function": "data",
    "summary": "We have many bikes.",
    "outcome": "A list of bikes",
    "deliverables_0": "A list",
    "must_skills": "",
    "nice_skills": "",
    "good_to_know": "",
}
PAY = {
    "hours": "24",
    "price": "640.50",
    "start_on": "2030-03-04",
    "due_on": "2030-03-27",
    "zone": "Europe/Berlin",
    "location_mode": "hybrid",
    "location": "Northgate",
    "milestones_0_title": "Bikes counted",
    "milestones_0_outcome": "",
    "milestones_0_done_when": "Every shed is counted\nThe list is in the folder",
    "milestones_0_hours": "24",
}
QUESTIONS = {
    "questions_0": "How would you start?",
    "ai_rule": "allowed",
    "show_right": "none",
    "names_hidden": "on",
}


# --- the road through the form ---------------------------------------------------------------------------
def test_an_employer_walks_through_the_steps_without_script(desk, halden):
    response = desk.post("/posting/new/", {"template": ""})
    project = Project.objects.get()
    assert response.url == step(project, 2)
    assert desk.post(step(project, 2), BRIEF | {"do": "next"}).url == step(project, 3)
    assert desk.post(step(project, 3), PAY | {"do": "next"}).url == step(project, 4)
    assert desk.post(step(project, 4), QUESTIONS | {"do": "next"}).url == step(project, 5)
    project.refresh_from_db()
    assert (project.title, project.price, project.zone, project.step) == (
        "Count our bikes",
        64_050,
        "Europe/Berlin",
        5,
    )
    assert project.milestones.get().done_when == ["Every shed is counted", "The list is in the folder"]
    assert (project.ai_rule, project.names_hidden, project.work_authorisation) == ("allowed", True, False)
    page = desk.get(step(project, 5)).content.decode()
    assert "to fix" in page
    refused = desk.post(reverse("posting:send", args=[project.public_id]))
    assert refused.status_code == 422
    assert step(project, 2) + "#id_summary" in refused.content.decode()
    actions.save_draft(by=project.created_by, project=project, data=brief())
    assert (
        desk.post(reverse("posting:send", args=[project.public_id])).url == f"/posting/{project.public_id}/"
    )
    project.refresh_from_db()
    assert project.state == ProjectState.IN_REVIEW


def test_saving_and_leaving_leads_to_the_list(desk, project):
    assert desk.post(step(project, 2), BRIEF | {"do": "leave"}).url == "/posting/"
    assert "Count our bikes" in desk.get("/posting/?show=drafts").content.decode()


def test_rows_are_added_and_taken_away_by_buttons_and_nothing_typed_is_lost(desk, project):
    data = {"title": "Typed", "deliverables_0": "One", "deliverables_1": "Two", "do": "add-deliverables"}
    page = desk.post(step(project, 2), BRIEF | data).content.decode()
    assert 'name="deliverables_2"' in page
    assert 'value="Typed"' in page
    page = desk.post(step(project, 2), BRIEF | data | {"do": "drop-deliverables-0"}).content.decode()
    assert 'value="Two"' in page
    assert 'value="One"' not in page
    assert Project.objects.get().deliverables == ["Two"]


def test_milestones_are_added_and_taken_away(desk, project):
    page = desk.post(step(project, 3), PAY | {"do": "add-milestones"}).content.decode()
    assert 'name="milestones_1_title"' in page
    two = PAY | {"milestones_1_title": "Second", "milestones_1_hours": "4"}
    desk.post(step(project, 3), two | {"do": "drop-milestones-0"})
    assert [m.title for m in project.milestones.all()] == ["Second"]


@pytest.mark.parametrize(
    "do",
    [
        "drop-milestones-99",
        "drop-milestones-",
        "add-nothing",
        "drop-",
        "x" * 300,
        "drop-milestones-²",
        "add-milestones-1-2-3",
    ],
)
def test_a_strange_button_does_no_harm(desk, project, do):
    assert desk.post(step(project, 3), PAY | {"do": do}).status_code in (200, 302)


def test_rows_cannot_grow_without_end(desk, project):
    many = {f"milestones_{i}_title": f"Part {i}" for i in range(40)}
    page = desk.post(step(project, 3), PAY | many | {"do": "add-milestones"}).content.decode()
    assert "milestones_8_title" not in page


# --- autosave --------------------------------------------------------------------------------------------
HX = {"HX-Request": "true"}


def test_what_is_typed_is_kept_as_it_is_typed(desk, project):
    response = desk.post(step(project, 3), PAY | {"price": "720"}, headers=HX)
    page = response.content.decode()
    assert "<html" not in page
    assert "Saved at" in page
    assert 'hx-swap-oob="true"' in page
    assert Project.objects.get().price == 72_000
    for part in ("saved", "beside", "would-pass", "shares"):
        assert f'id="{part}"' in page, part


def test_what_cannot_be_kept_is_said_and_not_kept(desk, project):
    page = desk.post(step(project, 3), PAY | {"price": "a lot"}, headers=HX).content.decode()
    assert "Not saved yet: Write the amount in digits" in page
    assert Project.objects.get().price == brief()["price"]


def test_the_hourly_rate_and_a_price_that_would_pass_are_shown(desk, project):
    actions.save_draft(by=project.created_by, project=project, data={"price": 60_000})
    page = desk.get(step(project, 3)).content.decode()
    assert "$18.00" in page
    assert "Below this site’s floor" in page
    assert "$666.67" in page


# --- bad input -------------------------------------------------------------------------------------------
FIELDS = {2: BRIEF, 3: PAY, 4: QUESTIONS}
ANYTHING = ["", "x" * 6000, "<script>alert(1)</script>", "a\x00b", "-1", "9" * 300, "🚲١٢"]


@pytest.mark.parametrize(("number", "name"), [(n, f) for n, fields in FIELDS.items() for f in fields])
def test_every_field_takes_anything_without_breaking(desk, project, number, name):
    for value in ANYTHING:
        response = desk.post(step(project, number), FIELDS[number] | {name: value, "do": "next"})
        assert response.status_code in (302, 422), value[:20]
        if response.status_code == 422:
            page = response.content.decode()
            assert 'class="error"' in page, value[:20]
            assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("number", "changes", "field"),
    [
        (2, {"title": "x" * 121}, "title"),
        (2, {"deliverables_0": "x" * 201}, "deliverables_0"),
        (2, {"function": "astrology"}, "function"),
        (2, {"must_skills": "https://evil.example"}, "must_skills"),
        (3, {"price": "640.505"}, "price"),
        (3, {"hours": "many"}, "hours"),
        (3, {"start_on": "tomorrow"}, "start_on"),
        (3, {"milestones_0_hours": "a few"}, "milestones_0_hours"),
        (3, {"zone": "Mars/Olympus"}, "zone"),
        (3, {"milestones_0_title": "", "milestones_0_outcome": "A thing"}, "milestones_0_title"),
        (3, {"milestones_0_done_when": "x" * 250}, "milestones_0_done_when"),
        (4, {"questions_0": "x" * 301}, "questions_0"),
        (4, {"ai_rule": "perhaps"}, "ai_rule"),
    ],
)
def test_the_error_stands_beside_its_field_and_nothing_changes(desk, project, number, changes, field):
    before = Project.objects.values().get()
    response = desk.post(step(project, number), FIELDS[number] | changes | {"do": "next"})
    assert response.status_code == 422
    page = response.content.decode()
    assert f'id="id_{field}_error"' in page
    assert "<title>Error: " in page
    assert Project.objects.values().get() == before


# --- the list --------------------------------------------------------------------------------------------
def test_the_list_shows_each_state_and_what_comes_next(desk, member, halden):
    draft(member, halden, title="Still a draft")
    in_review(member, halden, title="Ask riders what stops them")
    open_one = published(member, halden)
    page = desk.get("/posting/").content.decode()
    assert "Applications until" in page
    assert "A moderator is reading it" in page
    assert "Still a draft" not in page
    assert "Still a draft" in desk.get("/posting/?show=drafts").content.decode()
    actions.close_project(by=member, project=open_one, reason="cancelled")
    assert "Cancelled by the employer" in desk.get("/posting/?show=closed").content.decode()


@pytest.mark.parametrize(
    "query", ["show=nothing", "page=-1", "page=abc", "show=open&page=999999999999999999999"]
)
def test_the_list_answers_any_query(desk, project, query):
    assert desk.get(f"/posting/?{query}").status_code == 200


def test_somebody_without_an_organisation_is_shown_the_way(client):
    client.force_login(student())
    assert "You do not post for an organisation yet" in client.get("/posting/").content.decode()
    assert client.get("/posting/new/").url.startswith(reverse("employers:new"))


def test_the_first_page_of_an_employer_offers_a_template(desk):
    assert "Post your first project" in desk.get("/posting/").content.decode()


def test_the_list_has_a_constant_number_of_queries(desk, halden):
    def count():
        with CaptureQueriesContext(connection) as caught:
            desk.get("/posting/")
        return len(caught)

    rows(10, halden)
    count()
    few = count()
    rows(190, halden)
    assert count() == few


def test_posting_for_somebody_elses_organisation_is_not_found(desk):
    other = organisation(person(), name="Other Company")
    response = desk.post("/posting/new/", {"template": "", "organisation": other.public_id})
    assert response.status_code == 404
    assert not Project.objects.exists()


# --- one posting -----------------------------------------------------------------------------------------
def test_the_page_says_where_it_stands_and_what_can_be_done(desk, member, halden):
    reader = moderator()
    project = in_review(member, halden)
    url = reverse("posting:manage", args=[project.public_id])
    assert "Take it back and change it" in desk.get(url).content.decode()
    actions.send_back(by=reader, project=project, reasons="Say who sends the survey.")
    page = desk.get(url).content.decode()
    assert "A moderator asks you to change this" in page
    assert "Say who sends the survey." in page
    actions.send_project(by=member, project=project)
    actions.publish_project(by=reader, project=project)
    page = desk.get(url).content.decode()
    assert "Extend the window" in page
    assert "Close this project?" in page


def test_the_buttons_of_one_posting_do_what_they_say(desk, member, halden):
    project = published(member, halden)
    act = {
        name: reverse(f"posting:{name}", args=[project.public_id])
        for name in ("extend", "duplicate", "close")
    }
    before = project.apply_by
    desk.post(act["extend"])
    project.refresh_from_db()
    assert project.apply_by > before
    assert desk.post(act["extend"]).status_code == 409
    copy = desk.post(act["duplicate"]).url
    assert Project.objects.filter(state=ProjectState.DRAFT).count() == 1
    assert copy == step(Project.objects.get(state=ProjectState.DRAFT), 2)
    desk.post(act["close"])
    project.refresh_from_db()
    assert project.closed_reason == "cancelled"
    assert desk.post(act["close"]).status_code == 409


def test_a_draft_that_is_thrown_away_leaves_the_list(desk, project):
    desk.post(reverse("posting:close", args=[project.public_id]))
    assert "is thrown away" in desk.get("/posting/").content.decode()  # said once
    for show in ("open", "drafts", "closed"):
        assert project.title not in desk.get(f"/posting/?show={show}").content.decode()


def test_the_check_and_the_preview_are_shown(desk, project):
    assert "Brief check" in desk.get(reverse("posting:check", args=[project.public_id])).content.decode()
    page = desk.get(reverse("posting:preview", args=[project.public_id])).content.decode()
    assert project.title in page
    assert "Notes of ten calls are in the shared folder" in page


def test_a_posting_that_cannot_be_changed_leads_to_its_page(desk, member, halden):
    project = published(member, halden)
    for number in (1, 2, 5):
        assert desk.get(step(project, number)).url == reverse("posting:manage", args=[project.public_id])
    assert desk.post(step(project, 2), BRIEF).status_code == 302
    assert Project.objects.get().title == project.title


@pytest.mark.parametrize("number", [0, 6, 99])
def test_there_are_five_steps(desk, project, number):
    assert desk.get(step(project, number)).status_code == 404


# --- who may ---------------------------------------------------------------------------------------------
PAGES = ["manage", "check", "preview", "edit"]
ACTS = ["send", "take-back", "close", "extend", "duplicate"]


def address(name: str, project) -> str:
    return reverse(f"posting:{name}", args=[project.public_id, 2] if name == "edit" else [project.public_id])


@pytest.mark.parametrize("state", ["draft", "published"])
def test_everybody_else_finds_nothing_here_and_changes_nothing(client, member, halden, state):
    project = draft(member, halden) if state == "draft" else published(member, halden)
    other = person("Other Employer")
    organisation(other, name="Other Company")
    before = Project.objects.values().get()
    for user in (student(), other):
        client.force_login(user)
        for name in PAGES:
            assert client.get(address(name, project)).status_code == 404, name
        for name in [*ACTS, "edit"]:
            assert client.post(address(name, project)).status_code == 404, name
    assert Project.objects.values().get() == before


def test_visitors_sign_in_first(client, project):
    client.logout()
    for name in PAGES:
        assert "/account/login/" in client.get(address(name, project)).url
    for name in ACTS:
        assert "/account/login/" in client.post(address(name, project)).url


def test_a_moderator_looks_at_the_page_but_has_no_employers_buttons(client, member, halden):
    project = in_review(member, halden)
    client.force_login(moderator())
    assert client.get(address("manage", project)).status_code == 200
    for name in ("send", "take-back", "close", "extend", "duplicate"):
        assert client.post(address(name, project)).status_code == 403
    assert Project.objects.get().state == ProjectState.IN_REVIEW


def test_acts_are_not_done_by_following_a_link(desk, project):
    for name in ACTS:
        assert desk.get(address(name, project)).status_code == 405
    assert Project.objects.get().state == ProjectState.DRAFT


def test_dates_are_written_in_the_viewers_zone(desk, member, halden):
    project = published(member, halden)
    member.zone = "Asia/Tokyo"
    member.save()
    page = desk.get(address("manage", project)).content.decode()
    from zoneinfo import ZoneInfo

    local = project.apply_by.astimezone(ZoneInfo("Asia/Tokyo"))
    assert f"{local:%H:%M}" in re.sub(r"\s+", " ", page)
    assert project.apply_by > clock.now() + timedelta(days=6)
