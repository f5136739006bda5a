"""What the verbs share: the locks, and the dates that move."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Prefetch, prefetch_related_objects

from marketplace.ground import calendar, clock
from marketplace.ground.states import move, record
from projects.hiring.actions.funding import lock_engagement
from projects.hiring.models import Engagement, Milestone
from projects.hiring.states import MilestoneState

from .. import clocks, due, notices, queries
from ..states import ExtensionState

M = MilestoneState


def lock(engagement: Engagement) -> Engagement:
    """Project, application, engagement and its milestones, locked in that order and read anew."""
    _, _, row = lock_engagement(engagement)
    rows = Milestone.objects.filter(engagement=row).order_by("order")
    list(rows.select_for_update(of=("self",)))
    # Fetched again without the lock in the query: what is returned may be read after the transaction, too.
    prefetch_related_objects([row], Prefetch("milestones", Milestone.objects.order_by("order")))
    return row


def lock_milestone(milestone: Milestone) -> Milestone:
    engagement = lock(milestone.engagement)
    return next(row for row in engagement.milestones.all() if row.pk == milestone.pk)


def move_dates(engagement: Engagement, milestones: Sequence[Milestone], days: int, why: str) -> None:
    """Move the dates of unfinished `milestones` (and of what is asked for them) by whole calendar days."""
    zone = clocks.zone_of(engagement)
    for row in milestones if days > 0 else ():
        if row.state in (M.PLANNED, M.IN_PROGRESS, M.CHANGES_REQUESTED):
            row.due_at = clocks.shift(row.due_at, days, zone)
            row.save(update_fields=["due_at"])
            for asked in row.extensions.filter(state=ExtensionState.ASKED):
                asked.due_before = clocks.shift(asked.due_before, days, zone)
                asked.until = clocks.shift(asked.until, days, zone)
                asked.save(update_fields=["due_before", "until"])
    if days > 0:
        record(engagement, "dates_moved", reason="dates_moved", note=f"{why} Moved by {notices.days(days)}.")
        keep_last_day(engagement)


def keep_last_day(engagement: Engagement) -> None:
    zone = clocks.zone_of(engagement)
    last = max(clocks.local_day(row.due_at, zone) for row in engagement.milestones.all())
    if last > engagement.due_on:
        engagement.due_on = last
        engagement.save(update_fields=["due_on"])


def count_waiting(engagement: Engagement, milestone: Milestone, now: datetime) -> int:
    """A review of `milestone` ends now: the dates after it move by the days that the student waited."""
    rows = list(engagement.milestones.all())
    days = clocks.waited_days(rows, due.last_review_end(engagement), now, clocks.zone_of(engagement))
    later = [row for row in rows if row.order > milestone.order and row.state in queries.UNFINISHED]
    if later:
        move_dates(engagement, later, days, f"“{milestone.title}” waited for an answer.")
    return days if later else 0


def withdraw_extensions(milestone: Milestone, by) -> None:
    for asked in milestone.extensions.select_for_update().filter(state=ExtensionState.ASKED):
        move(asked, ExtensionState.WITHDRAWN, by=by)


def review_until(engagement: Engagement) -> datetime:
    until = clock.now() + timedelta(days=clocks.rule(engagement, "peer_review_days"))
    return calendar.after_quiet(until, clocks.zone_of(engagement))
