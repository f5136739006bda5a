"""Working together: start, hand in, answer, silence, more time, cancelling, and the clocks of all of these."""

from datetime import date, timedelta

import pytest

from accounts.notifications.models import Mail, Notification
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.models import StateChange
from payments.holds.models import Refund, Release
from payments.holds.tasks import hold_limits
from projects.applying.models import Application
from projects.hiring.models import Engagement, Milestone
from projects.working import actions, clocks, due, queries, story, tasks
from projects.working.models import Cancellation, Extension, Submission

from . import engagements as world

pytestmark = pytest.mark.django_db
MONDAY = "2027-03-01 10:00"


@pytest.fixture(autouse=True)
def monday():
    world.go_to(MONDAY)


@pytest.fixture
def amara():
    return world.student("Amara Okafor")


@pytest.fixture
def hana():
    return world.person("Hana Reyes")


@pytest.fixture
def kitchen(hana):
    return world.organisation(hana)


@pytest.fixture
def stranger():
    return world.student("Bo Stranger")


@pytest.fixture
def engagement(amara, hana, kitchen):
    return world.active(amara, hana, kitchen)


@pytest.fixture
def steps(engagement):
    return world.milestones(engagement)


def told(user, kind: str) -> list[str]:
    return list(
        Notification.objects.filter(user=user, kind=kind).order_by("pk").values_list("title", flat=True)
    )


def states(engagement) -> list[str]:
    return [m.state for m in world.milestones(engagement)]


def days_of(engagement) -> list[date]:
    """When the milestones are due, in the project's zone."""
    return [clocks.local_day(m.due_at, world.ZONE) for m in world.milestones(engagement)]


def freeze_disputed(engagement):
    Engagement.objects.filter(pk=engagement.pk).update(disputed_at=clock.now())


# --- the start ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["amara", "hana"])
def test_either_side_starts_the_work_with_one_click(who, amara, hana, kitchen, request):
    engagement = world.funded(amara, hana, kitchen, starts_in=5)
    by = request.getfixturevalue(who)
    actions.kick_off(by=by, engagement=engagement)
    engagement.refresh_from_db()
    assert (engagement.state, engagement.started_at) == (
        "active",
        pytest.approx(clock.now(), abs=timedelta(seconds=5)),
    )
    assert states(engagement) == ["in_progress", "planned", "planned"]
    other = hana if by == amara else amara
    assert told(other, "kickoff") == [f"“{engagement.title}” has started"]
    assert told(by, "kickoff") == []


def test_work_does_not_start_before_the_money_is_there(amara, hana, kitchen):
    engagement = world.accepted(amara, hana, kitchen)
    with pytest.raises(WrongMoment, match="when the funds are secured"):
        actions.kick_off(by=amara, engagement=engagement)


def test_a_second_click_says_that_it_has_started(engagement, amara):
    with pytest.raises(WrongMoment, match="already started"):
        actions.kick_off(by=amara, engagement=engagement)


def test_strangers_and_moderators_cannot_start_it(amara, hana, kitchen, stranger):
    engagement = world.funded(amara, hana, kitchen)
    for by in (stranger, world.person("Mo", is_staff=True)):
        with pytest.raises(NotAllowed):
            actions.kick_off(by=by, engagement=engagement)


def test_the_agreed_day_starts_it_in_the_morning(amara, hana, kitchen):
    engagement = world.funded(amara, hana, kitchen, starts_in=3)
    world.go_to("2027-03-04 06:59")
    tasks.kickoff_clock()
    assert world.again(engagement).state == "funded"
    world.go_to("2027-03-04 07:01")
    tasks.kickoff_clock()
    tasks.kickoff_clock()
    assert world.again(engagement).state == "active"
    assert told(amara, "kickoff") == told(hana, "kickoff") == [f"“{engagement.title}” has started"]


def test_reserves_get_their_answer_when_the_work_starts(amara, hana, kitchen, stranger):
    engagement = world.accepted(amara, hana, kitchen)
    waiting = world.apply(stranger, engagement.project, state="shortlisted", in_reserve=True)
    world.secure(engagement, hana)
    assert world.again(waiting).state == "shortlisted"
    actions.kick_off(by=hana, engagement=world.again(engagement))
    waiting = world.again(waiting)
    assert (waiting.state, waiting.decline_reason) == ("declined", "filled")


