"""When things are due in an engagement: arithmetic on instants, zones and the policy frozen in its agreement."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from marketplace.ground import calendar, policy
from projects.hiring.models import Engagement, Milestone
from projects.hiring.states import MilestoneState

EVENING = time(21, 30)  # the last moment before the quiet hours at which a reminder still helps
CANCEL_GRACE = timedelta(hours=48)  # to hand in what there is after the employer cancels


def rule(engagement: Engagement, name: str):
    """The value of a policy rule as it stood when the agreement was made."""
    found = engagement.policy.get(name)
    return getattr(policy.current(), name) if found is None else found


def zone_of(engagement: Engagement) -> str:
    return engagement.project.zone


def local_day(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def shift(instant: datetime, days: int, zone: str) -> datetime:
    """`instant` moved by whole days of the calendar in `zone`: 23:59 stays 23:59 when the clocks change."""
    local = instant.astimezone(ZoneInfo(zone))
    moved = datetime.combine(local.date() + timedelta(days=days), local.time(), ZoneInfo(zone))
    return moved.astimezone(UTC)


def agreed_start(engagement: Engagement) -> datetime:
    """7:00 of the agreed first day: when the work starts if nobody started it before."""
    zone = ZoneInfo(zone_of(engagement))
    return datetime.combine(engagement.start_on, calendar.QUIET_UNTIL, zone).astimezone(UTC)


def late_start_days(engagement: Engagement, at: datetime) -> int:
    """By how many days the work starts after the agreed day: the student's dates move by as much."""
    return max(0, (local_day(at, zone_of(engagement)) - engagement.start_on).days)


def review_days(engagement: Engagement, *, last: bool) -> int:
    """The business days that the employer has to look at work that was handed in."""
    if last:
        return rule(engagement, "review_last_days")
    agreed = engagement.offer  # its dates stay as they were agreed
    short = (agreed.due_on - agreed.start_on).days < rule(engagement, "short_project_days")
    return rule(engagement, "review_short_days" if short else "review_business_days")


def review_end(engagement: Engagement, at: datetime, *, last: bool) -> datetime:
    """When silence about work that was handed in `at` becomes approval.

    Business days of the operator's zone, frozen in the agreement; never within the employer's quiet hours.
    """
    end = calendar.add_business_days(at, review_days(engagement, last=last), rule(engagement, "zone"))
    return calendar.after_quiet(end, zone_of(engagement))


def revision_due(engagement: Engagement, at: datetime) -> datetime:
    """Until when the next version is due after changes were asked for `at`."""
    day = local_day(at, zone_of(engagement)) + timedelta(days=rule(engagement, "revision_days"))
    return calendar.end_of_day(day, zone_of(engagement))


def waited_days(
    milestones: Iterable[Milestone], reviews_ended: Iterable[datetime], at: datetime, zone: str
) -> int:
    """Whole days until `at` that the student has waited for a review and that have not been counted yet.

    milestones: all of the engagement, in the states they have before the review that ends now. reviews_ended: when
    earlier reviews ended; each of them has counted the days up to then.
    """
    waiting = [m.submitted_at for m in milestones if m.state == MilestoneState.SUBMITTED]
    if not waiting:
        return 0
    since = max([min(waiting), *reviews_ended])
    return max(0, (local_day(at, zone) - local_day(since, zone)).days)


def extension_bounds(
    engagement: Engagement, milestone: Milestone, begins: datetime, granted: int, last_due: datetime
) -> tuple[date, date]:
    """The first and the last day until which more time can be asked for; no day at all when last < first.

    begins: when the milestone's own time began. granted: days of extra time it already has. last_due: of the
    whole engagement, which moves along and has to stay inside the hard limit.
    """
    zone = zone_of(engagement)
    due = local_day(milestone.due_at, zone)
    planned = max(0, (due - local_day(begins, zone)).days - granted)
    extra = planned * rule(engagement, "extension_max_bp") // 10_000 - granted
    started = engagement.started_at or agreed_start(engagement)
    limit = local_day(started, zone) + timedelta(days=rule(engagement, "hard_max_days"))
    room = (limit - local_day(last_due, zone)).days
    return due + timedelta(days=1), due + timedelta(days=max(0, min(extra, room)))


def remind_at(deadline: datetime, before: timedelta, zone: str) -> datetime:
    """`before` the deadline, or the evening before when that is in the reader's quiet hours."""
    at = deadline - before
    if not calendar.is_quiet(at, zone):
        return at
    local = at.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() >= calendar.QUIET_FROM else local.date() - timedelta(days=1)
    return datetime.combine(day, EVENING, ZoneInfo(zone)).astimezone(UTC)
