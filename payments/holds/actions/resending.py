"""Refunds that went wrong, and refunds that nobody of us asked for: sent again, paid by bank, or taken over."""

import logging

from django.db import transaction

from marketplace.ground import clock
from marketplace.ground.errors import Invalid, WrongMoment
from marketplace.ground.money import show
from marketplace.ground.states import move, record

from ... import signals
from ...ledger.actions import post
from ...ledger.chart import code
from ..models import Funding, Hold, Refund, RefundLine
from ..states import FAILED, FUNDED, RETURNED
from .funding import OTHER_AMOUNT
from .holding import held, lock_hold, settle
from .refunding import apply_refund, post_queued, refund_credit

log = logging.getLogger(__name__)


# --- a moderator's decision ---------------------------------------------------------------------------------


def failed_refusal(refund: Refund) -> str | None:
    """None while a failed refund waits for a decision: its money stands as the payer's credit."""
    if refund.state != FAILED:
        return f"This is {refund.get_state_display()}."
    return "This has been sent again." if hasattr(refund, "replacement") else None


def resend_refund(*, by, refund: Refund, reason: str) -> Refund:
    """Send a failed refund again, as a new operation. Raises `WrongMoment`, `Invalid`."""
    with transaction.atomic():
        hold, row = _locked(refund, reason)
        again = refund_credit(
            hold, row.funding, row.amount, by=by, reason=reason, currency=row.currency, replaces=row
        )
        lines = [RefundLine(refund=again, part_id=one.part_id, amount=one.amount) for one in row.lines.all()]
        RefundLine.objects.bulk_create(lines)
        settle(hold)
    return again


def record_bank_refund(*, by, refund: Refund, reference: str, reason: str) -> None:
    """The operator has paid a failed refund by bank transfer. reference: as on the bank's statement."""
    if not reference.strip():
        raise Invalid({"reference": ["Write the reference that stands on the bank statement."]})
    with transaction.atomic():
        hold, row = _locked(refund, reason)
        move(row, RETURNED, by=by, note=reason, bank_reference=reference[:120], done_at=clock.now())
        post(
            "refunded_by_bank",
            f"refund:{row.uuid}:bank",
            [
                (code("employer_credit", row.currency, hold.payer_ref), row.amount),
                (code("bank", row.currency), -row.amount),
            ],
            currency=row.currency,
            ref=f"hold:{hold.uuid}",
            note=f"Bank transfer {reference}: {reason}"[:200],
        )
        signals.refund_done.send(sender=Hold, hold=hold, refund=row)
    refund.refresh_from_db()


def _locked(refund: Refund, reason: str) -> tuple[Hold, Refund]:
    if not reason.strip():
        raise Invalid({"reasons": ["Say why."]})
    hold = lock_hold(refund.hold_id)
    row = Refund.objects.select_for_update().get(pk=refund.pk)
    if refusal := failed_refusal(row):
        raise WrongMoment(refusal)
    return hold, row


def credit_refusal(funding: Funding) -> str | None:
    """None when this payment was another amount than asked for and still stands as the payer's credit."""
    if funding.failure != OTHER_AMOUNT or not funding.received:
        return "Nothing of this payment stands as credit."
    if Refund.objects.filter(funding=funding).exists():
        return "It has been given back, or is on its way."
    return None


def give_back_credit(*, by, funding: Funding, reason: str) -> Refund:
    """Return a payment of another amount or currency than was asked for. Raises `WrongMoment`, `Invalid`."""
    if not reason.strip():
        raise Invalid({"reasons": ["Say why."]})
    with transaction.atomic():
        hold = lock_hold(funding.hold_id)
        row = Funding.objects.select_for_update().get(pk=funding.pk)
        if refusal := credit_refusal(row):
            raise WrongMoment(refusal)
        return refund_credit(hold, row, row.received, by=by, reason=reason, currency=row.received_currency)