def test_a_late_start_moves_every_date(amara, hana, kitchen):
    engagement = world.funded(amara, hana, kitchen, starts_in=1)
    before = days_of(engagement)
    kitchen.suspended_at = clock.now()
    kitchen.save()
    world.go_to("2027-03-04 09:00")
    tasks.kickoff_clock()
    assert world.again(engagement).state == "funded"  # a suspended employer does not start
    kitchen.suspended_at = None
    kitchen.save()
    tasks.kickoff_clock()
    assert days_of(engagement) == [day + timedelta(days=2) for day in before]
    assert world.again(engagement).due_on == date(2027, 4, 3)


def test_what_never_starts_is_reminded_of_and_then_cancelled_and_the_student_gets_a_tenth(
    amara, hana, kitchen, stranger
):
    engagement = world.accepted(amara, hana, kitchen)
    waiting = world.apply(stranger, engagement.project, state="shortlisted", in_reserve=True)
    engagement = world.secure(engagement, hana)
    kitchen.suspended_at = clock.now()
    kitchen.save()
    world.go_to(engagement.kickoff_by - timedelta(hours=23))
    for _ in range(2):
        tasks.reminders()
    assert told(amara, "kickoff_needed") == [f"Start “{engagement.title}”"]
    world.go_to(engagement.kickoff_cancel_at - timedelta(minutes=1))
    tasks.kickoff_clock()
    assert world.again(engagement).state == "funded"
    world.go_to(engagement.kickoff_cancel_at)
    for _ in range(2):
        tasks.kickoff_clock()
    ended = world.again(engagement)
    assert (ended.state, ended.end_reason, ended.review_until) == ("cancelled", "no_kickoff", None)
    assert states(ended) == ["cancelled"] * 3
    assert (ended.cancellation.pays, ended.cancellation.refunds) == (2_700, 27_000)
    assert Release.objects.get().net == 2_700
    assert world.again(waiting).in_reserve
    assert told(amara, "engagement_cancelled") == [f"“{engagement.title}” is cancelled"]


def test_when_the_student_was_away_nothing_is_owed_to_them(amara, hana, kitchen):
    engagement = world.funded(amara, hana, kitchen)
    amara.suspended_at = clock.now()
    amara.save()
    world.go_to(engagement.kickoff_cancel_at + timedelta(minutes=1))
    tasks.kickoff_clock()
    ended = world.again(engagement)
    assert (ended.state, ended.cancellation.pays, ended.cancellation.refunds) == ("cancelled", 0, 30_000)


# --- handing in -----------------------------------------------------------------------------------------------
def test_handing_in_starts_the_employers_clock_and_the_next_milestone(engagement, steps, amara, hana):
    submission = world.hand_in(
        amara, steps[0], note="Table and notes.", links=["https://example.com/table"], hours="4.5"
    )
    step = world.again(steps[0])
    assert (submission.version, submission.late, submission.hours, submission.ai_note) == (
        1,
        False,
        4.5,
        "none",
    )
    assert (step.state, step.review_ends_at) == (
        "submitted",
        world.at("2027-03-04 10:00").replace(
            microsecond=step.review_ends_at.microsecond, second=step.review_ends_at.second
        ),
    )
    assert states(engagement) == ["submitted", "in_progress", "planned"]
    assert told(hana, "submission") == ["Amara handed in “Step 1”"]
    assert Mail.objects.filter(user=hana, kind="submission").get().subject.startswith("[Action needed]")


def test_the_last_milestone_gives_five_business_days(engagement, steps, amara):
    for step in steps:
        world.hand_in(amara, step)
    assert world.again(steps[2]).review_ends_at.date() == date(2027, 3, 8)


def test_a_short_project_gives_two(amara, hana, kitchen):
    engagement = world.active(amara, hana, kitchen, days=14)
    world.hand_in(amara, world.milestones(engagement)[0])
    assert world.milestones(engagement)[0].review_ends_at.date() == date(2027, 3, 3)


