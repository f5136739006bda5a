"""What follows for the work when its money stood still, or when a moderator decides about it."""

from datetime import timedelta

from django.db import transaction

from marketplace.ground import calendar, clock
from marketplace.ground.errors import WrongMoment
from marketplace.ground.states import move
from projects.hiring.models import Engagement, Milestone
from projects.hiring.states import EngagementState, MilestoneState

from .. import clocks, notices, queries
from ..states import ExtensionState
from .answering import complete_if_done
from .common import count_waiting, lock, move_dates

E, M = EngagementState, MilestoneState
AT_LEAST = timedelta(hours=1)  # shorter stops move nobody's dates
WHY = "Everything stood still while the payment was being looked at."


def give_time_back(
    *, engagement: Engagement, stood_still: timedelta, why: str = WHY, at_least: timedelta = AT_LEAST
) -> None:
    """Every clock that stood still gets the time back. Dates move by whole days, rounded up.

    why: a sentence for the timeline. at_least: a shorter stop changes nothing.
    """
    if stood_still < at_least:
        return
    with transaction.atomic():
        row = lock(engagement)
        zone = clocks.zone_of(row)
        milestones = list(row.milestones.all())
        for milestone in milestones:
            if milestone.state == M.SUBMITTED and milestone.review_ends_at:
                later = calendar.after_quiet(milestone.review_ends_at + stood_still, zone)
                Milestone.objects.filter(pk=milestone.pk).update(review_ends_at=later)
            for asked in milestone.extensions.filter(state=ExtensionState.ASKED):
                asked.answer_by += stood_still
                asked.save(update_fields=["answer_by"])
        _shift(row, stood_still)
        move_dates(
            row, milestones, -(-stood_still // timedelta(days=1)) if stood_still >= AT_LEAST else 0, why
        )


def _shift(row: Engagement, stood_still: timedelta) -> None:
    """The dates of the engagement itself: to start by, and to settle a cancellation at."""
    if row.state == E.FUNDED and row.kickoff_by and row.kickoff_cancel_at:
        row.kickoff_by += stood_still
        row.kickoff_cancel_at += stood_still
        row.save(update_fields=["kickoff_by", "kickoff_cancel_at"])
    ending = queries.cancelling(row)
    if ending:
        ending.settles_at += stood_still
        ending.save(update_fields=["settles_at"])


def approve_by_moderator(*, by, engagement: Engagement, part_ref: str, why: str) -> None:
    """A moderator releases a milestone's money, so its work is approved with it. The release is payments' own.

    Raises `WrongMoment` when nothing was handed in for it.
    """
    with transaction.atomic():
        row = lock(engagement)
        milestone = next((m for m in row.milestones.all() if m.part_ref == part_ref), None)
        if milestone is None or milestone.state in (M.APPROVED, M.CANCELLED):
            return
        if milestone.state != M.SUBMITTED or row.state != E.ACTIVE:
            raise WrongMoment("Nothing has been handed in for this milestone. It can be refunded.")
        now = clock.now()
        moved = count_waiting(row, milestone, now)
        move(milestone, M.APPROVED, by=by, reason="moderator", note=why, approved_at=now)
        notices.tell_approved(milestone, moved)
        complete_if_done(row, by)
