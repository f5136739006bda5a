"""The page of a project: who sees it, what it tells people and search engines, and keeping it for later."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.notifications.models import Notification
from accounts.skills.models import Skill
from marketplace.ground import clock
from projects.applying.models import Application
from projects.matching import keeping
from projects.posting import actions as postings
from projects.posting import queries as posting_queries
from projects.posting.models import Project
from projects.posting.states import ClosedReason
from projects.search import actions, panels, tasks
from projects.search.models import Bookmark

from .postings import draft, in_review, moderator, organisation, person, published, rows, student

pytestmark = pytest.mark.django_db


def skill(name: str, **fields) -> Skill:
    return Skill.objects.create(
        slug=name.lower().replace(" ", "-"), name=name, function="data", state="accepted", **fields
    )


# --- who sees what ---------------------------------------------------------------------------------------
@pytest.fixture
def cast():
    member, reader = person(), moderator()
    halden = organisation(member)
    return {
        "visitor": None,
        "student": student(),
        "applicant": student("Applying Person"),
        "member": member,
        "other employer": organisation_member(),
        "moderator": reader,
        "halden": halden,
    }


def organisation_member():
    user = person("Other Employer")
    organisation(user, name="Other Company")
    return user


EVERYBODY = {"visitor", "student", "applicant", "member", "other employer", "moderator"}
INSIDE = {"member", "moderator"}
SEEN = {  # state of the posting -> who gets an answer at its address
    "draft": INSIDE,
    "in review": INSIDE,
    "open": EVERYBODY,
    "paused": INSIDE | {"applicant"},
    "suspended": INSIDE | {"applicant"},
    "expired": EVERYBODY,
    "removed": INSIDE | {"applicant"},
}


def posting(state: str, cast) -> Project:
    member, halden, reader = cast["member"], cast["halden"], cast["moderator"]
    if state == "draft":
        return draft(member, halden)
    if state == "in review":
        return in_review(member, halden)
    project = published(member, halden, reader)
    Application.objects.create(
        project=project, student=cast["applicant"], state="submitted", submitted_at=clock.now()
    )
    if state == "paused":
        postings.pause_project(by=reader, project=project, reasons="A report.")
    if state == "suspended":
        halden.suspended_at = clock.now()
        halden.save()
    if state == "expired":
        postings.close_project(by=None, project=project, reason=ClosedReason.EXPIRED)
    if state == "removed":
        postings.remove_project(by=reader, project=project, reasons="Unsafe.")
    return project


@pytest.mark.parametrize("state", SEEN)
def test_an_address_answers_only_those_who_may_see_the_posting(client, cast, state):
    project = posting(state, cast)
    url = reverse("search:project", args=[project.public_id])
    answered = set()
    for name in EVERYBODY:
        client.logout()
        if cast[name]:
            client.force_login(cast[name])
        response = client.get(url)
        assert response.status_code in (200, 404), name
        if response.status_code == 200:
            answered.add(name)
    assert answered == SEEN[state]


@pytest.mark.parametrize("state", SEEN)
def test_only_an_open_posting_is_listed(cast, state):
    project = posting(state, cast)
    listed = Project.objects.filter(pk=project.pk) & posting_queries.open_now()
    assert listed.exists() == (state == "open")


def test_a_stranger_on_a_closed_posting_sees_that_it_is_closed_and_what_is_open(client, cast):
    project = posting("expired", cast)
    other = rows(1, cast["halden"], function="research")[0]
    keeping.keep_projects([other.pk])
    page = client.get(reverse("search:project", args=[project.public_id])).content.decode()
    assert "closed on" in page
    assert project.summary[:40] not in page
    assert other.title in page
    client.force_login(cast["applicant"])
    assert (
        project.summary[:40]
        in client.get(reverse("search:project", args=[project.public_id])).content.decode()
    )


def queries_of(client, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


# --- the project page ------------------------------------------------------------------------------------
def structured(page: str) -> dict:
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)[1])


def test_the_page_of_an_open_project_carries_a_job_posting_with_the_net_rate(client):
    member = person()
    project = published(member, organisation(member, website="https://halden.example"))
    data = structured(client.get(reverse("search:project", args=[project.public_id])).content.decode())
    assert data["@type"] == "JobPosting"
    assert data["baseSalary"] == {
        "@type": "MonetaryAmount",
        "currency": "USD",
        "value": {"@type": "QuantitativeValue", "value": "22.50", "unitText": "HOUR"},
    }
    assert data["hiringOrganization"]["name"] == "Halden Bikes"
    assert data["validThrough"] == project.apply_by.isoformat()
    assert data["jobLocationType"] == "TELECOMMUTE"
    assert data["applicantLocationRequirements"] == {"@type": "Country", "name": "US"}


def test_a_project_on_site_names_its_place():
    from projects.posting.showing import show
    from projects.search.structured import job_posting

    member = person()
    project = published(member, organisation(member), location_mode="onsite", location="Northgate")
    data = job_posting(show(project))
    assert data["jobLocation"]["address"] == {
        "@type": "PostalAddress",
        "addressLocality": "Northgate",
        "addressCountry": "US",
    }


def test_what_people_write_cannot_leave_the_structured_data(client):
    halden = organisation(name="</script><script>alert(1)</script>")
    project = rows(1, halden, title="</script><img src=x>", summary="<b>bold</b> & more\u2028")[0]
    page = client.get(reverse("search:project", args=[project.public_id])).content.decode()
    assert "<script>alert(1)" not in page
    assert "<img src=x>" not in page
    assert structured(page)["title"] == "</script><img src=x>"
    assert "<b>bold" not in structured(page)["description"]


def test_a_posting_that_takes_no_applications_has_no_structured_data(client, cast):
    project = posting("open", cast)
    Project.objects.update(apply_by=clock.now() - timedelta(hours=1))
    page = client.get(reverse("search:project", args=[project.public_id])).content.decode()
    assert "ld+json" not in page
    assert "Applications are closed" in page


def test_the_first_project_of_an_employer_says_when_pay_is_released(client):
    member = person()
    one = [{"title": "All of it", "done_when": ["The map is in the folder"], "hours": "16"}]
    project = published(
        member,
        organisation(member, proven=False),
        hours="16",
        price=40_000,
        milestones=one,
        deliverables=["A map of one page"],
    )
    page = client.get(reverse("search:project", args=[project.public_id])).content.decode()
    assert "released 7 days after each approval" in page


def test_later_rooms_fill_their_places_on_the_page(client, monkeypatch, cast):
    monkeypatch.setattr(panels, "_panels", {})
    panels.register("apply", lambda request, project: {"template": "components/alert.html", "title": "x"})
    panels.register("fit", lambda request, project: None)
    project = posting("open", cast)
    page = client.get(reverse("search:project", args=[project.public_id]))
    assert page.context["panels"] == {"apply": {"template": "components/alert.html", "title": "x"}}
    with pytest.raises(ValueError, match="no place called"):
        panels.register("elsewhere", print)


def test_the_project_page_has_a_constant_number_of_queries(client):
    member = person()
    halden = organisation(member)
    url = reverse("search:project", args=[published(member, halden).public_id])
    keeping.keep_projects([one.pk for one in rows(3, halden, function="research")])
    client.get(url)
    few = queries_of(client, url)
    project = Project.objects.get(public_id=url.split("/")[-2])
    for place in range(3, 9):
        project.milestones.create(order=place, title=f"Part {place}", hours=1)
        project.project_skills.create(skill=skill(f"Skill {place}"))
    keeping.keep_projects([one.pk for one in rows(50, halden, function="research")])
    assert queries_of(client, url) == few


# --- bookmarks -------------------------------------------------------------------------------------------
def test_saving_twice_is_saving_once_and_it_can_be_undone(client, cast):
    project = posting("open", cast)
    client.force_login(cast["student"])
    url = reverse("search:bookmark", args=[project.public_id])
    for _ in range(2):
        assert client.post(url + "?saved=1").status_code == 302
    assert Bookmark.objects.count() == 1
    button = client.post(url + "?saved=0", headers={"HX-Request": "true"}).content.decode()
    assert 'aria-pressed="false"' in button
    assert "saved=1" in button
    assert not Bookmark.objects.exists()


@pytest.mark.parametrize("state", ["draft", "paused", "removed"])
def test_what_one_cannot_see_cannot_be_saved(client, cast, state):
    project = posting(state, cast)
    client.force_login(cast["other employer"])
    assert client.post(reverse("search:bookmark", args=[project.public_id])).status_code == 404
    assert not Bookmark.objects.exists()


def test_visitors_are_asked_to_sign_in_before_saving(client, cast):
    project = posting("open", cast)
    response = client.post(reverse("search:bookmark", args=[project.public_id]))
    assert "/account/login/" in response.url
    assert not Bookmark.objects.exists()


def test_saving_never_leads_off_the_site(client, cast):
    client.force_login(cast["student"])
    project = posting("open", cast)
    response = client.post(
        reverse("search:bookmark", args=[project.public_id]), {"next": "https://evil.example/"}
    )
    assert response.url == reverse("search:project", args=[project.public_id])


def test_the_saved_list_keeps_closed_projects_and_says_so(client, cast):
    project = posting("expired", cast)
    actions.save_project(by=cast["student"], project=project)
    client.force_login(cast["student"])
    page = client.get("/saved/").content.decode()
    assert project.title in page
    assert "No longer open" in page


def test_a_saved_project_is_recalled_two_days_before_it_closes_and_once(cast):
    project = posting("open", cast)
    for user in (cast["student"], cast["applicant"]):
        actions.save_project(by=user, project=project)
    assert tasks.reminders() == 0
    clock.advance(project.apply_by - clock.now() - timedelta(hours=47))
    assert tasks.reminders() == 1
    assert tasks.reminders() == 0
    assert [n.user for n in Notification.objects.filter(kind="saved_closing")] == [cast["student"]]


def test_a_moved_deadline_recalls_anew(cast):
    project = posting("open", cast)
    actions.save_project(by=cast["student"], project=project)
    clock.advance(project.apply_by - clock.now() - timedelta(hours=47))
    assert tasks.reminders() == 1
    postings.extend_window(by=cast["member"], project=project)
    assert tasks.reminders() == 0
    clock.advance(project.apply_by - clock.now() - timedelta(hours=47))
    assert tasks.reminders() == 1