@pytest.mark.parametrize(
    ("work", "field", "message"),
    [
        ({"note": "", "links": [], "files": []}, "note", "something that can be looked at"),
        ({"ai_note": "  "}, "ai_note", "Say where you used AI tools"),
        ({"ai_note": "x" * 501}, "ai_note", "At most 500"),
        ({"note": "x" * 3001}, "note", "At most 3,000"),
        ({"links": ["javascript:alert(1)"]}, "links", "not a web address"),
        ({"links": ["ftp://example.com/x"]}, "links", "not a web address"),
        ({"links": ["https://example.com/" + "x" * 500]}, "links", "at most 500 characters; this has 520"),
        ({"links": [f"https://example.com/{n}" for n in range(11)]}, "links", "At most 10"),
        ({"hours": "a few"}, "hours", "between 0.1 and 200"),
        ({"hours": "-1"}, "hours", "between 0.1 and 200"),
        ({"hours": "NaN"}, "hours", "between 0.1 and 200"),
        ({"hours": "1e9"}, "hours", "between 0.1 and 200"),
    ],
)
def test_what_cannot_be_handed_in_says_so_beside_the_field(work, field, message, steps, amara):
    with pytest.raises(Invalid) as refused:
        world.hand_in(amara, steps[0], **work)
    assert set(refused.value.message_dict) == {field}
    assert any(part in refused.value.message_dict[field][0] for part in message.split("|"))
    assert not Submission.objects.exists()
    assert world.again(steps[0]).state == "in_progress"


def test_where_ai_is_not_asked_about_nothing_has_to_be_said(amara, hana, kitchen):
    engagement = world.active(amara, hana, kitchen, ai_rule="allowed")
    assert world.hand_in(amara, world.milestones(engagement)[0], ai_note="").version == 1


def test_the_ai_rule_of_the_agreement_counts_and_not_a_later_edit(engagement, steps, amara):
    engagement.project.ai_rule = "allowed"
    engagement.project.save()
    with pytest.raises(Invalid):
        world.hand_in(amara, steps[0], ai_note="")


def test_late_work_is_taken_and_marked(engagement, steps, amara):
    world.go_to(steps[0].due_at + timedelta(hours=1))
    assert world.hand_in(amara, steps[0]).late


def test_only_the_student_hands_in_and_only_what_is_open(engagement, steps, amara, hana, stranger):
    for by in (hana, stranger):
        with pytest.raises(NotAllowed):
            world.hand_in(by, steps[0])
    with pytest.raises(WrongMoment, match="comes first"):
        world.hand_in(amara, steps[1])
    world.hand_in(amara, steps[0])
    with pytest.raises(WrongMoment, match="with the employer"):
        world.hand_in(amara, steps[0])
    assert Submission.objects.count() == 1


# --- the answer -----------------------------------------------------------------------------------------------
def test_approving_releases_the_money_in_the_same_step(engagement, steps, amara, hana):
    world.hand_in(amara, steps[0])
    actions.approve_milestone(by=hana, milestone=steps[0])
    step = world.again(steps[0])
    assert (step.state, step.approved_by_silence) == ("approved", False)
    release = Release.objects.get()
    assert (release.part.ref, release.net, release.by) == (step.part_ref, step.net, hana)
    assert told(amara, "approved") == ["“Step 1” is approved"]
    assert engagement.hold.figures()["net_releasing"] == step.net


def test_only_the_employer_answers(engagement, steps, amara, stranger):
    world.hand_in(amara, steps[0])
    for by in (amara, stranger, world.person("Mo", is_staff=True)):
        with pytest.raises(NotAllowed):
            actions.approve_milestone(by=by, milestone=steps[0])
        with pytest.raises(NotAllowed):
            actions.request_changes(by=by, milestone=steps[0], points=["More"])


def test_nothing_is_approved_before_it_is_handed_in_or_twice(engagement, steps, amara, hana):
    with pytest.raises(WrongMoment, match="Nothing has been handed in"):
        actions.approve_milestone(by=hana, milestone=steps[0])
    world.hand_in(amara, steps[0])
    actions.approve_milestone(by=hana, milestone=steps[0])
    with pytest.raises(WrongMoment, match="is approved"):
        actions.approve_milestone(by=hana, milestone=steps[0])
    assert Release.objects.count() == 1


def test_everything_that_waits_can_be_approved_at_once(engagement, steps, amara, hana):
    world.hand_in(amara, steps[0])
    world.hand_in(amara, steps[1])
    assert len(actions.approve_all(by=hana, engagement=engagement)) == 2
    assert states(engagement) == ["approved", "approved", "in_progress"]
    with pytest.raises(WrongMoment, match="Nothing is waiting"):
        actions.approve_all(by=hana, engagement=engagement)


