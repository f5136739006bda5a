"""When things are due, over weekends, holidays, nights and changes of the clock; and what a cancellation comes to."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from marketplace.ground.models import Holiday, Policy
from projects.hiring.states import MilestoneState
from projects.working import clocks, split
from projects.working.models import Cancellation

NEW_YORK = ZoneInfo("America/New_York")
Basis = Cancellation.Basis


def at(text: str, zone=NEW_YORK) -> datetime:
    """`"2026-03-05 14:00"` in New York."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def engagement(start="2026-03-02", due="2026-03-31", zone="America/New_York", started=None, **policy):
    rules = Policy().frozen() | policy
    start, due = date.fromisoformat(start), date.fromisoformat(due)
    return SimpleNamespace(
        policy=rules,
        start_on=start,
        due_on=due,
        started_at=started,
        project=SimpleNamespace(zone=zone),
        offer=SimpleNamespace(start_on=start, due_on=due),
    )


def local(instant: datetime) -> str:
    return f"{instant.astimezone(NEW_YORK):%a %Y-%m-%d %H:%M}"


# --- the review clock ---------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("handed_in", "last", "project", "ends"),
    [
        # a milestone has three business days, the last one five
        ("2026-03-03 14:00", False, {}, "Fri 2026-03-06 14:00"),
        ("2026-03-03 14:00", True, {}, "Tue 2026-03-10 14:00"),
        # over a weekend
        ("2026-03-05 14:00", False, {}, "Tue 2026-03-10 14:00"),
        # two when the project is under fifteen days, also when waiting has made it longer since
        ("2026-03-03 14:00", False, {"due": "2026-03-16"}, "Thu 2026-03-05 14:00"),
        ("2026-03-03 14:00", False, {"due": "2026-03-17"}, "Fri 2026-03-06 14:00"),
        ("2026-03-03 14:00", True, {"due": "2026-03-10"}, "Tue 2026-03-10 14:00"),
        # handed in on a Saturday: the clock starts on Monday morning
        ("2026-03-07 15:00", False, {}, "Thu 2026-03-12 09:00"),
        # 14:00 stays 14:00 over the night in which the clocks go forward (8 March 2026) or back (1 November 2026)
        ("2026-03-06 14:00", False, {}, "Wed 2026-03-11 14:00"),
        ("2026-10-30 14:00", False, {}, "Wed 2026-11-04 14:00"),
        # never at night: the end waits for the morning
        ("2026-03-03 23:30", False, {}, "Sat 2026-03-07 07:00"),
        ("2026-03-03 03:00", False, {}, "Fri 2026-03-06 07:00"),
        # a leap day is a day
        ("2028-02-28 10:00", False, {"start": "2028-02-20", "due": "2028-03-20"}, "Thu 2028-03-02 10:00"),
    ],
)
def test_silence_counts_after_so_many_business_days(handed_in, last, project, ends):
    assert local(clocks.review_end(engagement(**project), at(handed_in), last=last)) == ends


@pytest.mark.django_db
def test_a_holiday_is_no_business_day():
    Holiday.objects.create(day=date(2026, 3, 4), name="Founders' day")
    assert (
        local(clocks.review_end(engagement(), at("2026-03-03 14:00"), last=False)) == "Mon 2026-03-09 14:00"
    )


@pytest.mark.django_db
def test_the_policy_of_the_agreement_counts_and_not_the_one_of_today():
    agreed = engagement(review_business_days=1)
    Policy.objects.create(pk=1, review_business_days=9)
    assert local(clocks.review_end(agreed, at("2026-03-03 14:00"), last=False)) == "Wed 2026-03-04 14:00"


@pytest.mark.django_db
def test_a_review_ends_outside_the_night_of_the_project():
    """Business days are the operator's, the night is the employer's: noon in New York is 5:00 in Auckland."""
    end = clocks.review_end(engagement(zone="Pacific/Auckland"), at("2026-03-03 12:00"), last=False)
    assert end.astimezone(ZoneInfo("Pacific/Auckland")).strftime("%a %H:%M") == "Sat 07:00"


# --- the other dates -----------------------------------------------------------------------------------------
def test_work_starts_in_the_morning_of_the_agreed_day():
    assert local(clocks.agreed_start(engagement(start="2026-03-09"))) == "Mon 2026-03-09 07:00"


def test_a_late_start_is_counted_in_days_of_the_projects_calendar():
    agreed = engagement(start="2026-03-09")
    assert clocks.late_start_days(agreed, at("2026-03-09 23:50")) == 0
    assert clocks.late_start_days(agreed, at("2026-03-11 00:10")) == 2
    assert clocks.late_start_days(agreed, at("2026-03-01 12:00")) == 0


@pytest.mark.parametrize(
    ("before", "days", "after"),
    [
        ("2026-03-07 23:59", 1, "Sun 2026-03-08 23:59"),
        ("2026-03-07 23:59", 2, "Mon 2026-03-09 23:59"),
        ("2026-10-31 23:59", 2, "Mon 2026-11-02 23:59"),
    ],
)
def test_a_date_that_moves_stays_at_the_end_of_its_day_when_the_clocks_change(before, days, after):
    assert local(clocks.shift(at(before), days, "America/New_York")) == after


def test_changes_are_due_at_the_end_of_the_fifth_day():
    assert local(clocks.revision_due(engagement(), at("2026-03-05 09:00"))) == "Tue 2026-03-10 23:59"


def milestone(state, submitted=None):
    return SimpleNamespace(state=state, submitted_at=at(submitted) if submitted else None)