def bear_refusal(refund: Refund) -> str | None:
    return None if refund.unexplained else "Nothing of this refund is unexplained."


def bear_refund(*, by, refund: Refund, reason: str) -> None:
    """The platform bears what was refunded at Stripe by hand although nothing was left to refund."""
    if not reason.strip():
        raise Invalid({"reasons": ["Say why."]})
    with transaction.atomic():
        hold = lock_hold(refund.hold_id)
        row = Refund.objects.select_for_update().get(pk=refund.pk)
        if refusal := bear_refusal(row):
            raise WrongMoment(refusal)
        amount = row.unexplained
        Refund.objects.filter(pk=row.pk).update(unexplained=0)
        record(row, row.state, by=by, reason="borne", note=reason, old=row.state)
        post(
            "refund_borne",
            f"refund:{row.uuid}:borne",
            [(code("goodwill", row.currency), amount), (code("suspense", row.currency), -amount)],
            currency=row.currency,
            ref=f"hold:{hold.uuid}",
            note=reason[:200],
        )
    refund.refresh_from_db()


# --- made at Stripe by hand -----------------------------------------------------------------------------------


def adopt_refund(funding: Funding, found: dict) -> Refund:
    """Somebody refunded in Stripe's dashboard: the books follow, and staff are told."""
    with transaction.atomic():
        hold = lock_hold(funding.hold_id)
        known = Refund.objects.filter(refund_id=found["id"]).first()
        if known is None:
            known = _adopt(hold, funding, found)
    apply_refund(known, found)
    return known


def _adopt(hold: Hold, funding: Funding, found: dict) -> Refund:
    refund = Refund.objects.create(
        hold=hold,
        funding=funding,
        amount=found["amount"],
        currency=found["currency"].upper(),
        reason="Made at Stripe by hand",
        refund_id=found["id"],
    )
    record(refund, refund.state, note=refund.reason)
    from_, left = _cover(hold, funding, refund)
    if left:
        Refund.objects.filter(pk=refund.pk).update(unexplained=left)
        from_.append((code("suspense", refund.currency), left))
    post_queued(refund, from_)
    log.error("refund %s was made at Stripe by hand", found["id"])
    what = f"{show(refund.amount, refund.currency)} was refunded to the payer at Stripe by hand."
    if left:
        what += f" Nothing was left here for {show(left, refund.currency)} of it."
    signals.unexpected_at_stripe.send(sender=Hold, hold=hold, what=what)
    return refund


def _cover(hold: Hold, funding: Funding, refund: Refund) -> tuple[list[tuple[str, int]], int]:
    """Where the money of a refund by hand comes from: refunds that had failed, the payer's credit, then what is held,
    the last part first. And what none of these covers.
    """
    left, from_ = refund.amount, []
    credit = code("employer_credit", refund.currency, hold.payer_ref)
    failed = Refund.objects.filter(funding=funding, state=FAILED, replacement=None, currency=refund.currency)
    for one in failed.order_by("id"):
        if one.amount <= left:
            move(one, RETURNED, reason="by_hand", note=f"Refunded at Stripe by hand: {refund.refund_id}")
            from_.append((credit, one.amount))
            left -= one.amount
    if _credit_only(funding, refund):
        share = min(left, funding.received or 0)
        from_ += [(credit, share)] if share else []
        return from_, left - share
    if funding.state == FUNDED and not funding.extra:
        for part, amount in reversed([pair for pair in held(hold) if not pair[0].lot_id]):
            share = min(amount, left)
            if share:
                RefundLine.objects.create(refund=refund, part=part, amount=share)
                from_.append((part.account, share))
                left -= share
    return from_, left


def _credit_only(funding: Funding, refund: Refund) -> bool:
    """Whether `refund` is the first of a payment that stands as the payer's credit."""
    others = Refund.objects.filter(funding=funding).exclude(pk=refund.pk)
    return funding.failure == OTHER_AMOUNT and not others.exists()