def test_changes_give_five_days_and_start_the_clock_anew(engagement, steps, amara, hana):
    world.hand_in(amara, steps[0])
    change = actions.request_changes(
        by=hana, milestone=steps[0], points=["Show cost", "", "  Split December  "]
    )
    step = world.again(steps[0])
    assert (step.state, step.rounds_used, step.review_ends_at) == ("changes_requested", 1, None)
    assert change.points == ["Show cost", "Split December"]
    assert step.due_at == change.due_at == world.at("2027-03-06 23:59")
    assert "Show cost" in Notification.objects.get(user=amara, kind="changes_requested").body
    assert world.hand_in(amara, step).version == 2
    assert world.again(step).review_ends_at > clock.now()


def test_after_two_rounds_the_work_is_approved_or_not_but_not_changed_again(engagement, steps, amara, hana):
    for _ in range(2):
        world.hand_in(amara, steps[0])
        actions.request_changes(by=hana, milestone=steps[0], points=["More"])
    world.hand_in(amara, steps[0])
    with pytest.raises(WrongMoment, match="2 rounds of changes"):
        actions.request_changes(by=hana, milestone=steps[0], points=["And more"])
    assert queries.allowed_actions(hana, world.again(steps[0]))["approve"] is None


@pytest.mark.parametrize("points", [[], ["", "  "], ["x"] * 11, ["x" * 501]])
def test_a_round_has_one_to_ten_points(points, steps, amara, hana):
    world.hand_in(amara, steps[0])
    with pytest.raises(Invalid) as refused:
        actions.request_changes(by=hana, milestone=steps[0], points=points)
    assert set(refused.value.message_dict) == {"points"}
    assert world.again(steps[0]).state == "submitted"


def test_silence_is_approval(engagement, steps, amara, hana):
    world.hand_in(amara, steps[0])
    ends = world.again(steps[0]).review_ends_at
    world.go_to(ends - timedelta(minutes=1))
    tasks.review_clock()
    assert world.again(steps[0]).state == "submitted"
    world.go_to(ends)
    for _ in range(2):
        tasks.review_clock()
    step = world.again(steps[0])
    assert (step.state, step.approved_by_silence) == ("approved", True)
    assert Release.objects.get().by is None
    assert told(hana, "approved") == ["“Step 1” counts as approved"]
    change = StateChange.of(step).get(to_state="approved")
    assert (change.by, change.reason) == (None, "silence")


def test_one_failure_does_not_keep_the_other_clocks_from_running(
    engagement, steps, amara, hana, kitchen, caplog
):
    other = world.active(world.student("Cleo"), hana, kitchen)
    world.hand_in(amara, steps[0])
    theirs = world.milestones(other)[0]
    world.hand_in(other.student, theirs)
    engagement.hold.parts.filter(position=0).update(ref="lost")
    clock.advance(timedelta(days=9))
    tasks.review_clock()
    assert (world.again(steps[0]).state, world.again(theirs).state) == ("submitted", "approved")
    assert "the clock failed" in caplog.text


def test_reminders_come_a_day_and_four_hours_before_silence_once_each(engagement, steps, amara, hana):
    world.hand_in(amara, steps[0])  # answered until Thursday 10:00
    for moment, number in (
        ("2027-03-03 09:00", 0),
        ("2027-03-03 10:30", 1),
        ("2027-03-03 12:00", 1),
        ("2027-03-03 21:20", 1),
        ("2027-03-03 21:40", 2),
        ("2027-03-04 06:30", 2),
    ):
        world.go_to(moment)
        tasks.reminders()
        assert len(told(hana, "review_ending")) == number, moment
    assert told(amara, "review_ending") == []


def test_a_moved_clock_reminds_anew(engagement, steps, amara, hana):
    world.hand_in(amara, steps[0])
    world.go_to("2027-03-03 11:00")
    tasks.reminders()
    actions.request_changes(by=hana, milestone=steps[0], points=["More"])
    world.hand_in(amara, steps[0])
    world.go_to("2027-03-07 12:00")
    tasks.reminders()
    assert [title[-21:] for title in told(hana, "review_ending")] == [
        "on Thu 4 March, 10:00",
        "on Mon 8 March, 11:00",
    ]


