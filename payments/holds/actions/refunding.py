"""Money goes back to the payer, whole or after a share for the student."""

import logging

from django.db import transaction

from marketplace.ground import clock
from marketplace.ground.errors import Invalid, WrongMoment
from marketplace.ground.money import MoneyError, check_step
from marketplace.ground.states import move, record

from ... import signals
from ...ledger.actions import post
from ...ledger.chart import code
from ...stripe.actions import outbox
from ...stripe.states import REJECTED as CALL_REJECTED
from ...stripe.states import WAITING as CALL_WAITING
from ..figures import fee_on, pay_in_order
from ..models import Funding, Hold, Part, Refund, RefundLine, Release
from ..states import FAILED, FUNDED, PENDING, PROCESSING, QUEUED, RETURNED, SUCCEEDED, UNFUNDED
from .holding import cancel_hold, ensure_movable, held, lock_hold, settle
from .releasing import FUNDS_CODES, RETRY, queue_release, start
from .returning import return_to_sponsors
from .stopping import stop_call

log = logging.getLogger(__name__)

#: Refusals that are about a dispute of the payment; it is waited for, and decides what becomes of the refund.
DISPUTED_CODES = {"charge_disputed"}


def refund_rest(*, by, hold: Hold, reason: str, pay_student_net: int = 0) -> Refund | None:
    """Everything not yet released goes back to where it came from, fee included: the payer's by the refund that
    is returned (None when nothing of theirs was left), the sponsors' into their wallets.

    pay_student_net: minor units of the unreleased net that the student gets first, parts in order. The fee is
    taken only on what is paid. Raises `Invalid` for an amount out of range and `WrongMoment` while frozen.
    """
    with transaction.atomic():
        row = lock_hold(hold.pk)
        if row.state in (UNFUNDED, PROCESSING):
            _check_share(pay_student_net, 0, row.currency)
            cancel_hold(by=by, hold=row, reason=reason)
            refund = None
        else:
            refund = _split(row, held(row), pay_student_net, by=by, reason=reason)
    hold.refresh_from_db()
    return refund


def cancel_part(*, by, part: Part, reason: str, pay_student_net: int = 0) -> Refund | None:
    """The same for one part: the student gets `pay_student_net` of its net, its source the rest."""
    return _cancel(part.hold_id, lambda found: found.pk == part.pk, pay_student_net, by=by, reason=reason)


def cancel_parts(*, by, hold: Hold, ref: str, reason: str, pay_student_net: int = 0) -> Refund | None:
    """The same for all of what `ref` (a milestone) holds, from every source."""
    return _cancel(hold.pk, lambda found: found.ref == ref, pay_student_net, by=by, reason=reason)


def _cancel(hold_id: int, chosen, pay_student_net: int, *, by, reason: str) -> Refund | None:
    with transaction.atomic():
        row = lock_hold(hold_id)
        mine = [(part, amount) for part, amount in held(row) if chosen(part)]
        if not mine:
            ensure_movable(row)
            raise WrongMoment("Nothing is left of this part.")
        return _split(row, mine, pay_student_net, by=by, reason=reason)


def _check_share(pay_student_net, most: int, currency: str) -> None:
    if type(pay_student_net) is not int or not 0 <= pay_student_net <= most:
        raise Invalid(
            {"pay_student_net": ["The student's share has to lie between zero and what is unreleased."]}
        )
    try:
        check_step(pay_student_net, currency)
    except MoneyError as error:
        raise Invalid({"pay_student_net": [str(error)]}) from error


def _split(hold: Hold, parts, pay_student_net: int, *, by, reason: str) -> Refund | None:
    ensure_movable(hold)
    _check_share(
        pay_student_net, sum(part.net for part, amount in parts if amount == part.price), hold.currency
    )
    back: list[tuple[Part, int]] = []
    made: list[Release] = []
    pays = pay_in_order(
        [(part, part.net if amount == part.price else 0) for part, amount in parts],
        pay_student_net,
        hold.currency,
    )
    for (part, amount), pay in zip(parts, pays, strict=True):
        gross = _gross(part, pay) if pay else 0
        if pay:
            made.append(queue_release(hold, part, gross, gross - pay, by=by, reason=reason))
        if amount > gross:
            back.append((part, amount - gross))
    start(hold, made)
    sponsors = [(part, amount) for part, amount in back if part.lot_id]
    return_to_sponsors(hold, sponsors, by=by, reason=reason)
    back = [(part, amount) for part, amount in back if not part.lot_id]
    if not back:
        settle(hold)
        return None
    return queue_refund(hold, paid_by(hold), back, by=by, reason=reason)


def _gross(part: Part, pay: int) -> int:
    """What leaves the hold when the student gets `pay` of the part's net: the fee follows in proportion."""
    return pay + fee_on(part.fee, part.net, pay, part.hold.currency)


def paid_by(hold: Hold) -> Funding:
    return hold.fundings.get(state=FUNDED, extra=False)


def queue_refund(
    hold: Hold, funding: Funding, back, *, by, reason: str, sources: dict[int, str] | None = None
) -> Refund:
    """Take the amounts of `back` (part, amount) out of the locked hold towards the payer.

    sources: by part id, the ledger account that the money leaves when that is not the part's own.
    """
    amount = sum(share for _, share in back)
    refund = _new_refund(hold, funding, amount, by, reason)
    RefundLine.objects.bulk_create(RefundLine(refund=refund, part=part, amount=share) for part, share in back)
    from_ = [((sources or {}).get(part.pk, part.account), share) for part, share in back]
    post_queued(refund, from_)
    return refund


