"""What becomes of a posting that was sent: a moderator's word, the window, the end, and two who act at once."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from accounts.notifications.models import Notification
from marketplace.ground import clock, policy
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.models import StateChange
from projects.applying.models import Application
from projects.hiring.models import Engagement, Offer
from projects.posting import actions, queries, signals, tasks
from projects.posting.models import Project
from projects.posting.states import ClosedReason, ProjectState
from projects.search.models import OpenProject

from .postings import draft, in_review, moderator, organisation, person, published, rows, student

pytestmark = pytest.mark.django_db


def titles(user):
    return list(Notification.objects.filter(user=user).values_list("title", flat=True))


def small(member, halden, **changes):
    one = [{"title": "All of it", "done_when": ["The map is in the folder"], "hours": "16"}]
    return draft(
        member,
        halden,
        hours="16",
        price=40_000,
        milestones=one,
        deliverables=["A map of one page"],
        **changes,
    )


# --- the moderator ---------------------------------------------------------------------------------------
def test_publication_sets_the_window_the_fee_and_the_lists_and_tells_the_employer():
    member, heard = person(), []

    def listen(sender, project, **_):
        heard.append(project.pk)

    signals.project_published.connect(listen)
    try:
        project = published(member, organisation(member))
    finally:
        signals.project_published.disconnect(listen)
    rules = policy.current()
    assert heard == [project.pk]
    assert project.apply_by - project.published_at >= timedelta(days=rules.application_window_days)
    assert project.answer_by > project.apply_by
    assert project.closes_silently_at > project.answer_by
    assert (project.fee_bp, project.application_cap) == (rules.fee_bp, rules.application_cap)
    assert OpenProject.objects.filter(pk=project.pk).exists()
    assert f"Your project is open: {project.title}" in titles(member)


def test_no_end_of_a_window_falls_into_the_night():
    from zoneinfo import ZoneInfo

    member = person()
    project = published(member, organisation(member))
    for name in ("apply_by", "answer_by", "closes_silently_at"):
        local = getattr(project, name).astimezone(ZoneInfo(project.zone))
        assert 7 <= local.hour < 22, name


def test_a_moderator_sends_a_posting_back_with_reasons_and_it_can_be_mended():
    member, reader = person(), moderator()
    project = in_review(member, organisation(member))
    with pytest.raises(Invalid):
        actions.send_back(by=reader, project=project, reasons="  ")
    actions.send_back(by=reader, project=project, reasons="Say who sends the survey.")
    assert project.state == ProjectState.DRAFT
    assert queries.mine(member).get().last_reasons == "Say who sends the survey."
    assert "Please change a few things" in titles(member)[0]
    assert actions.send_project(by=member, project=project).state == ProjectState.IN_REVIEW


def test_only_another_moderator_decides():
    member = person(is_staff=True)
    halden = organisation(member)
    project = in_review(member, halden)
    with pytest.raises(WrongMoment, match="another moderator"):
        actions.publish_project(by=member, project=project)
    outsider = person()
    for act in (actions.publish_project, actions.remove_project, actions.send_back):
        with pytest.raises(NotAllowed):
            act(by=outsider, project=project, reasons="Because")
    assert Project.objects.get().state == ProjectState.IN_REVIEW


def test_what_became_wrong_while_it_waited_is_found_again_at_publication():
    member, reader = person(), moderator()
    project = in_review(member, organisation(member))
    Project.objects.update(start_on=(clock.now() - timedelta(days=3)).date())
    with pytest.raises(Invalid) as refused:
        actions.publish_project(by=reader, project=project)
    assert "start_on" in refused.value.message_dict


def completed(project, worker, **fields):
    """A completed engagement, straight into the tables."""
    application = Application.objects.create(project=project, student=worker, state="hired")
    day = clock.now().date()
    offer = Offer.objects.create(
        project=project,
        application=application,
        state="accepted",
        start_on=day,
        due_on=day,
        expires_at=clock.now(),
    )
    return Engagement.objects.create(
        project=project,
        application=application,
        offer=offer,
        organisation=project.organisation,
        student=worker,
        state="completed",
        price=project.price,
        fee=0,
        currency="USD",
        policy={},
        fund_by=clock.now(),
        start_on=day,
        due_on=day,
        **fields,
    )


def sample(one_in: int) -> None:
    rules = policy.current()
    rules.sample_one_in = one_in
    rules.save()


def test_an_employer_whose_work_went_well_is_published_at_once_and_some_are_still_read():
    member, workers = person(), [student() for _ in range(3)]
    halden = organisation(member)
    sample(0)
    for worker, earlier in zip(workers, rows(3, halden), strict=True):
        assert actions.send_project(by=member, project=draft(member, halden)).state == ProjectState.IN_REVIEW
        completed(earlier, worker)
    assert actions.send_project(by=member, project=draft(member, halden)).state == ProjectState.PUBLISHED
    sample(2)
    states = {actions.send_project(by=member, project=draft(member, halden)).state for _ in range(30)}
    assert states == {ProjectState.PUBLISHED, ProjectState.IN_REVIEW}


@pytest.mark.parametrize(("one_in", "button"), [(0, "Publish"), (1, "Send to a moderator")])
def test_the_page_says_what_sending_will_do(client, one_in, button):
    member = person()
    halden = organisation(member)
    for earlier in rows(3, halden):
        completed(earlier, student())
    sample(one_in)
    project = draft(member, halden)
    client.force_login(member)
    for page in (
        reverse("posting:edit", args=[project.public_id, 5]),
        reverse("posting:manage", args=[project.public_id]),
    ):
        found = {"Publish", "Send to a moderator"} & set(
            re.findall(r"(Publish|Send to a moderator)</button>", client.get(page).content.decode())
        )
        assert found == {button}
    state = actions.send_project(by=member, project=project).state
    assert (state == ProjectState.PUBLISHED) == (button == "Publish")


def test_sending_again_does_not_draw_again():
    member = person()
    halden = organisation(member)
    for earlier in rows(3, halden):
        completed(earlier, student())
    sample(1)
    project = draft(member, halden)
    for _ in range(3):
        assert actions.send_project(by=member, project=project).state == ProjectState.IN_REVIEW
        actions.take_back(by=member, project=project)


@pytest.mark.parametrize("spoilt", ["one student", "a dispute"])
def test_trust_needs_three_different_students_and_no_dispute(spoilt):
    member, worker = person(), student()
    halden = organisation(member)
    for earlier in rows(3, halden):
        completed(
            earlier,
            worker if spoilt == "one student" else student(),
            disputed_at=clock.now() if spoilt == "a dispute" else None,
        )
    sample(0)
    assert actions.send_project(by=member, project=draft(member, halden)).state == ProjectState.IN_REVIEW


def test_what_needs_a_moderator_is_read_even_for_a_trusted_employer():
    member = person()
    halden = organisation(member)
    for earlier in rows(3, halden):
        completed(earlier, student())
    states = {
        actions.send_project(by=member, project=draft(member, halden, price=60_000)).state for _ in range(8)
    }
    assert states == {ProjectState.IN_REVIEW}


def test_a_removed_posting_is_closed_for_that_reason_and_in_no_list():
    member, reader, heard = person(), moderator(), []
    project = published(member, organisation(member), reader)

    def listen(sender, reason, by, **_):
        heard.append((reason, by))

    signals.project_closed.connect(listen)
    try:
        actions.remove_project(by=reader, project=project, reasons="It asks for unpaid work.")
    finally:
        signals.project_closed.disconnect(listen)
    assert heard == [(ClosedReason.REMOVED, reader)]
    project.refresh_from_db()
    assert (project.state, project.closed_reason) == ("closed", "removed")
    assert not OpenProject.objects.exists()
    assert any("removed" in title for title in titles(member))


def test_pausing_hides_and_resuming_gives_the_time_back():
    member, reader = person(), moderator()
    project = published(member, organisation(member), reader)
    before = project.apply_by, project.answer_by, project.closes_silently_at
    actions.pause_project(by=reader, project=project, reasons="We are looking at a report.")
    assert not queries.open_now().exists()
    clock.advance(timedelta(days=2))
    actions.resume_project(by=reader, project=project)
    after = project.apply_by, project.answer_by, project.closes_silently_at
    assert all(
        timedelta(days=2) <= b - a < timedelta(days=2, minutes=1) for a, b in zip(before, after, strict=True)
    )
    assert queries.open_now().exists()
    with pytest.raises(WrongMoment):
        actions.resume_project(by=reader, project=project)


def test_a_strike_can_be_lifted_on_appeal_and_postings_go_on():
    member, reader = person(), moderator()
    halden = organisation(member)
    silent = [published(member, halden) for _ in range(2)]
    for project in silent:
        actions.close_project(by=None, project=project, reason=ClosedReason.SILENT)
    assert "without an answer" in queries.caps(halden)
    with pytest.raises(NotAllowed):
        actions.lift_strike(by=member, project=silent[0], reasons="Please")
    with pytest.raises(Invalid):
        actions.lift_strike(by=reader, project=silent[0], reasons="")
    actions.lift_strike(by=reader, project=silent[0], reasons="They were in hospital.")
    assert queries.caps(halden) is None
    assert silent[0].closed_reason == ClosedReason.SILENT, "the public record stays"
    with pytest.raises(WrongMoment):
        actions.lift_strike(by=reader, project=silent[0], reasons="Again")


# --- the window and the end ------------------------------------------------------------------------------
def test_the_window_can_be_extended_once_while_it_is_open():
    member = person()
    project = published(member, organisation(member))
    before = project.apply_by
    actions.extend_window(by=member, project=project)
    assert project.apply_by - before >= timedelta(days=7)
    assert project.answer_by > project.apply_by
    with pytest.raises(WrongMoment, match="once"):
        actions.extend_window(by=member, project=project)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"application_count": 25}, "places"),
        ({"paused_at": "now"}, "hidden"),
        ({"apply_by": "past"}, "has ended"),
    ],
)
def test_a_window_that_is_full_hidden_or_over_is_not_extended(change, reason):
    member = person()
    project = published(member, organisation(member))
    values = {"now": clock.now(), "past": clock.now() - timedelta(hours=1)}
    Project.objects.update(**{name: values.get(value, value) for name, value in change.items()})
    with pytest.raises(WrongMoment, match=reason):
        actions.extend_window(by=member, project=project)


def test_a_posting_nobody_applied_to_is_closed_by_the_clock_and_only_once():
    member = person()
    project = published(member, organisation(member))
    assert tasks.close_due() == 0
    clock.advance(timedelta(days=9))
    assert tasks.close_due() == 1
    assert tasks.close_due() == 0
    project.refresh_from_db()
    assert (project.state, project.closed_reason) == (ProjectState.CLOSED, ClosedReason.EXPIRED)
    assert titles(member).count(f"Nobody applied to {project.title}") == 1


def test_a_posting_that_somebody_applied_to_is_left_to_the_answer_clock():
    member = person()
    published(member, organisation(member))
    Project.objects.update(application_count=1)
    clock.advance(timedelta(days=9))
    assert tasks.close_due() == 0


def test_a_copy_has_the_same_words_and_no_dates():
    member = person()
    project = published(member, organisation(member))
    copy = actions.duplicate_project(by=member, project=project)
    assert (copy.state, copy.start_on, copy.apply_by, copy.application_count) == (
        ProjectState.DRAFT,
        None,
        None,
        0,
    )
    assert copy.public_id != project.public_id
    same = queries.brief_of(copy), queries.brief_of(project)
    assert same[0].milestones == same[1].milestones
    assert (same[0].title, same[0].questions, same[0].must_skills) == (
        same[1].title,
        same[1].questions,
        same[1].must_skills,
    )


def test_a_project_with_an_offer_out_cannot_be_closed():
    member = person()
    project = published(member, organisation(member))
    Application.objects.create(project=project, student=student(), state="offered")
    with pytest.raises(WrongMoment, match="Withdraw the offer"):
        actions.close_project(by=member, project=project, reason=ClosedReason.CANCELLED)


# --- two at once -----------------------------------------------------------------------------------------
def at_once(*acts):
    """Run the functions in threads of their own that start together; returns what each raised, or None."""
    gate, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        try:
            gate.wait(10)
            act()
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_a_double_click_on_send_sends_once():
    member = person()
    project = draft(member, organisation(member))
    outcomes = at_once(
        *[lambda: actions.send_project(by=member, project=Project.objects.get(pk=project.pk))] * 2
    )
    assert [type(o) for o in outcomes].count(type(None)) == 1
    assert any(isinstance(o, WrongMoment) for o in outcomes)
    assert StateChange.of(project).filter(reason="sent").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_drafts_sent_at_once_do_not_pass_the_cap_together():
    member = person()
    halden = organisation(member, proven=False)
    actions.send_project(by=member, project=small(member, halden))
    drafts = [small(member, halden) for _ in range(2)]
    outcomes = at_once(
        *[lambda pk=d.pk: actions.send_project(by=member, project=Project.objects.get(pk=pk)) for d in drafts]
    )
    assert sum(isinstance(o, WrongMoment) for o in outcomes) == 1
    assert Project.objects.filter(state=ProjectState.IN_REVIEW).count() == 2


@pytest.mark.django_db(transaction=True)
def test_publishing_and_withdrawing_at_once_leave_one_story():
    member, reader = person(), moderator()
    project = in_review(member, organisation(member))
    at_once(
        lambda: actions.publish_project(by=reader, project=Project.objects.get(pk=project.pk)),
        lambda: actions.close_project(
            by=member, project=Project.objects.get(pk=project.pk), reason=ClosedReason.CANCELLED
        ),
    )
    project.refresh_from_db()
    moves = [c.to_state for c in StateChange.of(project)]
    assert project.state == ProjectState.CLOSED
    assert moves[-1] == "closed"
    assert moves in (["draft", "in_review", "published", "closed"], ["draft", "in_review", "closed"])
    assert not OpenProject.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_close_an_empty_posting_once():
    member = person()
    project = published(member, organisation(member))
    clock.advance(timedelta(days=9))
    at_once(tasks.close_due, tasks.close_due)
    assert StateChange.of(project).filter(to_state="closed").count() == 1
    assert titles(member).count(f"Nobody applied to {project.title}") == 1