def test_waiting_for_an_answer_moves_the_later_dates(engagement, steps, amara, hana):
    later = days_of(engagement)[1:]
    world.hand_in(amara, steps[0])
    clock.advance(timedelta(days=2))
    actions.approve_milestone(by=hana, milestone=steps[0])
    assert days_of(engagement)[1:] == [day + timedelta(days=2) for day in later]
    assert world.again(engagement).due_on == engagement.due_on + timedelta(days=2)
    assert "Your later dates moved by 2 days" in Notification.objects.get(user=amara, kind="approved").body


def test_an_answer_on_the_same_day_moves_nothing(engagement, steps, amara, hana):
    later = [m.due_at for m in steps[1:]]
    world.hand_in(amara, steps[0])
    actions.approve_milestone(by=hana, milestone=steps[0])
    assert [m.due_at for m in world.milestones(engagement)[1:]] == later


def test_the_student_is_reminded_of_what_is_due(engagement, steps, amara, hana):
    for moment in (
        steps[0].due_at - timedelta(hours=47),
        steps[0].due_at - timedelta(hours=12),
        steps[0].due_at + timedelta(minutes=10),
    ):
        world.go_to(moment)
        for _ in range(2):
            tasks.reminders()
    assert told(amara, "milestone_due") == [
        "“Step 1” is due in two days",
        "“Step 1” is due today",
        "“Step 1” is overdue",
    ]
    assert told(hana, "milestone_due") == ["“Step 1” is overdue"]


# --- the end ---------------------------------------------------------------------------------------------------
def test_the_last_approval_completes_the_engagement_and_proves_the_employer(amara, hana):
    kitchen = world.organisation(hana, proven=False)
    engagement = world.completed(amara, hana, kitchen)
    assert (engagement.state, engagement.end_reason) == ("completed", "done")
    assert engagement.review_until - engagement.ended_at >= timedelta(days=14)
    assert world.again(kitchen).proven_at is not None
    assert engagement.credential.student == amara
    assert told(amara, "completed") == told(hana, "completed") == [f"“{engagement.title}” is completed"]


def test_what_was_disputed_proves_nobody(amara, hana):
    kitchen = world.organisation(hana, proven=False)
    engagement = world.active(amara, hana, kitchen, milestones=1)
    world.hand_in(amara, world.milestones(engagement)[0])
    freeze_disputed(engagement)
    with pytest.raises(WrongMoment, match="moderator"):
        actions.approve_milestone(by=hana, milestone=world.milestones(engagement)[0])
    assert world.again(kitchen).proven_at is None


def test_the_first_engagement_of_an_unproven_employer_is_released_a_week_later(amara, hana):
    kitchen = world.organisation(hana, proven=False)
    world.completed(amara, hana, kitchen, milestones=1)
    release = Release.objects.get()
    assert (release.state, release.due_at.date()) == ("scheduled", date(2027, 3, 8))
    assert told(amara, "released") == ["$270.00 is released on Mon 8 March, 10:00"]


# --- standing still ----------------------------------------------------------------------------------------------
def test_a_dispute_stops_every_clock_and_every_act(engagement, steps, amara, hana):
    world.hand_in(amara, steps[0])
    freeze_disputed(engagement)
    clock.advance(timedelta(days=60))
    for run in (
        tasks.review_clock,
        tasks.kickoff_clock,
        tasks.extension_clock,
        tasks.cancel_clock,
        tasks.reminders,
    ):
        run()
    step = world.again(steps[0])
    assert step.state == "submitted"
    assert told(hana, "review_ending") == []
    for by, thing in ((hana, step), (amara, world.again(steps[1])), (hana, world.again(engagement))):
        acts = queries.allowed_actions(by, thing)
        assert acts
        assert all(reason is not None for reason in acts.values())


