"""The end before the end: what a cancellation does, whoever or whatever cancels."""

from django.db import transaction

from marketplace.ground import clock
from marketplace.ground.errors import WrongMoment
from marketplace.ground.states import move, record
from payments.holds import actions as money
from projects.applying.actions import reopen_for_reserve
from projects.hiring.models import Engagement
from projects.hiring.signals import engagement_ended
from projects.hiring.states import EndReason, EngagementState, MilestoneState

from .. import clocks, due, notices, queries
from ..inputs import clean_text
from ..models import Cancellation
from .common import lock, review_until, withdraw_extensions

E, M, Side = EngagementState, MilestoneState, Cancellation.Side


def cancel_engagement(*, by, engagement: Engagement, note: str = "") -> Cancellation:
    """Cancel a project by the rules of the agreement; `queries.cancel_preview` says what it comes to.

    Before kick-off everything goes back. After, a student's cancellation settles at once; an employer's in 48
    hours, in which the student can still hand in. Raises `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    with transaction.atomic():
        row = lock(engagement)
        queries.insist(by, row, "cancel")
        note = clean_text("note", note, 1000)
        side, now = queries.side_of(by, row), clock.now()
        grace = side == Side.EMPLOYER and row.state == E.ACTIVE
        cancellation = Cancellation.objects.create(
            engagement=row,
            side=side,
            by=by,
            note=note,
            asked_at=now,
            settles_at=now + clocks.CANCEL_GRACE if grace else now,
        )
        if grace:
            record(row, "ending", by=by, note=note, old=row.state)
            notices.tell_cancelling(cancellation)
        else:
            reason = EndReason.BY_EMPLOYER if side == Side.EMPLOYER else EndReason.BY_STUDENT
            _settle(row, cancellation, reason, by)
    return cancellation


def settle_cancellation(cancellation: Cancellation) -> Cancellation:
    """The employer's 48 hours are over: pay what is due, return the rest. Raises `WrongMoment` before."""
    with transaction.atomic():
        row = lock(cancellation.engagement)
        found = queries.cancelling(row)
        if not found or found.settles_at > clock.now() or not queries.is_running(row):
            raise WrongMoment("It is not time to settle this.")
        _settle(row, found, EndReason.BY_EMPLOYER, found.by)
    return found


def cancel_by_clock(engagement: Engagement) -> Cancellation:
    """End what never started, or what was held as long as the rules allow with nothing handed in.

    Raises `WrongMoment` when neither is so.
    """
    with transaction.atomic():
        row = lock(engagement)
        now = clock.now()
        reason = due.due_to_end(row, now)
        if reason is None:
            raise WrongMoment("It is not time to end this.")
        cancellation, _ = Cancellation.objects.get_or_create(
            engagement=row, defaults={"side": Side.CLOCK, "asked_at": now, "settles_at": now}
        )
        _settle(row, cancellation, reason, None)
    return cancellation


def end_unpaid(*, engagement: Engagement, why: str, by=None) -> Engagement:
    """End an engagement whose money has gone back already: by the bank, or by a moderator. Approved work stays
    approved; one that has ended is left as it is.
    """
    with transaction.atomic():
        row = lock(engagement)
        if row.state not in (E.FUNDED, E.ACTIVE):
            return row
        now = clock.now()
        cancellation, _ = Cancellation.objects.get_or_create(
            engagement=row,
            defaults={"side": Side.CLOCK, "by": by, "note": why, "asked_at": now, "settles_at": now},
        )
        found = row.hold.figures()
        approved = sum(m.net for m in row.milestones.all() if m.state == M.APPROVED)
        end(
            row,
            cancellation,
            EndReason.BY_MODERATOR if by else EndReason.PAYMENT,
            by,
            pays=max(found["net_released"] + found["net_releasing"] - approved, 0),
            refunds=found["refunding"] + found["refunded"] + found["charged_back"],
            basis=Cancellation.Basis.NOTHING,
        )
    return row


def _settle(engagement: Engagement, cancellation: Cancellation, reason: str, by) -> None:
    if engagement.state == E.FUNDED:
        reopen_for_reserve(engagement.project)
    owed = queries.cancel_preview(engagement, cancellation.side, cancellation.asked_at)
    refund = money.refund_rest(
        by=by, hold=engagement.hold, reason=EndReason(reason).label, pay_student_net=owed.pays
    )
    end(
        engagement,
        cancellation,
        reason,
        by,
        pays=owed.pays,
        refunds=refund.amount if refund else 0,
        basis=owed.basis,
    )


def end(engagement, cancellation, reason: str, by, *, pays: int, refunds: int, basis: str) -> None:
    """Write down what a cancellation came to, and end what is left of the engagement. The money has moved already."""
    now = clock.now()
    for milestone in engagement.milestones.all():
        if milestone.state in queries.UNFINISHED:
            move(milestone, M.CANCELLED, by=by, reason=reason)
            withdraw_extensions(milestone, by)
    cancellation.settled_at, cancellation.basis = now, basis
    cancellation.pays, cancellation.refunds = pays, refunds
    cancellation.returns = engagement.hold.figures()["returned"] if engagement.sponsored else 0
    cancellation.save(update_fields=["settled_at", "basis", "pays", "refunds", "returns"])
    until = review_until(engagement) if engagement.started_at else None
    move(
        engagement,
        E.CANCELLED,
        by=by,
        reason=reason,
        note=cancellation.note,
        end_reason=reason,
        ended_at=now,
        review_until=until,
    )
    engagement_ended.send(sender=Engagement, engagement=engagement)
    notices.tell_cancelled(cancellation)