def give_back(hold: Hold, funding: Funding) -> Refund:
    """Return a payment that nothing was due for: a second one, or one that came after the end."""
    return refund_credit(hold, funding, funding.amount, by=None, reason="Paid although nothing was due")


def refund_credit(
    hold: Hold, funding: Funding, amount: int, *, by, reason: str, currency: str = "", replaces=None
) -> Refund:
    """Return what stands as the payer's credit, of one payment. The hold is locked."""
    refund = _new_refund(hold, funding, amount, by, reason, currency=currency, replaces=replaces)
    post_queued(refund, [(code("employer_credit", refund.currency, hold.payer_ref), amount)])
    return refund


def post_queued(refund: Refund, from_: list[tuple[str, int]]) -> None:
    post(
        "refund_queued",
        f"refund:{refund.uuid}:queue",
        [*from_, (in_flight(refund), -refund.amount)],
        currency=refund.currency,
        ref=f"hold:{refund.hold.uuid}",
        note=refund.reason,
    )


def _new_refund(hold, funding, amount, by, reason, currency="", replaces=None) -> Refund:
    refund = Refund(
        hold=hold,
        funding=funding,
        amount=amount,
        currency=currency or funding.currency,
        by=by,
        reason=reason[:200],
        replaces=replaces,
    )
    refund.call = outbox.enqueue(
        "refund",
        {
            "payment_intent": funding.intent_id,
            "amount": amount,
            "reason": "requested_by_customer",
            "metadata": {"refund": str(refund.uuid), "hold": hold.public_id},
        },
        currency=refund.currency,
    )
    refund.save()
    record(refund, refund.state, by=by, note=reason)
    if hold.frozen_at:  # it goes when the hold goes on
        stop_call(refund.call)
    return refund


def in_flight(refund: Refund) -> str:
    return code("refund_in_flight", refund.currency, refund.uuid)


def apply_refund(refund: Refund, found: dict) -> None:
    """Converge on what Stripe says about the refund; "succeeded" may turn into "failed" days later."""
    with transaction.atomic():
        hold = lock_hold(refund.hold_id)
        row = Refund.objects.select_for_update().get(pk=refund.pk)
        if row.refund_id is None:
            row.refund_id = found["id"]
            row.save(update_fields=["refund_id"])
        status = found["status"]
        if status in ("failed", "canceled") and row.state in (QUEUED, PENDING, SUCCEEDED):
            _bounced(hold, row, found)
        elif status == "succeeded" and row.state in (QUEUED, PENDING):
            move(row, SUCCEEDED, done_at=clock.now())
            _post(
                row,
                f"refund:{found['id']}",
                "refunded",
                in_flight(row),
                code("stripe_balance", row.currency),
                row.reason or "Back with the payer.",
            )
            settle(hold)
            signals.refund_done.send(sender=Hold, hold=hold, refund=row)
        elif status in ("pending", "requires_action") and row.state == QUEUED:
            move(row, PENDING)


def _bounced(hold: Hold, row: Refund, found: dict) -> None:
    """The bank sent it back: the money is the payer's credit with us, and staff decide."""
    source = code("stripe_balance", row.currency) if row.state == SUCCEEDED else in_flight(row)
    key = f"refund:{found['id']}:failed"
    _fail(hold, row, found.get("failure_reason") or "The bank sent the refund back.", source, key)


def _fail(hold: Hold, row: Refund, why: str, source: str, key: str) -> None:
    move(row, FAILED, failure=why[:300])
    _post(row, key, "refund_failed", source, code("employer_credit", row.currency, hold.payer_ref), why)
    settle(hold)
    log.error("refund %s failed: %s", row.public_id, why)
    signals.refund_failed.send(sender=Hold, hold=hold, refund=row, why=why)


def _post(row: Refund, key: str, kind: str, debit: str, credit: str, note: str) -> None:
    post(
        kind,
        key,
        [(debit, row.amount), (credit, -row.amount)],
        currency=row.currency,
        ref=f"hold:{row.hold.uuid}",
        note=note[:200],
    )


def refund_refused(refund: Refund, error) -> str:
    """Wait for funds or for the bank's decision, else the money is the payer's credit. Returns the call's next
    state.
    """
    hold = lock_hold(refund.hold_id)
    if error.code in FUNDS_CODES | DISPUTED_CODES:
        return CALL_WAITING
    if _made_by_hand(refund):
        return CALL_REJECTED
    _fail(hold, refund, str(error), in_flight(refund), f"refund:{refund.uuid}:void")
    return CALL_REJECTED


def _made_by_hand(refund: Refund) -> bool:
    """Refused because somebody has refunded it in the dashboard: then that one is this one."""
    other = Refund.objects.filter(funding=refund.funding, unexplained__gte=refund.amount).first()
    if other is None:
        return False
    Refund.objects.filter(pk=other.pk).update(unexplained=other.unexplained - refund.amount)
    move(refund, RETURNED, reason="by_hand", note=f"Refunded at Stripe by hand: {other.refund_id}")
    suspense = code("suspense", refund.currency)
    _post(
        refund, f"refund:{refund.uuid}:void", "refund_by_hand", in_flight(refund), suspense, "Made by hand."
    )
    return True


def retry_refunds() -> None:
    """Refunds that waited, for funds or for a bank's decision, go again after a while."""
    waiting = Refund.objects.filter(state=QUEUED, call__state=CALL_WAITING, hold__frozen_at=None)
    for refund in waiting.select_related("call").order_by("id")[:50]:
        if clock.now() - (refund.call.first_sent_at or refund.created_at) > RETRY:
            outbox.resume(refund.call)