def test_money_that_the_bank_questions_stops_approval_and_the_clock(engagement, steps, amara, hana):
    from payments.holds import actions as money

    world.hand_in(amara, steps[0])
    money.freeze(by=None, hold=engagement.hold, why="a chargeback", cause="dispute:du_1")
    with pytest.raises(WrongMoment, match="questioned at the bank"):
        actions.approve_milestone(by=hana, milestone=steps[0])
    clock.advance(timedelta(days=10))
    tasks.review_clock()
    assert world.again(steps[0]).state == "submitted"
    money.unfreeze(by=None, hold=engagement.hold, cause="dispute:du_1")
    tasks.review_clock()
    assert world.again(steps[0]).state == "submitted"  # the clock stood still, and goes on from where it was
    clock.advance(timedelta(days=6))
    tasks.review_clock()
    assert world.again(steps[0]).state == "approved"


# --- more time ---------------------------------------------------------------------------------------------------
def ask(by, step, days=2, reason="The supplier has not answered yet."):
    first = queries.extension_days(world.again(step))[0]
    return actions.ask_extension(
        by=by, milestone=world.again(step), until=first + timedelta(days=days - 1), reason=reason
    )


def test_granted_time_moves_this_date_and_the_later_ones(engagement, steps, amara, hana):
    before = days_of(engagement)
    extension = ask(amara, steps[0])
    assert told(hana, "extension") == ["Amara asks for more time"]
    actions.answer_extension(by=hana, extension=extension, grant=True, note="Of course")
    assert days_of(engagement) == [day + timedelta(days=2) for day in before]
    assert world.again(extension).state == "granted"
    assert "Of course" in Notification.objects.get(user=amara, kind="extension").body


def test_refused_time_moves_nothing_and_can_be_asked_for_again(engagement, steps, amara, hana):
    extension = ask(amara, steps[0])
    actions.answer_extension(by=hana, extension=extension, grant=False)
    assert world.milestones(engagement)[0].due_at == steps[0].due_at
    assert ask(amara, steps[0]).state == "asked"


def test_no_answer_within_a_day_grants_it(engagement, steps, amara, hana):
    extension = ask(amara, steps[0])
    world.go_to(extension.answer_by - timedelta(minutes=1))
    tasks.extension_clock()
    assert world.again(extension).state == "asked"
    world.go_to(extension.answer_by)
    for _ in range(2):
        tasks.extension_clock()
    assert world.again(extension).state == "granted"
    assert world.milestones(engagement)[0].due_at == steps[0].due_at + timedelta(days=2)


def test_the_employer_may_ask_too_and_then_the_student_answers(engagement, steps, amara, hana):
    extension = ask(hana, steps[0])
    assert told(amara, "extension") == ["Hana asks for more time"]
    with pytest.raises(NotAllowed):
        actions.answer_extension(by=hana, extension=extension, grant=True)
    actions.answer_extension(by=amara, extension=extension, grant=True)
    assert world.again(extension).state == "granted"


def test_more_time_is_asked_for_two_days_before_and_once_at_a_time(engagement, steps, amara):
    ask(amara, steps[0])
    with pytest.raises(WrongMoment, match="asked for already"):
        ask(amara, steps[0])
    world.go_to(steps[1].due_at - timedelta(hours=47))
    with pytest.raises(WrongMoment, match="48 hours before"):
        ask(amara, steps[1])


def test_more_time_has_bounds_and_needs_a_reason(engagement, steps, amara, stranger):
    first, last = queries.extension_days(steps[0])
    assert (last - steps[0].due_at.date()).days <= 6
    for until in (first - timedelta(days=1), last + timedelta(days=1), date(2030, 1, 1)):
        with pytest.raises(Invalid) as refused:
            actions.ask_extension(by=amara, milestone=steps[0], until=until, reason="Because")
        assert set(refused.value.message_dict) == {"until"}
    with pytest.raises(Invalid) as refused:
        actions.ask_extension(by=amara, milestone=steps[0], until=first, reason=" ")
    assert set(refused.value.message_dict) == {"reason"}
    with pytest.raises(NotAllowed):
        actions.ask_extension(by=stranger, milestone=steps[0], until=first, reason="Because")
    assert not Extension.objects.exists()


def test_handing_in_makes_an_open_question_about_time_moot(engagement, steps, amara, hana):
    extension = ask(amara, steps[0])
    world.hand_in(amara, steps[0])
    assert world.again(extension).state == "withdrawn"
    with pytest.raises(WrongMoment):
        actions.answer_extension(by=hana, extension=extension, grant=True)


