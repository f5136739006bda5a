"""Free money goes back to the sponsor: to the charges it came from, or by the operator's bank."""

import logging

from django.db import IntegrityError, transaction

from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.money import show
from marketplace.ground.states import move, record

from ... import signals
from ...ledger.actions import post
from ...ledger.chart import code
from ...stripe.actions import outbox
from ...stripe.states import REJECTED as CALL_REJECTED
from ...stripe.states import WAITING as CALL_WAITING
from .. import queries
from ..models import Lot, Payback, Wallet
from ..states import FAILED, PENDING, QUEUED, SUCCEEDED
from .by_hand import shares_of_failed
from .keeping import insist_on_step, lock_wallet

log = logging.getLogger(__name__)

QUESTIONED = "The bank questions the payment that it came with, so Stripe sends nothing of it back now."


def pay_back(*, by, wallet: Wallet, amount: int, keep: int = 0) -> list[Payback]:
    """Send `amount` minor units of the free part back to the sponsor, the newest lots first.

    keep: of what stands in the wallet, what is promised and may not go; counted by the caller, who holds the
    wallet's lock (`lock_wallet`). Raises `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    acts = queries.allowed_actions(by, wallet)
    if "pay_back" not in acts:
        raise NotAllowed("Only the sponsor's own people can ask its money back.")
    with transaction.atomic():
        row = lock_wallet(wallet)
        if reason := queries.why_frozen(row):
            raise WrongMoment(reason)
        lots = list(queries.paid_lots(row).order_by("-id"))
        left = queries.spendable(lots)
        free = max(sum(left.values()) - keep, 0)
        if type(amount) is not int or amount < 1:
            raise Invalid({"amount": ["Write an amount above zero."]})
        if amount > free:
            raise Invalid(
                {"amount": [f"{show(free, row.currency)} is free. The rest is promised or with projects."]}
            )
        insist_on_step(amount, row.currency)
        made = []
        for lot in lots:
            piece = min(amount, left[lot.pk])
            if piece:
                made.append(_queue(row, lot, piece, by))
                amount -= piece
    return made


def _queue(wallet: Wallet, lot: Lot, amount: int, by) -> Payback:
    row = Payback(lot=lot, amount=amount, currency=lot.currency, by=by)
    if lot.source == Lot.Source.CHECKOUT:
        row.call = outbox.enqueue(
            "wallet_refund",
            {
                "payment_intent": lot.intent_id,
                "amount": amount,
                "reason": "requested_by_customer",
                "metadata": {"payback": str(row.uuid), "wallet": wallet.public_id},
            },
        )
    row.save()
    record(row, row.state, by=by)
    try:
        with transaction.atomic():
            _post(row, "payback_queued", f"payback:{row.uuid}:queue", lot.account, row.account)
    except IntegrityError as error:
        raise WrongMoment("The money has just been given to a project. Look again.") from error
    return row


def _post(row: Payback, kind: str, key: str, debit: str, credit: str) -> None:
    post(
        kind,
        key,
        [(debit, row.amount), (credit, -row.amount)],
        currency=row.currency,
        ref=f"wallet:{row.lot.wallet.uuid}",
    )


def apply_payback(payback: Payback, found: dict) -> None:
    """Converge on what Stripe says about the refund; "succeeded" may turn into "failed" days later."""
    with transaction.atomic():
        row = _locked(payback)
        if row.refund_id is None:
            row.refund_id = found["id"]
            row.save(update_fields=["refund_id"])
        status = found["status"]
        if status in ("failed", "canceled") and row.state != FAILED:
            source = code("stripe_balance", row.currency) if row.state == SUCCEEDED else row.account
            why = found.get("failure_reason") or "The bank sent the refund back."
            _fail(row, why, source, f"refund:{found['id']}:failed")
        elif status == "succeeded" and row.state in (QUEUED, PENDING):
            move(row, SUCCEEDED, done_at=clock.now())
            _post(
                row, "paid_back", f"refund:{found['id']}", row.account, code("stripe_balance", row.currency)
            )
        elif status in ("pending", "requires_action") and row.state == QUEUED:
            move(row, PENDING)


def _locked(payback: Payback) -> Payback:
    lock_wallet(payback.lot.wallet)
    return Payback.objects.select_for_update(of=("self",)).select_related("lot__wallet").get(pk=payback.pk)


def _fail(row: Payback, why: str, source: str, key: str) -> None:
    """It is free in the wallet again, and its people are told."""
    move(row, FAILED, failure=why[:300])
    post(
        "payback_failed",
        key,
        [(source, row.amount), *((account, -share) for account, share in shares_of_failed(row))],
        currency=row.currency,
        ref=f"wallet:{row.lot.wallet.uuid}",
    )
    log.error("return %s to a sponsor failed: %s", row.public_id, why)
    signals.payback_failed.send(sender=Payback, payback=row, why=why)


def payback_refused(payback: Payback, error) -> str:
    """Wait for funds at Stripe, else the money is free again. Returns the call's next state."""
    if error.code in ("balance_insufficient", "insufficient_funds", "charge_pending"):
        return CALL_WAITING
    why = QUESTIONED if error.code == "charge_disputed" else str(error)
    _fail(payback, why, payback.account, f"payback:{payback.uuid}:void")
    return CALL_REJECTED


def retry_paybacks(limit: int = 50) -> None:
    """Returns that waited for funds at Stripe go again."""
    for row in Payback.objects.filter(state=QUEUED, call__state=CALL_WAITING).select_related("call")[:limit]:
        outbox.resume(row.call)


def record_payback(*, by, payback: Payback, reference: str) -> None:
    """The operator has made the bank transfer back to the sponsor."""
    with transaction.atomic():
        row = _by_bank(by, payback)
        if not reference.strip() or len(reference.strip()) > 80:
            raise Invalid({"reference": ["Write the reference of the transfer, at most 80 characters."]})
        move(row, SUCCEEDED, by=by, done_at=clock.now(), reference=reference.strip())
        _post(row, "paid_back", f"payback:{row.uuid}:bank", row.account, code("bank", row.currency))
    payback.refresh_from_db()


def fail_payback(*, by, payback: Payback, reasons: str) -> None:
    """The bank transfer could not be made: the money is free in the wallet again."""
    with transaction.atomic():
        row = _by_bank(by, payback)
        _fail(row, reasons, row.account, f"payback:{row.uuid}:void")
    payback.refresh_from_db()


def _by_bank(by, payback: Payback) -> Payback:
    if not by.is_staff:
        raise NotAllowed("Only a moderator records bank transfers.")
    row = _locked(payback)
    if row.lot.source != Lot.Source.BANK:
        raise WrongMoment("This goes back through Stripe by itself.")
    if row.state != QUEUED:
        raise WrongMoment(f"This is {row.get_state_display()}.")
    return row