def waited(rows, ended, now):
    return clocks.waited_days(rows, [at(one) for one in ended], at(now), "America/New_York")


def test_waiting_is_counted_in_whole_days_from_the_hand_in():
    rows = [milestone(MilestoneState.SUBMITTED, "2026-03-03 20:00"), milestone(MilestoneState.PLANNED)]
    assert waited(rows, [], "2026-03-03 23:00") == 0
    assert waited(rows, [], "2026-03-06 08:00") == 3


def test_two_reviews_at_once_count_each_day_of_waiting_once():
    both = [
        milestone(MilestoneState.SUBMITTED, "2026-03-02 10:00"),
        milestone(MilestoneState.SUBMITTED, "2026-03-03 10:00"),
    ]
    assert waited(both, [], "2026-03-04 10:00") == 2  # the second is answered
    one = both[:1]
    assert waited(one, ["2026-03-04 10:00"], "2026-03-05 10:00") == 1  # the first, a day later: three in all


def test_nobody_waits_when_nothing_is_handed_in():
    assert waited([milestone(MilestoneState.IN_PROGRESS)], [], "2026-03-05 10:00") == 0


# --- more time -----------------------------------------------------------------------------------------------
def bounds(due="2026-03-16 23:59", begins="2026-03-06 23:59", granted=0, last_due="2026-03-31 23:59", **more):
    agreed = engagement(started=at("2026-03-02 09:00"), **more)
    return clocks.extension_bounds(agreed, SimpleNamespace(due_at=at(due)), at(begins), granted, at(last_due))


def test_more_time_is_at_most_half_of_the_milestones_own_time():
    assert bounds() == (date(2026, 3, 17), date(2026, 3, 21))  # ten days, whatever the clocks did on 8 March
    assert bounds(due="2026-03-26 23:59", begins="2026-03-16 23:59") == (date(2026, 3, 27), date(2026, 3, 31))


def test_what_was_granted_before_counts():
    first, last = bounds(due="2026-03-31 23:59", begins="2026-03-16 23:59", granted=5)
    assert (first, last) == (date(2026, 4, 1), date(2026, 3, 31))  # half of ten is used


def test_more_time_stays_within_the_hard_limit_of_the_whole():
    _, last = bounds(due="2026-03-26 23:59", begins="2026-03-16 23:59", last_due="2026-04-25 23:59")
    assert last == date(2026, 3, 28)  # 56 days after 2 March is 27 April, two days on


# --- reminders -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("deadline", "hours", "reminded"),
    [
        ("2026-03-06 14:00", 4, "Fri 2026-03-06 10:00"),
        ("2026-03-06 14:00", 24, "Thu 2026-03-05 14:00"),
        # four hours before is at night: the evening before still helps
        ("2026-03-06 09:00", 4, "Thu 2026-03-05 21:30"),
        ("2026-03-06 07:00", 4, "Thu 2026-03-05 21:30"),
        ("2026-03-06 03:00", 4, "Thu 2026-03-05 21:30"),
    ],
)
def test_reminders_keep_out_of_the_night(deadline, hours, reminded):
    assert local(clocks.remind_at(at(deadline), timedelta(hours=hours), "America/New_York")) == reminded


# --- what a cancellation comes to ---------------------------------------------------------------------------
PARTS = [(9000, 1000), (18000, 2000)]  # (net, fee): 100.00 and 200.00


@pytest.mark.parametrize(
    ("submitted", "elapsed", "pays", "basis"),
    [
        (0, 0.0, 6750, Basis.MINIMUM),  # a quarter of 270.00
        (0, 0.5, 13500, Basis.ELAPSED),
        (9000, 0.1, 9000, Basis.SUBMITTED),
        (9000, 0.9, 24300, Basis.ELAPSED),
        (27000, 1.0, 27000, Basis.SUBMITTED),
        (0, 1.7, 27000, Basis.ELAPSED),
        (0, -3.0, 6750, Basis.MINIMUM),
    ],
)
def test_an_employer_who_cancels_pays_the_greatest_of_three(submitted, elapsed, pays, basis):
    found = split.employer_cancels(5000, PARTS, submitted, elapsed, "USD")
    assert (found.approved, found.unreleased, found.pays, found.basis) == (5000, 27000, pays, basis)
    assert found.pays + found.fee + found.refunds == 30000


def test_the_fee_is_taken_only_on_what_is_paid():
    found = split.employer_cancels(0, PARTS, 0, 0.5, "USD")
    assert (found.pays, found.fee, found.refunds) == (13500, 1000 + 500, 15000)


def test_a_student_who_cancels_keeps_what_was_approved():
    assert split.student_cancels(9000, PARTS, "USD") == split.Split(9000, 27000, 0, 0, 30000, Basis.NOTHING)


def test_before_kickoff_everything_goes_back_unless_the_employer_was_the_cause():
    assert split.never_started(PARTS, 0, "USD") == split.Split(0, 27000, 0, 0, 30000, Basis.NOTHING)
    assert split.never_started(PARTS, 1000, "USD") == split.Split(0, 27000, 2700, 300, 27000, Basis.KICKOFF)


def test_odd_cents_add_up():
    parts = [(3333, 371), (3333, 370), (3334, 370)]
    for elapsed in (0.0, 0.251, 1 / 3, 0.5, 0.7777, 0.999):
        found = split.employer_cancels(0, parts, 0, elapsed, "USD")
        assert found.pays + found.fee + found.refunds == 11111
        assert found.pays >= 2500