def test_the_half_is_of_all_extensions_together(engagement, steps, amara, hana):
    first, last = queries.extension_days(world.again(steps[0]))
    extension = actions.ask_extension(by=amara, milestone=steps[0], until=last, reason="Long")
    actions.answer_extension(by=hana, extension=extension, grant=True)
    with pytest.raises(WrongMoment, match="as far as the rules allow"):
        ask(amara, steps[0])


# --- cancelling ------------------------------------------------------------------------------------------------
def test_before_the_money_either_side_may_call_it_off(amara, hana, kitchen):
    engagement = world.accepted(amara, hana, kitchen)
    actions.cancel_engagement(by=hana, engagement=engagement, note="We lost the budget.")
    assert world.again(engagement).state == "cancelled"
    assert world.again(engagement.hold).state == "cancelled"
    application = Application.objects.get(student=amara)
    assert (application.state, application.decline_reason) == ("declined", "cancelled")
    assert world.again(engagement.project).state == "published"


def test_a_student_who_calls_it_off_before_the_money_leaves_the_project(amara, hana, kitchen):
    engagement = world.accepted(amara, hana, kitchen)
    actions.cancel_engagement(by=amara, engagement=engagement)
    assert Application.objects.get(student=amara).state == "withdrawn"


@pytest.mark.parametrize("who", ["amara", "hana"])
def test_before_the_start_everything_goes_back(who, amara, hana, kitchen, request):
    engagement = world.funded(amara, hana, kitchen, starts_in=5)
    by = request.getfixturevalue(who)
    assert queries.cancel_preview(engagement, queries.side_of(by, engagement)).refunds == 30_000
    cancellation = actions.cancel_engagement(by=by, engagement=engagement)
    assert (cancellation.pays, cancellation.refunds, Refund.objects.get().amount) == (0, 30_000, 30_000)
    assert world.again(engagement).end_reason == ("by_student" if by == amara else "by_employer")
    assert not Release.objects.exists()


def test_an_employer_who_cancels_gives_two_days_and_then_pays_what_is_due(engagement, steps, amara, hana):
    world.hand_in(amara, steps[0])
    actions.approve_milestone(by=hana, milestone=steps[0])
    preview = queries.cancel_preview(world.again(engagement), "employer")
    assert (preview.approved, preview.unreleased, preview.basis) == (9_000, 18_000, "minimum")
    cancellation = actions.cancel_engagement(by=hana, engagement=engagement, note="Our plans changed.")
    assert world.again(engagement).state == "active"
    assert told(amara, "engagement_cancelled") == [f"Civic Kitchen is ending “{engagement.title}”"]
    world.hand_in(amara, steps[1])
    tasks.cancel_clock()
    assert world.again(cancellation).settled_at is None
    clock.advance(timedelta(hours=48, minutes=1))
    for _ in range(2):
        tasks.cancel_clock()
    cancellation = world.again(cancellation)
    assert (cancellation.basis, cancellation.pays, cancellation.refunds) == ("submitted", 9_000, 10_000)
    ended = world.again(engagement)
    assert (ended.state, ended.end_reason) == ("cancelled", "by_employer")
    assert states(ended) == ["approved", "cancelled", "cancelled"]
    assert ended.review_until is not None
    assert sum(r.net for r in Release.objects.all()) == 18_000
    assert Refund.objects.get().amount == 10_000
    assert not hasattr(ended, "credential")


def test_the_time_that_passed_counts_up_to_the_day_of_cancelling(engagement, steps, amara, hana):
    clock.advance(timedelta(days=15))
    found = queries.cancel_preview(world.again(engagement), "employer")
    actions.cancel_engagement(by=hana, engagement=engagement)
    clock.advance(timedelta(days=3))
    tasks.cancel_clock()
    cancellation = Cancellation.objects.get()
    assert found.basis == cancellation.basis == "elapsed"
    assert abs(found.pays - cancellation.pays) <= 1
    assert 12_000 < cancellation.pays < 15_000


def test_a_student_who_cancels_keeps_approved_work_and_it_ends_at_once(engagement, steps, amara, hana):
    world.hand_in(amara, steps[0])
    actions.approve_milestone(by=hana, milestone=steps[0])
    world.hand_in(amara, steps[1])
    cancellation = actions.cancel_engagement(by=amara, engagement=engagement, note="I am ill.")
    assert (cancellation.basis, cancellation.pays, cancellation.refunds) == ("nothing", 0, 20_000)
    assert world.again(engagement).state == "cancelled"
    assert [r.net for r in Release.objects.all()] == [9_000]
    assert "I am ill." in Notification.objects.get(user=hana, kind="engagement_cancelled").body


