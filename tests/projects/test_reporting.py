"""Reporting a posting, a person or a message, what is hidden at once, and the answer."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts.notifications.models import Notification
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from projects.applying.models import Application
from projects.posting.models import Project
from projects.reporting import actions, queries
from projects.reporting.models import Report

from .postings import moderator, organisation, person, published, student

pytestmark = pytest.mark.django_db


def verified(name: str = "Vera Fied"):
    user = student(name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def member():
    return person()


@pytest.fixture
def project(member):
    return published(member, organisation(member))


@pytest.fixture
def unproven(member):
    one = [{"title": "All of it", "done_when": ["The map is in the folder"], "hours": "16"}]
    return published(
        member,
        organisation(member, proven=False),
        hours="16",
        price=40_000,
        milestones=one,
        deliverables=["A map of one page"],
    )


def report(by, project, reason="fraud", text="They ask for a deposit.") -> Report:
    return actions.make_report(by=by, kind="posting", target=project, reason=reason, text=text)


def is_paused(project) -> bool:
    return Project.objects.get(pk=project.pk).paused_at is not None


# --- making one ------------------------------------------------------------------------------------------
def test_a_report_is_to_be_answered_by_the_next_business_day(project):
    made = report(student(), project)
    assert made.state == "open"
    assert timedelta(hours=12) < made.answer_by - clock.now() < timedelta(days=6)


def test_one_report_of_fraud_hides_the_posting_of_an_unproven_employer(unproven, member):
    report(student(), unproven)
    assert is_paused(unproven)
    assert any(
        "hidden" in title
        for title in Notification.objects.filter(user=member).values_list("title", flat=True)
    )


def test_one_report_of_something_else_does_not(unproven):
    report(student(), unproven, reason="unpaid")
    assert not is_paused(unproven)


def test_a_proven_employer_is_hidden_by_two_reports_from_verified_accounts(project):
    report(verified(), project)
    assert not is_paused(project)
    report(student(), project)
    assert not is_paused(project), "the second account is not verified"
    report(verified(), project, reason="unsafe")
    assert is_paused(project)


def test_one_person_cannot_report_the_same_thing_twice(project):
    reporter = student()
    report(reporter, project)
    with pytest.raises(WrongMoment, match="already"):
        report(reporter, project)
    assert Report.objects.count() == 1


def test_nobody_reports_their_own(project, member):
    with pytest.raises(NotAllowed):
        report(member, project)
    with pytest.raises(NotAllowed):
        actions.make_report(by=member, kind="person", target=member, reason="fraud")


@pytest.mark.parametrize(
    ("reason", "text", "field"),
    [("", "", "reason"), ("nonsense", "", "reason"), ("fraud", "x" * 2001, "text"), ("other", "  ", "text")],
)
def test_a_bad_report_is_refused_beside_the_field(project, reason, text, field):
    with pytest.raises(Invalid) as refused:
        report(student(), project, reason, text)
    assert list(refused.value.message_dict) == [field]
    assert not Report.objects.exists()


# --- answering -------------------------------------------------------------------------------------------
def test_a_dismissed_report_shows_the_posting_again_and_tells_the_reporter(unproven):
    reporter = student()
    made = report(reporter, unproven)
    actions.answer_report(
        by=moderator(), report=made, uphold=False, answer="We rang them: it is a real shop."
    )
    assert not is_paused(unproven)
    told = Notification.objects.get(user=reporter, kind="report_answered")
    assert "real shop" in told.body


def test_an_upheld_report_keeps_it_hidden(project):
    made = report(student(), project)
    assert not is_paused(project)
    actions.answer_report(by=moderator(), report=made, uphold=True, answer="You were right.")
    assert is_paused(project)


def test_the_posting_stays_hidden_while_another_report_is_open(unproven):
    reader = moderator()
    first, second = report(student(), unproven), report(student(), unproven)
    actions.answer_report(by=reader, report=first, uphold=False, answer="No.")
    assert is_paused(unproven)
    actions.answer_report(by=reader, report=second, uphold=False, answer="No.")
    assert not is_paused(unproven)


def test_what_a_moderator_hid_is_not_shown_again_by_the_rule(project):
    from projects.posting.actions import pause_project

    reader, made = moderator(), report(student(), project)
    pause_project(by=reader, project=project, reasons="I am asking them something.")
    actions.answer_report(by=reader, report=made, uphold=False, answer="No.")
    assert is_paused(project)


def test_only_another_moderator_answers_and_only_once(project):
    reader = moderator()
    made = report(reader, project)
    with pytest.raises(WrongMoment, match="another moderator"):
        actions.answer_report(by=reader, report=made, uphold=True, answer="Yes")
    with pytest.raises(NotAllowed):
        actions.answer_report(by=student(), report=made, uphold=True, answer="Yes")
    other = moderator()
    with pytest.raises(Invalid):
        actions.answer_report(by=other, report=made, uphold=True, answer="")
    actions.answer_report(by=other, report=made, uphold=True, answer="Yes")
    with pytest.raises(WrongMoment, match="answered"):
        actions.answer_report(by=other, report=made, uphold=False, answer="No")


# --- who may report whom ---------------------------------------------------------------------------------
def test_people_who_met_through_an_application_can_report_each_other(project, member):
    applicant, other = student(), student()
    Application.objects.create(
        project=project, student=applicant, state="submitted", submitted_at=clock.now()
    )
    assert applicant in queries.people_seen_by(member)
    assert member in queries.people_seen_by(applicant)
    assert not queries.people_seen_by(other).exists()
    assert applicant not in queries.people_seen_by(other)


# --- pages -----------------------------------------------------------------------------------------------
def url_of(project) -> str:
    return reverse("reporting:new", args=["posting", project.public_id])


def test_the_form_reports_and_leads_to_ones_own_reports(client, project):
    client.force_login(student())
    assert client.get(url_of(project)).status_code == 200
    response = client.post(url_of(project), {"reason": "fraud", "text": "A deposit <b>first</b>"})
    assert response.url == "/reports/"
    page = client.get("/reports/").content.decode()
    assert "A deposit &lt;b&gt;first&lt;/b&gt;" in page
    assert client.get(url_of(project)).status_code == 409


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"reason": "x"},
        {"reason": "fraud", "text": "x" * 2001},
        {"reason": "fraud", "text": "a\x00b"},
        {"reason": "other"},
    ],
)
def test_bad_input_is_refused_and_kept(client, project, data):
    client.force_login(student())
    response = client.post(url_of(project), data)
    assert response.status_code == 422
    assert 'class="error"' in response.content.decode()
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "address", ["/report/nothing/abc/", "/report/posting/abc/", "/report/person/abc/", "/report/message/abc/"]
)
def test_what_one_cannot_see_cannot_be_reported(client, address):
    client.force_login(student())
    assert client.get(address).status_code == 404


def test_visitors_sign_in_first(client, project):
    assert "/account/login/" in client.get(url_of(project)).url
    assert "/account/login/" in client.get("/reports/").url
