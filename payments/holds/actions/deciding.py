"""What a moderator decides about secured money itself: at the limit of holding, or when both sides are stuck."""

from django.db import transaction

from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment

from ... import signals
from ..models import Hold, Part, Refund, Release
from .holding import ensure_movable, held, lock_hold
from .refunding import refund_rest
from .releasing import release_parts


def decision_refusal(by, hold: Hold) -> str | None:
    """None when a moderator may refund or release of `hold` now, else why not."""
    try:
        ensure_movable(hold)
    except WrongMoment as error:
        return error.reason
    return None if held(hold) else "Nothing is held here any more."


def decide_refund(*, by, hold: Hold, reason: str, pay_student_net: int = 0) -> Refund | None:
    """Everything that is not released goes back, after `pay_student_net` for the student; the work ends with it.

    Raises `NotAllowed`, `WrongMoment`, `Invalid`; the rooms above may refuse, too.
    """
    with transaction.atomic():
        row = _locked(by, hold, reason)
        signals.refund_decided.send(sender=Hold, hold=row, why=reason, by=by)
        refund = refund_rest(by=by, hold=row, reason=reason, pay_student_net=pay_student_net)
        signals.money_returned.send(sender=Hold, hold=row, why=reason, by=by)
    return refund


def decide_release(*, by, hold: Hold, part: Part, reason: str) -> list[Release]:
    """Release the whole share of a milestone that `part` belongs to, as if it had been approved.

    Raises `NotAllowed`, `WrongMoment`, `Invalid`; the rooms above may refuse, too.
    """
    with transaction.atomic():
        row = _locked(by, hold, reason)
        if part.hold_id != row.pk:
            raise Invalid({"part": ["This hold has no such part."]})
        signals.release_decided.send(sender=Hold, hold=row, part=part, why=reason, by=by)
        return release_parts(by=by, hold=row, ref=part.ref, reason="moderator")


def _locked(by, hold: Hold, reason: str) -> Hold:
    if not by.is_staff:
        raise NotAllowed("A moderator decides this.")
    if not reason.strip():
        raise Invalid({"reasons": ["Say why."]})
    row = lock_hold(hold.pk)
    if refusal := decision_refusal(by, row):
        raise WrongMoment(refusal)
    return row