def test_nothing_is_cancelled_twice_and_no_changes_are_asked_for_while_it_ends(
    engagement, steps, amara, hana, stranger
):
    world.hand_in(amara, steps[0])
    actions.cancel_engagement(by=hana, engagement=engagement)
    for by in (amara, hana):
        with pytest.raises(WrongMoment, match="already being ended"):
            actions.cancel_engagement(by=by, engagement=engagement)
    with pytest.raises(NotAllowed):
        actions.cancel_engagement(by=stranger, engagement=engagement)
    with pytest.raises(WrongMoment, match="ending this project"):
        actions.request_changes(by=hana, milestone=steps[0], points=["More"])


def test_approving_everything_while_it_ends_completes_it(engagement, steps, amara, hana):
    actions.cancel_engagement(by=hana, engagement=engagement)
    for step in steps:
        world.hand_in(amara, step)
    actions.approve_all(by=hana, engagement=engagement)
    assert world.again(engagement).state == "completed"
    clock.advance(timedelta(days=3))
    tasks.cancel_clock()
    assert world.again(engagement).state == "completed"
    assert Cancellation.objects.get().settled_at is not None


def test_money_that_was_held_as_long_as_the_rules_allow_goes_back_unless_work_was_handed_in(
    amara, hana, kitchen
):
    silent = world.active(amara, hana, kitchen)
    working = world.active(world.student("Cleo"), hana, kitchen)
    first = world.milestones(working)[0]
    world.hand_in(working.student, first)
    freeze_disputed(working)
    moderator = world.person("Mo", is_staff=True)
    world.go_to(silent.hold.limit_at + timedelta(hours=1))
    hold_limits()
    assert told(moderator, "hold_limit") == [f"Decide about the funds of “{working.title}”"]
    tasks.kickoff_clock()
    assert (world.again(silent).state, world.again(silent).end_reason) == ("cancelled", "limit")
    assert world.again(working).state == "active"
    assert due.due_to_end(world.again(working), clock.now()) is None


# --- who sees what ------------------------------------------------------------------------------------------------
def test_the_two_parties_and_moderators_see_the_work_and_nobody_else(engagement, amara, hana, stranger):
    moderator = world.person("Mo", is_staff=True)
    other = world.person("Other boss")
    world.organisation(other, name="Elsewhere")
    for user, sees in ((amara, True), (hana, True), (moderator, True), (stranger, False), (other, False)):
        assert queries.visible_to(user).filter(pk=engagement.pk).exists() is sees
    assert queries.side_of(moderator, engagement) is None
    assert queries.allowed_actions(moderator, engagement) == {}


def test_the_next_step_names_who_and_when(engagement, steps, amara, hana):
    mine, theirs = (story.next_step(world.again(engagement), side) for side in ("student", "employer"))
    assert (mine.text, mine.who, mine.at) == ("Hand in “Step 1”", "you", steps[0].due_at)
    assert (theirs.text, theirs.who) == ("Hand in “Step 1”", "them")
    world.hand_in(amara, steps[0])
    step = story.next_step(world.again(engagement), "employer")
    assert (step.text, step.who, step.at) == (
        "Answer to “Step 1”",
        "you",
        world.again(steps[0]).review_ends_at,
    )
    assert story.next_step(world.again(engagement), "student").text == "Hand in “Step 2”"
    ended = world.completed(world.student("Cleo"), hana, engagement.organisation)
    assert story.next_step(ended, "student").who == "nobody"


def test_the_history_says_who_did_what(engagement, steps, amara, hana):
    world.hand_in(amara, steps[0])
    actions.approve_milestone(by=hana, milestone=steps[0])
    said = [(change.said, change.by) for change in story.history(world.again(engagement))]
    assert ("Step 1: handed in", amara) in said
    assert ("Step 1: approved", hana) in said
    assert said[-1][0] == "Offer accepted"


def test_milestones_of_one_engagement_are_listed_in_order(engagement):
    assert [m.order for m in Milestone.objects.filter(engagement=engagement)] == [1, 2, 3]
