"""The employer's answer to what was handed in: changes, approval, or silence, which is approval."""

from collections.abc import Sequence

from django.db import transaction

from accounts.employers.actions import mark_proven
from marketplace.ground import clock
from marketplace.ground.errors import WrongMoment
from marketplace.ground.states import move
from payments.holds import actions as money
from projects.hiring.models import Engagement, Milestone
from projects.hiring.signals import engagement_ended
from projects.hiring.states import EndReason, EngagementState, MilestoneState

from .. import clocks, notices, queries
from ..inputs import clean_changes
from ..models import Cancellation, ChangeRequest
from .common import count_waiting, keep_last_day, lock, lock_milestone, review_until

E, M = EngagementState, MilestoneState


def request_changes(*, by, milestone: Milestone, points: Sequence[str]) -> ChangeRequest:
    """Ask for one round of changes, point by point (1 to 10). Raises `NotAllowed`, `WrongMoment`, `Invalid`."""
    queries.insist(by, queries.fresh(milestone), "request_changes")
    points = clean_changes(points)
    with transaction.atomic():
        row = lock_milestone(milestone)
        queries.insist(by, row, "request_changes")
        engagement, now = row.engagement, clock.now()
        count_waiting(engagement, row, now)
        number, until = row.rounds_used + 1, clocks.revision_due(engagement, now)
        change = ChangeRequest.objects.create(
            milestone=row,
            submission=row.submissions.first(),
            round=number,
            points=points,
            due_at=until,
            by=by,
            at=now,
        )
        move(
            row,
            M.CHANGES_REQUESTED,
            by=by,
            reason=f"round_{number}",
            note="\n".join(points),
            rounds_used=number,
            due_at=until,
            review_ends_at=None,
        )
        keep_last_day(engagement)
        notices.tell_changes(change)
    return change


def approve_milestone(*, by, milestone: Milestone, silence: bool = False) -> Milestone:
    """Approve what was handed in and release its money in the same transaction.

    silence: the review clock has ended and nobody answered (`by` is None then). The last approval completes the
    engagement. Raises `NotAllowed`, `WrongMoment`.
    """
    with transaction.atomic():
        row = lock_milestone(milestone)
        if silence:
            _ensure_silence(row)
        else:
            queries.insist(by, row, "approve")
        _approve(row, by=None if silence else by, silence=silence)
        complete_if_done(row.engagement, by)
    return row


def approve_all(*, by, engagement: Engagement) -> list[Milestone]:
    """Approve everything that is handed in, at once. Raises `NotAllowed`, `WrongMoment`."""
    with transaction.atomic():
        row = lock(engagement)
        queries.insist(by, row, "approve_all")
        waiting = [m for m in row.milestones.all() if m.state == M.SUBMITTED]
        for milestone in waiting:
            _approve(milestone, by=by, silence=False)
        complete_if_done(row, by)
    return waiting


def _ensure_silence(row: Milestone) -> None:
    engagement = row.engagement
    over = row.state == M.SUBMITTED and row.review_ends_at and row.review_ends_at <= clock.now()
    if not over or engagement.state != E.ACTIVE or queries.stands_still(engagement):
        raise WrongMoment("The time to answer is not over.")


def _approve(row: Milestone, *, by, silence: bool) -> None:
    engagement, now = row.engagement, clock.now()
    moved = count_waiting(engagement, row, now)
    reason = "silence" if silence else "approved"
    move(row, M.APPROVED, by=by, reason=reason, approved_at=now, approved_by_silence=silence)
    money.release_parts(by=by, hold=engagement.hold, ref=row.part_ref, reason=reason)
    notices.tell_approved(row, moved)


def complete_if_done(engagement: Engagement, by) -> None:
    if any(m.state in queries.UNFINISHED for m in engagement.milestones.all()):
        return
    now = clock.now()
    ending = queries.cancelling(engagement)
    if ending:
        Cancellation.objects.filter(pk=ending.pk).update(settled_at=now, basis=Cancellation.Basis.NOTHING)
    clean = not queries.ever_disputed(engagement) and not queries.ever_refunded(engagement)
    move(
        engagement,
        E.COMPLETED,
        by=by,
        end_reason=EndReason.DONE,
        ended_at=now,
        review_until=review_until(engagement),
    )
    if clean:
        mark_proven(engagement.organisation)
    engagement_ended.send(sender=Engagement, engagement=engagement)
    notices.tell_completed(engagement)
