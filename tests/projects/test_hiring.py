"""Hiring: offers and their clocks, the agreement, how much one student may carry, and the money that makes it real."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from accounts.notifications.models import Mail, Notification
from marketplace.ground import calendar, clock, policy
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.models import Policy, StateChange
from payments.holds.models import Funding, Hold
from projects.applying import actions as applying
from projects.applying.queries import status
from projects.applying.records import answer_record
from projects.applying.states import ApplicationState, DeclineReason
from projects.hiring import actions, agreement, limits, queries, tasks
from projects.hiring.models import Agreement, Engagement, Milestone, Offer
from projects.hiring.signals import engagement_ended
from projects.hiring.states import EndReason, EngagementState, OfferState
from projects.posting import actions as posting
from projects.posting import queries as posting_queries
from projects.posting.models import Project
from projects.posting.states import ClosedReason, ProjectState

from . import people
from .people import (
    apply,
    begin_to_pay,
    engaged,
    fund,
    later,
    member_of,
    offer,
    open_project,
    stripe_says,
    student,
)
from .postings import moderator, organisation, person, published

pytestmark = pytest.mark.django_db
A, E, O = ApplicationState, EngagementState, OfferState


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def told(user, kind: str) -> list[str]:
    return list(
        Notification.objects.filter(user=user, kind=kind).order_by("id").values_list("title", flat=True)
    )


def set_policy(**values):
    policy.current()
    Policy.objects.update(**values)


def stand_at(weekday: int, hour: int = 12) -> None:
    """Move the clock to the next such day (0 is Monday) at that hour in New York."""
    now = clock.now().astimezone(ZoneInfo("America/New_York"))
    target = now.replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(
        days=(weekday - now.weekday()) % 7
    )
    clock.advance((target if target > now else target + timedelta(days=7)) - now)


def dates(project, start: int = 5, length: int = 14) -> dict:
    day = clock.now().astimezone(ZoneInfo(project.zone)).date() + timedelta(days=start)
    return {"start_on": day, "due_on": day + timedelta(days=length)}


# --- making an offer -------------------------------------------------------------------------------------
def test_an_offer_tells_the_student_and_moves_the_application():
    application = apply(open_project())
    made = offer(application, message="Your questions were the sharpest.")
    row = fresh(application)
    assert (row.state, row.answered_at is not None, row.is_blind) == (A.OFFERED, True, False)
    assert told(row.student, "offer") == [f"Halden Bikes offers you “{row.project.title}”"]
    notice = Notification.objects.get(kind="offer")
    assert "$675.00" in notice.body
    assert "sharpest" in notice.body
    assert notice.url == f"/offers/{made.public_id}/"
    assert Mail.objects.get(kind="offer").subject.startswith("[Action needed]")


@pytest.mark.parametrize(("weekday", "hours"), [(0, 48), (2, 48), (3, 72), (4, 72), (5, 72), (6, 72)])
def test_an_offer_lives_48_hours_and_72_over_a_weekend(weekday, hours):
    project = open_project()
    application = apply(project)
    stand_at(weekday)
    assert offer(application, **dates(project)).expires_at - clock.now() == pytest.approx(
        timedelta(hours=hours), abs=timedelta(minutes=1)
    )


def test_an_offer_never_ends_in_the_night_of_the_student():
    project, amara = open_project(), student()
    type(amara).objects.filter(pk=amara.pk).update(zone="Asia/Tokyo")
    application = apply(project, type(amara).objects.get(pk=amara.pk))
    stand_at(0, hour=12)  # two in the morning in Tokyo
    made = offer(application, **dates(project))
    assert made.expires_at.astimezone(ZoneInfo("Asia/Tokyo")).hour == 7
    assert not calendar.is_quiet(made.expires_at, "Asia/Tokyo")


@pytest.mark.parametrize(
    ("start", "length", "field"),
    [(-1, 14, "start_on"), (15, 14, "start_on"), (5, 6, "due_on"), (5, 32, "due_on"), (5, -3, "due_on")],
)
def test_dates_that_the_rules_do_not_allow_are_refused_beside_the_field(start, length, field):
    project = open_project()
    application = apply(project)
    with pytest.raises(Invalid) as refused:
        offer(application, **dates(project, start, length))
    assert list(refused.value.message_dict) == [field]
    assert fresh(application).state == A.SUBMITTED
    assert not Offer.objects.exists()


def test_a_long_message_is_refused():
    with pytest.raises(Invalid) as refused:
        offer(apply(open_project()), message="x" * 1201)
    assert "message" in refused.value.message_dict


def test_only_people_of_the_employer_make_offers():
    application = apply(open_project())
    stranger = person("Stranger")
    organisation(stranger, name="Other")
    for other in (application.student, stranger, moderator()):
        with pytest.raises(NotAllowed):
            actions.make_offer(by=other, application=application, **dates(application.project))


def test_one_open_offer_for_a_project():
    project = open_project()
    first, second = apply(project), apply(project)
    offer(first)
    with pytest.raises(WrongMoment, match="an offer to somebody else"):
        offer(second)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.create(project=project, application=second, **dates(project), expires_at=clock.now())


def test_no_offer_while_the_place_is_taken():
    project = open_project()
    first, second = apply(project), apply(project)
    engaged(first)
    with pytest.raises(WrongMoment, match="has this place already"):
        offer(second)


@pytest.mark.parametrize("reason", ["declined", "withdrawn", "closed", "paused", "suspended"])
def test_no_offer_to_whom_it_cannot_be_made(reason):
    project = open_project()
    application = apply(project)
    member = member_of(project)
    if reason == "declined":
        applying.decline_application(by=member, application=application, reason="skills")
    elif reason == "withdrawn":
        applying.withdraw_application(by=application.student, application=application)
    elif reason == "closed":
        posting.close_project(by=member, project=project, reason=ClosedReason.CANCELLED)
    elif reason == "paused":
        posting.pause_project(by=moderator(), project=project, reasons="A report")
    else:
        type(project.organisation).objects.update(suspended_at=clock.now())
    with pytest.raises(WrongMoment):
        offer(fresh(application))


# --- how much one student may carry ----------------------------------------------------------------------
def live(user, number: int, *, hours="10", start=0, length=13) -> list[Engagement]:
    """So many live engagements of `user`, straight through the actions."""
    whole = {
        "title": "All of it",
        "outcome": "Done",
        "done_when": ["It is done", "It is shown"],
        "hours": hours,
    }
    made = []
    for _ in range(number):
        member = person("Employer")
        project = open_project(
            member=member, hours=hours, milestones=[whole], price=int(Decimal(hours) * 2300)
        )
        application = apply(project, user)
        made.append(
            actions.accept_offer(
                by=user,
                offer=actions.make_offer(by=member, application=application, **dates(project, start, length)),
            )
        )
    return made


def test_a_student_with_three_live_engagements_cannot_be_offered_a_fourth():
    amara = student()
    live(amara, 3)
    application = apply(open_project(), amara)
    with pytest.raises(WrongMoment, match="cannot take on more work"):
        offer(application)


def test_the_reason_for_the_employer_does_not_tell_what_else_the_student_does():
    amara = student()
    live(amara, 3)
    with pytest.raises(WrongMoment) as refused:
        offer(apply(open_project(), amara))
    assert not re.search(r"\d|engagement", refused.value.reason)


def test_the_planned_load_is_at_most_30_hours_a_week():
    amara = student()
    live(amara, 1, hours="40", start=0, length=10)  # 40 hours over 11 days: 25.5 a week
    carry = {"hours": Decimal(10), "start_on": dates(open_project())["start_on"]}
    soon = limits.capacity(amara, due_on=carry["start_on"] + timedelta(days=13), **carry)
    assert (soon.weekly, bool(soon.reason)) == (Decimal("30.5"), True)
    slow = limits.capacity(amara, due_on=carry["start_on"] + timedelta(days=20), **carry)
    assert (slow.reason, bool(slow.warning)) == (None, True)


def test_work_that_does_not_overlap_does_not_add_up():
    amara = student()
    first = live(amara, 1, hours="40", start=0, length=9)[0]
    later_start = first.due_on + timedelta(days=1)
    found = limits.capacity(
        amara, hours=Decimal(28), start_on=later_start, due_on=later_start + timedelta(days=7)
    )
    assert (found.weekly, found.reason) == (Decimal("24.5"), None)
    day_before = limits.capacity(
        amara, hours=Decimal(28), start_on=first.due_on, due_on=later_start + timedelta(days=7)
    )
    assert day_before.reason


def test_overdue_work_counts_until_it_is_done():
    amara = student()
    first = live(amara, 1, hours="40", start=0, length=9)[0]
    later(days=20)
    today = clock.now().date()
    assert today > first.due_on
    assert limits.capacity(amara, hours=Decimal(10), start_on=today, due_on=today + timedelta(days=8)).reason


def test_what_fitted_at_the_offer_is_checked_again_at_the_answer():
    amara = student()
    application = apply(open_project(), amara)
    waiting = offer(application)
    live(amara, 3)
    assert "3 engagements" in queries.allowed_actions(amara, fresh(waiting))["accept"]
    with pytest.raises(WrongMoment, match="3 engagements"):
        actions.accept_offer(by=amara, offer=waiting)
    assert fresh(waiting).state == O.OPEN


@pytest.mark.parametrize(
    ("hours", "start", "due", "weekly"),
    [
        (30, date(2026, 3, 2), date(2026, 3, 22), "10.0"),
        (5, date(2026, 3, 2), date(2026, 3, 4), "5.0"),
        (20, date(2026, 3, 2), date(2026, 3, 15), "10.0"),
    ],
)
def test_hours_are_spread_over_the_days_of_the_work(hours, start, due, weekly):
    assert limits.weekly_hours(Decimal(hours), start, due) == Decimal(weekly)


def chained(number: int, hours="30"):
    """A member and a student who have worked together `number` times; returns (member, organisation, student)."""
    member, amara = person("Ines"), student()
    halden = organisation(member)
    for _ in range(number):
        project = published(member, halden)
        engagement = fund(engaged(apply(project, amara)))
        Engagement.objects.filter(pk=engagement.pk).update(state=E.COMPLETED, hours=Decimal(hours))
    return member, halden, amara


def test_a_third_project_with_one_student_in_six_months_asks_a_moderator():
    member, halden, amara = chained(2)
    application = apply(published(member, halden), amara)
    with pytest.raises(WrongMoment, match="a moderator has to agree"):
        offer(application)
    later(days=184)
    again = published(member, halden)
    assert offer(apply(again, amara)).state == O.OPEN


def test_120_hours_with_one_student_ask_a_moderator_too():
    member, halden, amara = chained(1, hours="89.9")
    application = apply(published(member, halden), amara)  # 30 hours more: 119.9
    assert queries.refusal_to_offer(application) is None
    Engagement.objects.update(hours=Decimal(90))
    assert "120 hours" in queries.refusal_to_offer(application).reason


def test_work_that_never_started_is_no_link_of_a_chain():
    member, halden, amara = chained(2)
    Engagement.objects.update(state=E.CANCELLED, funded_at=None)
    assert offer(apply(published(member, halden), amara)).state == O.OPEN


def test_a_moderators_yes_opens_one_more_offer_and_a_no_says_why():
    member, halden, amara = chained(2)
    application = apply(published(member, halden), amara)
    with pytest.raises(Invalid):
        actions.ask_moderator(by=member, application=application, why="  ")
    for other in (amara, moderator()):
        with pytest.raises(NotAllowed):
            actions.ask_moderator(by=other, application=application, why="Please")
    check = actions.ask_moderator(by=member, application=application, why="She knows our data.")
    with pytest.raises(WrongMoment):
        actions.ask_moderator(by=member, application=application, why="Again")
    with pytest.raises(WrongMoment, match="A moderator is looking"):
        offer(application)
    with pytest.raises(NotAllowed):
        actions.decide_check(by=member, check=check, allow=True)
    with pytest.raises(Invalid):
        actions.decide_check(by=moderator(), check=check, allow=False)
    actions.decide_check(by=moderator(), check=check, allow=True)
    assert told(member, "repeat-hire") == ["A moderator agreed: you can make the offer"]
    assert offer(application).state == O.OPEN
    with pytest.raises(WrongMoment, match="was decided"):
        actions.decide_check(by=moderator(), check=check, allow=False, note="No")


def test_a_refused_repeat_hire_stays_refused():
    member, halden, amara = chained(2)
    application = apply(published(member, halden), amara)
    check = actions.ask_moderator(by=member, application=application, why="She knows our data.")
    own = moderator()
    from accounts.employers.models import Membership

    Membership.objects.create(organisation=halden, user=own)
    with pytest.raises(WrongMoment, match="another moderator"):
        actions.decide_check(by=own, check=check, allow=True)
    actions.decide_check(by=moderator(), check=check, allow=False, note="Employ her.")
    with pytest.raises(WrongMoment, match="Employ her."):
        offer(application)


def test_nothing_is_asked_when_nothing_stands_in_the_way():
    application = apply(open_project())
    with pytest.raises(WrongMoment, match="Nothing has to be asked"):
        actions.ask_moderator(by=member_of(application.project), application=application, why="Why not")


def test_an_unproven_employers_first_project_is_capped_and_released_late():
    application = apply(open_project(proven=False))
    engagement = engaged(application)
    assert engagement.release_delay_days == 7
    assert fresh(engagement).hold.release_delay_days == 7
    assert "the release follows 7 days after the approval" in engagement.agreement.text
    type(application.project.organisation).objects.update(proven_at=clock.now())
    assert fresh(engagement).release_delay_days == 7  # frozen
    Project.objects.update(price=50_001)
    type(application.project.organisation).objects.update(proven_at=None)
    other = apply(fresh(application.project))
    assert "at most $500.00" in queries._price_refusal(other.project).reason


# --- the answer ------------------------------------------------------------------------------------------
def test_accepting_freezes_everything():
    application = apply(open_project())
    made = offer(application)
    engagement = actions.accept_offer(by=application.student, offer=made)
    assert fresh(made).state == O.ACCEPTED
    assert (engagement.state, engagement.price, engagement.fee, engagement.net) == (
        E.AWAITING_FUNDS,
        75_000,
        7_500,
        67_500,
    )
    assert (engagement.start_on, engagement.due_on) == (made.start_on, made.due_on)
    assert engagement.policy == policy.current().frozen()
    set_policy(fee_bp=2000, revision_rounds=9)
    assert fresh(engagement).policy["revision_rounds"] == 2
    hold = fresh(engagement).hold
    assert (hold.ref, hold.payer_ref, hold.price, hold.fee) == (
        f"engagement:{engagement.public_id}",
        engagement.organisation.public_id,
        75_000,
        7_500,
    )
    assert [(p.ref, p.price, p.fee) for p in hold.parts.all()] == [
        (f"{engagement.public_id}-1", 25_000, 2_500),
        (f"{engagement.public_id}-2", 50_000, 5_000),
    ]
    assert told(member_of(engagement.project), "funds-needed") == [
        f"Amara Okafor accepted: secure $750.00 for “{engagement.title}”"
    ]


def test_nobody_else_is_declined_before_the_money_is_there():
    project = open_project()
    chosen, other = apply(project), apply(project)
    engagement = engaged(chosen)
    assert fresh(other).state == A.SUBMITTED
    assert fresh(chosen).state == A.OFFERED
    fund(engagement)
    assert (fresh(chosen).state, fresh(other).state) == (A.HIRED, A.DECLINED)
    assert fresh(other).decline_reason == DeclineReason.FILLED
    assert (fresh(project).state, fresh(project).closed_reason) == (ProjectState.CLOSED, ClosedReason.FILLED)


def test_only_the_student_answers_and_only_once():
    application = apply(open_project())
    made = offer(application)
    for other in (member_of(application.project), student("Other"), moderator()):
        with pytest.raises(NotAllowed):
            actions.accept_offer(by=other, offer=made)
        with pytest.raises(NotAllowed):
            actions.decline_offer(by=other, offer=made)
    actions.accept_offer(by=application.student, offer=made)
    with pytest.raises(WrongMoment):
        actions.accept_offer(by=application.student, offer=made)
    with pytest.raises(WrongMoment):
        actions.decline_offer(by=application.student, offer=made)
    assert Engagement.objects.count() == Hold.objects.count() == 1


def test_a_no_leaves_the_place_for_others():
    project = open_project()
    chosen, other = apply(project), apply(project)
    made = offer(chosen)
    actions.decline_offer(by=chosen.student, offer=made, note="My exam was moved.")
    assert (fresh(made).state, fresh(chosen).state, fresh(project).application_count) == (
        O.DECLINED,
        A.WITHDRAWN,
        1,
    )
    notice = Notification.objects.get(user=member_of(project), kind="offer-answered")
    assert "My exam was moved." in notice.body
    assert offer(other).state == O.OPEN


def test_a_note_that_is_too_long_is_refused():
    made = offer(apply(open_project()))
    with pytest.raises(Invalid):
        actions.decline_offer(by=made.application.student, offer=made, note="x" * 601)


def test_withdrawing_the_application_says_no_to_the_offer():
    application = apply(open_project())
    made = offer(application)
    applying.withdraw_application(by=application.student, application=application)
    assert (fresh(made).state, fresh(application).state) == (O.DECLINED, A.WITHDRAWN)
    assert told(member_of(application.project), "offer-answered") == [
        f"Amara Okafor said no to “{application.project.title}”"
    ]


def test_an_offer_can_be_taken_back_until_it_is_accepted():
    application = apply(open_project())
    made = offer(application)
    with pytest.raises(NotAllowed):
        actions.withdraw_offer(by=application.student, offer=made)
    actions.withdraw_offer(by=member_of(application.project), offer=made)
    assert (fresh(made).state, fresh(application).state) == (O.WITHDRAWN, A.SHORTLISTED)
    assert told(application.student, "offer-ended") == ["Halden Bikes withdrew the offer"]
    with pytest.raises(WrongMoment):
        actions.accept_offer(by=application.student, offer=made)
    engagement = engaged(fresh(application))
    with pytest.raises(WrongMoment):
        actions.withdraw_offer(by=member_of(application.project), offer=engagement.offer)


def test_an_offer_ends_by_itself_and_is_reminded_of_once():
    application = apply(open_project())
    made = offer(application)
    tasks.reminders()
    assert told(application.student, "offer-expiring") == []
    clock.advance(made.expires_at - timedelta(hours=23) - clock.now())
    for _ in range(2):
        tasks.reminders()
    assert told(application.student, "offer-expiring") == ["Your offer from Halden Bikes ends soon"]
    clock.advance(made.expires_at - timedelta(minutes=1) - clock.now())
    tasks.offer_clock()
    assert fresh(made).state == O.OPEN
    later(minutes=2)
    with pytest.raises(WrongMoment, match="time to answer"):  # even before the clock has run
        actions.accept_offer(by=application.student, offer=made)
    for _ in range(2):
        tasks.offer_clock()
    assert (fresh(made).state, fresh(application).state) == (O.EXPIRED, A.SHORTLISTED)
    assert told(application.student, "offer-ended") == [
        f"The offer for “{application.project.title}” has ended"
    ]
    assert len(told(member_of(application.project), "offer-answered")) == 1


def test_a_student_whose_school_signs_off_holds_an_offer_for_three_weeks():
    project = open_project()
    amara = student(needs_school_sign_off=True)
    made = offer(apply(project, amara))
    silent_before = fresh(project).closes_silently_at
    assert queries.allowed_actions(amara, made)["hold"] is None
    with pytest.raises(NotAllowed):
        actions.hold_offer(by=member_of(project), offer=made)
    held = actions.hold_offer(by=amara, offer=made)
    assert timedelta(days=21) <= held.expires_at - held.created_at < timedelta(days=22)
    assert fresh(project).closes_silently_at > silent_before + timedelta(days=13)
    notice = Notification.objects.get(user=member_of(project), kind="offer-held")
    assert "school" not in (notice.title + notice.body).lower()
    with pytest.raises(WrongMoment, match="already"):
        actions.hold_offer(by=amara, offer=made)
    later(days=20)
    tasks.offer_clock()
    engagement = fund(actions.accept_offer(by=amara, offer=made))
    assert engagement.start_on >= clock.now().date() - timedelta(days=1)  # the dates moved along


def test_others_cannot_hold_an_offer():
    made = offer(apply(open_project()))
    with pytest.raises(WrongMoment, match="school has to sign off"):
        actions.hold_offer(by=made.application.student, offer=made)


def test_an_offer_stands_still_while_a_moderator_looks():
    application = apply(open_project())
    made = offer(application)
    project = fresh(application.project)
    posting.pause_project(by=moderator(), project=project, reasons="A report")
    with pytest.raises(WrongMoment, match="moderator"):
        actions.accept_offer(by=application.student, offer=made)
    later(days=4)
    tasks.offer_clock()
    assert fresh(made).state == O.OPEN
    posting.resume_project(by=moderator(), project=fresh(project))
    assert fresh(made).expires_at == pytest.approx(
        made.expires_at + timedelta(days=4), abs=timedelta(minutes=1)
    )
    assert actions.accept_offer(by=application.student, offer=made).state == E.AWAITING_FUNDS


def test_extending_the_window_keeps_the_pause_of_an_offer():
    project = open_project()
    application = apply(project)
    clock.advance(project.apply_by - timedelta(hours=20) - clock.now())
    made = offer(application)
    posting.extend_window(by=member_of(project), project=fresh(project))
    row = fresh(project)
    assert row.apply_by > made.expires_at
    assert row.answer_by == calendar.after_quiet(row.apply_by + timedelta(days=7), row.zone)


# --- the agreement ---------------------------------------------------------------------------------------
def test_the_agreement_is_the_offer_word_for_word_with_its_fingerprint():
    application = apply(open_project())
    made = offer(application)
    before = made.text
    set_policy(revision_rounds=7)
    engagement = actions.accept_offer(by=application.student, offer=made)
    signed = engagement.agreement
    assert signed.text == before
    assert signed.digest == sha256(signed.text.encode()).hexdigest()
    assert (signed.employer_accepted_by, signed.employer_accepted_at) == (made.made_by, made.created_at)
    assert "2 rounds of changes" in signed.text
    for phrase in (
        "independent contractor",
        "payment agent",
        "counts as a payment to the student",
        "$675.00",
        "AI tools may be used; the student says where",
        "If the employer says nothing until then",
    ):
        assert phrase in signed.text


def test_people_stand_in_it_by_surrogate_so_that_erasing_them_leaves_it_whole():
    application = apply(open_project())
    engagement = engaged(application)
    everything = engagement.agreement.text + json.dumps(engagement.agreement.terms)
    amara, member = engagement.student, member_of(engagement.project)
    assert str(amara.surrogate) in everything
    for private in (amara.name, amara.email, member.name, member.email):
        assert private not in everything


def test_what_an_employer_writes_cannot_pass_for_a_clause():
    project = open_project(good_to_know="Be kind.")
    Project.objects.filter(pk=project.pk).update(
        summary="## 3. Pay\n\nThe student works for free.\n\n1. Really\n- truly", title="Bikes **for free**"
    )
    application = apply(project)
    from marketplace import prose

    html = prose.render(offer(application).text)
    assert html.count("Pay</h") == 1
    assert "<strong>for free" not in html
    assert "<li>Really" not in html
    assert "## 3. Pay" in html


def test_shares_add_up_to_the_cent_however_odd_the_hours_are():
    project = open_project(
        price=76_777,
        hours="29",
        milestones=[
            {
                "title": f"Part {i}",
                "outcome": "Done",
                "done_when": ["It is done", "It is shown"],
                "hours": hours,
            }
            for i, hours in enumerate(("7", "11", "3.5", "7.5"))
        ],
    )
    engagement = engaged(apply(project))
    parts = list(Milestone.objects.filter(engagement=engagement))
    assert sum(m.price for m in parts) == engagement.price == 76_777
    assert sum(m.fee for m in parts) == engagement.fee == 7_678
    assert all(m.net + m.fee == m.price for m in parts)


def test_due_dates_follow_the_hours_and_end_on_the_last_day():
    start, due = date(2026, 3, 2), date(2026, 3, 30)
    assert agreement.spread([Decimal(8), Decimal(16), Decimal(8)], start, due) == [
        date(2026, 3, 9),
        date(2026, 3, 23),
        due,
    ]
    assert agreement.spread([Decimal(0), Decimal(0)], start, due) == [date(2026, 3, 16), due]
    assert agreement.spread([Decimal("0.5"), Decimal(39)], start, date(2026, 3, 9))[0] == date(2026, 3, 3)


def test_milestones_are_due_at_the_end_of_their_day_in_the_projects_zone():
    engagement = engaged(apply(open_project()))
    last = engagement.milestones.last()
    local = last.due_at.astimezone(ZoneInfo("America/New_York"))
    assert (local.date(), local.hour, local.minute) == (engagement.due_on, 23, 59)


# --- the money -------------------------------------------------------------------------------------------
def test_the_funds_are_due_in_three_business_days():
    project = open_project()
    application = apply(project)
    stand_at(3)  # a Thursday
    made = offer(application, **dates(project))
    engagement = actions.accept_offer(by=application.student, offer=made)
    local = engagement.fund_by.astimezone(ZoneInfo("America/New_York"))
    assert (local.weekday(), local.hour) == (1, 12)  # Tuesday


def test_only_an_owner_pays_and_two_clicks_open_one_page():
    from accounts.employers.models import Membership

    engagement = engaged(apply(open_project()))
    manager = person("Manager")
    Membership.objects.create(organisation=engagement.organisation, user=manager, role="manager")
    for other, words in (
        (manager, "Owners"),
        (engagement.student, "Only the employer"),
        (moderator(), "Only the employer"),
    ):
        with pytest.raises(NotAllowed, match=words):
            actions.start_funding(
                by=other, engagement=engagement, success_url="http://x/", cancel_url="http://x/"
            )
    assert begin_to_pay(engagement) == begin_to_pay(engagement)
    assert Funding.objects.count() == 1


def test_secured_funds_hire_the_student_and_set_the_clock_to_begin():
    engagement = fund(engaged(apply(open_project())))
    assert (engagement.state, engagement.funded_at is not None) == (E.FUNDED, True)
    assert engagement.kickoff_by >= engagement.funded_at + timedelta(days=7)
    assert engagement.kickoff_cancel_at - engagement.kickoff_by == timedelta(days=7)
    assert told(engagement.student, "funds-secured") == [
        f"$675.00 is secured: “{engagement.title}” can start"
    ]
    assert told(member_of(engagement.project), "funds-secured") == [
        f"$750.00 is secured for “{engagement.title}”"
    ]
    with pytest.raises(WrongMoment, match="secured"):
        begin_to_pay(engagement)


def test_the_news_of_the_money_told_twice_hires_once():
    engagement = engaged(apply(open_project()))
    funding = begin_to_pay(engagement)
    stripe_says(funding)
    stripe_says(funding)
    actions.secure_engagement(fresh(engagement).hold)
    assert StateChange.of(engagement).filter(to_state=E.FUNDED).count() == 1
    assert len(told(engagement.student, "funds-secured")) == 1


def test_funds_after_the_agreed_start_move_every_date():
    project = open_project()
    engagement = engaged(apply(project), **dates(project, start=0))
    later(days=2)
    before = list(engagement.milestones.values_list("due_at", flat=True))
    start = engagement.start_on
    engagement = fund(engagement)
    assert engagement.start_on == start + timedelta(days=2)
    moved = list(engagement.milestones.values_list("due_at", flat=True))
    assert [(b.date() - a.date()).days for a, b in zip(before, moved, strict=True)] == [2, 2]


def test_the_employer_is_reminded_and_then_the_engagement_lapses():
    project = open_project()
    chosen, other = apply(project), apply(project)
    engagement = engaged(chosen)
    begin_to_pay(engagement)
    member = member_of(project)
    clock.advance(engagement.fund_by - timedelta(hours=47) - clock.now())
    for _ in range(2):
        tasks.reminders()
    later(hours=24)
    tasks.reminders()
    assert told(member, "funds-needed")[1:] == [f"Secure $750.00 for “{engagement.title}”"] * 2
    ended = []
    engagement_ended.connect(
        lambda sender, engagement, **_: ended.append(engagement.pk), weak=False, dispatch_uid="test"
    )
    try:
        clock.advance(engagement.fund_by + timedelta(minutes=1) - clock.now())
        with pytest.raises(WrongMoment, match="time to secure"):
            begin_to_pay(engagement)
        for _ in range(2):
            tasks.funds_clock()
    finally:
        engagement_ended.disconnect(dispatch_uid="test")
    row = fresh(engagement)
    assert (row.state, row.end_reason, ended) == (E.CANCELLED, EndReason.NO_FUNDS, [engagement.pk])
    assert row.hold.state == "cancelled"
    assert (fresh(chosen).state, fresh(chosen).decline_reason) == (A.EXPIRED, DeclineReason.NO_FUNDS)
    assert status(fresh(chosen)) == "Ended: pay not secured"
    assert told(engagement.student, "not-funded") == ["Halden Bikes did not secure the pay in time"]
    assert told(engagement.student, "application-expired") == []
    assert queries.lapsed_count(project.organisation) == 1
    assert fresh(other).state == A.SUBMITTED
    assert offer(fresh(other)).state == O.OPEN  # the posting is still open


def test_a_bank_debit_on_its_way_stops_the_clock_and_gives_the_time_back():
    engagement = engaged(apply(open_project()))
    funding = begin_to_pay(engagement)
    stripe_says(funding, payment="unpaid", intent="processing")
    row = fresh(engagement)
    assert row.funds_coming_at is not None
    assert len(told(engagement.student, "funds-coming")) == 1
    with pytest.raises(WrongMoment, match="on its way"):
        begin_to_pay(engagement)
    clock.advance(row.fund_by + timedelta(days=1) - clock.now())
    tasks.funds_clock()
    tasks.reminders()
    assert fresh(engagement).state == E.AWAITING_FUNDS
    stripe_says(
        funding, payment="unpaid", intent="requires_payment_method", error="The bank account was closed."
    )
    again = fresh(engagement)
    assert again.funds_coming_at is None
    assert again.fund_by > clock.now() + timedelta(days=1)
    notice = Notification.objects.get(user=member_of(engagement.project), kind="funds-failed")
    assert "The bank account was closed." in notice.body
    assert fund(again).state == E.FUNDED


def test_a_bank_debit_that_arrives_secures_the_funds():
    engagement = engaged(apply(open_project()))
    funding = begin_to_pay(engagement)
    stripe_says(funding, payment="unpaid", intent="processing")
    later(days=4)
    stripe_says(funding)
    row = fresh(engagement)
    assert (row.state, row.funds_coming_at) == (E.FUNDED, None)


def test_money_that_comes_after_the_lapse_hires_nobody():
    engagement = engaged(apply(open_project()))
    funding = begin_to_pay(engagement)
    clock.advance(engagement.fund_by + timedelta(minutes=1) - clock.now())
    tasks.funds_clock()
    stripe_says(funding)
    assert fresh(engagement).state == E.CANCELLED
    assert Funding.objects.get().extra


def test_calling_it_off_before_the_money_ends_the_application_too():
    project = open_project()
    application = apply(project)
    engagement = engaged(application)
    row = fresh(engagement)
    from marketplace.ground.states import move

    move(row, E.CANCELLED, by=row.student, end_reason=EndReason.BY_STUDENT, ended_at=clock.now())
    engagement_ended.send(Engagement, engagement=row)
    assert (fresh(application).state, fresh(project).application_count) == (A.WITHDRAWN, 0)


# --- the reserve -----------------------------------------------------------------------------------------
def in_reserve(project):
    row = applying.shortlist(by=member_of(project), application=apply(project))
    return applying.agree_reserve(by=row.student, application=row)


def test_the_reserve_outlives_the_hire_until_the_work_starts():
    project = open_project()
    chosen, reserve, shortlisted = apply(project), in_reserve(project), apply(project)
    applying.shortlist(by=member_of(project), application=shortlisted)
    fund(engaged(chosen))
    assert (fresh(reserve).state, fresh(shortlisted).state) == (A.SHORTLISTED, A.DECLINED)
    assert status(fresh(reserve)) == "In reserve"
    applying.decline_rest(fresh(project))  # what starting the work does
    assert fresh(reserve).decline_reason == DeclineReason.FILLED


def test_somebody_from_the_reserve_can_take_the_place_of_work_that_never_started():
    project = open_project()
    chosen, reserve = apply(project), in_reserve(project)
    first = fund(engaged(chosen))
    with pytest.raises(WrongMoment):
        offer(fresh(reserve))
    Engagement.objects.filter(pk=first.pk).update(state=E.CANCELLED, end_reason=EndReason.NO_KICKOFF)
    assert applying.reopen_for_reserve(fresh(project)) == 1
    assert told(reserve.student, "reserve-over") == [f"A place may be free again: “{project.title}”"]
    second = fund(engaged(fresh(reserve)))
    assert (second.state, fresh(reserve).state) == (E.FUNDED, A.HIRED)


def test_a_reserve_that_nobody_calls_on_gets_its_answer_in_the_end():
    from projects.applying import tasks as applying_tasks

    project = open_project()
    chosen, reserve = apply(project), in_reserve(project)
    first = fund(engaged(chosen))
    applying_tasks.answer_clock()
    later(days=40)
    applying_tasks.answer_clock()
    assert fresh(reserve).state == A.SHORTLISTED  # the work has not been called off
    Engagement.objects.filter(pk=first.pk).update(state=E.CANCELLED)
    applying.reopen_for_reserve(fresh(project))
    later(days=11)
    applying_tasks.answer_clock()
    assert fresh(reserve).decline_reason == DeclineReason.FILLED


# --- who sees what ---------------------------------------------------------------------------------------
def test_offer_and_engagement_are_seen_by_their_two_sides_and_moderators():
    engagement = engaged(apply(open_project()))
    stranger = person("Stranger")
    organisation(stranger, name="Other")
    for user in (engagement.student, member_of(engagement.project), moderator()):
        assert list(queries.visible_to(user)) == [engagement]
        assert list(queries.offers_visible_to(user)) == [engagement.offer]
    for user in (stranger, student("Other")):
        assert not queries.visible_to(user).exists()
        assert not queries.offers_visible_to(user).exists()


def test_acts_are_offered_to_the_side_that_may_do_them():
    application = apply(open_project())
    member, amara = member_of(application.project), application.student
    assert queries.allowed_actions(member, application) == {
        "make_offer": None,
        "ask_moderator": "Nothing has to be asked.",
    }
    assert queries.allowed_actions(amara, application) == {}
    made = offer(application)
    acts = queries.allowed_actions(amara, made)
    assert (acts.pop("accept"), acts.pop("decline")) == (None, None)
    assert "school has to sign off" in acts.pop("hold")
    assert acts == {}
    assert queries.allowed_actions(member, made) == {"withdraw": None}
    assert queries.allowed_actions(person("X"), made) == {}
    engagement = actions.accept_offer(by=amara, offer=made)
    assert queries.allowed_actions(member, engagement) == {"fund": None}
    assert queries.allowed_actions(amara, engagement) == {}


def test_a_hire_counts_in_the_record():
    project = open_project()
    fund(engaged(apply(project)))
    Project.objects.bulk_create(
        Project(
            organisation=project.organisation,
            title="Old",
            state="closed",
            closed_reason="expired",
            published_at=clock.now(),
        )
        for _ in range(4)
    )
    assert answer_record(project.organisation).hire_rate == 20


def test_the_agreement_is_written_once():
    engagement = engaged(apply(open_project()))
    assert Agreement.objects.get().engagement == engagement
    assert Offer.objects.get().digest == Agreement.objects.get().digest


@pytest.mark.django_db
def test_a_refusal_says_in_a_sentence_how_the_application_ended():
    application = people.apply(people.open_project())
    applying.decline_application(
        by=people.member_of(application.project), application=application, reason="skills"
    )
    application.refresh_from_db()
    with pytest.raises(WrongMoment, match="declined already"):
        people.offer(application)


@pytest.mark.django_db
def test_after_an_acceptance_closing_points_to_the_work_and_not_to_an_offer_that_is_gone():
    project = people.open_project()
    people.engaged(people.apply(project))
    project.refresh_from_db()
    assert "cancel the work" in posting_queries.allowed_actions(people.member_of(project), project)["close"]
