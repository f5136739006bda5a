"""A dispute is read at Stripe and taken over, in whatever order its events arrive: state, money, and the hold."""

import logging
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from marketplace.ground import clock
from marketplace.ground.states import move, record

from ... import signals
from ...holds.actions import freeze, unfreeze
from ...holds.actions.holding import lock_hold
from ...holds.models import Funding, Hold
from ...holds.states import FUNDED
from ...stripe import gateway
from ...wallets.actions import lock_lot
from ...wallets.models import Lot
from ..models import Dispute
from ..states import DISPUTE_MOVES, LOST, OPEN, OTHER, OVER, WON
from . import money, sponsors
from .evidence import draft_evidence

log = logging.getLogger(__name__)

WHY = {
    "inquiry": "the cardholder's bank asks about the payment",
    "dispute": "the cardholder's bank disputes the payment",
}
READ_AGAIN = timedelta(hours=6)


def sync_dispute(dispute_id: str) -> Dispute:
    """Read one dispute at Stripe and take it over. Raises `gateway.StripeTrouble`."""
    return apply_dispute(gateway.dispute(dispute_id))


def sync_open_disputes(limit: int = 50) -> None:
    """Read again what is open, and what Stripe lists and we have never heard of: no webhook is needed."""
    since = clock.now() - timedelta(days=3)
    known = set(
        Dispute.objects.filter(opened_at__gte=since - timedelta(days=1)).values_list("stripe_id", flat=True)
    )
    for found in gateway.disputes(int(since.timestamp())):
        if found["id"] not in known:
            apply_dispute(found)
    unsettled = Q(state__in=OPEN) | Q(state=WON, taken__gt=0) | Q(state=LOST, booked_lost=False)
    old = Q(synced_at=None) | Q(synced_at__lt=clock.now() - READ_AGAIN)
    for dispute in Dispute.objects.filter(unsettled & old).order_by("synced_at", "id")[:limit]:
        sync_dispute(dispute.stripe_id)


def apply_dispute(found: dict) -> Dispute:
    """Converge on what `found` (a dispute, just read) says. Safe twice and at once."""
    paid = Funding.objects.filter(charge_id=found["charge"]).first()
    lots = Lot.objects.select_related("wallet__school", "wallet__organisation", "by")
    lot = lots.filter(charge_id=found["charge"]).first()
    with transaction.atomic():
        hold = lock_hold(paid.hold_id) if paid else None
        if paid and (paid.extra or paid.state != FUNDED):
            hold = None  # locked all the same; but this payment pays for nothing in it
        if lot:
            lock_lot(lot)
        row, made = _row(found, hold, paid, lot)
        before = row.taken
        _remember(row, found)
        _take_state_over(row, found["status"])
        if row.is_open:
            _settled(row, "")
        if hold and row.is_open:
            freeze(by=None, hold=hold, why=_why(row), cause=cause_of(row))
        money.book_lines(hold, row, found.get("balance_transactions") or [])
        if lot:
            sponsors.follow(row)
            sponsors.question(row)
            if made or before <= 0 < row.taken:
                signals.lot_disputed.send(sender=Dispute, lot=lot, dispute=row)
        if not row.is_open:
            _close(hold, row)
    return row


def cause_of(dispute: Dispute) -> str:
    return f"dispute:{dispute.stripe_id}"


def _why(row: Dispute) -> str:
    return WHY["inquiry" if row.state.startswith("warning") else "dispute"]


def _row(found: dict, hold: Hold | None, paid: Funding | None, lot: Lot | None) -> tuple[Dispute, bool]:
    row, made = Dispute.objects.get_or_create(
        stripe_id=found["id"],
        defaults={
            "charge_id": found["charge"],
            "hold": hold,
            "funding": paid,
            "lot": lot,
            "amount": found["amount"],
            "currency": found["currency"].upper(),
            "reason": (found.get("reason") or "")[:60],
            "opened_at": datetime.fromtimestamp(found["created"], UTC),
        },
    )
    row = Dispute.objects.select_for_update().get(pk=row.pk)
    row.hold = hold
    if lot:
        row.lot = lot
        Dispute.objects.filter(pk=row.pk, lot=None).update(lot=lot)
    if made:
        record(row, found["status"][:30], note=row.reason)
        row.evidence = draft_evidence(row)
        row.save(update_fields=["evidence"])
        if hold is None and lot is None:
            log.error("dispute %s is about a payment that pays for no hold", row.stripe_id)
        signals.funds_disputed.send(sender=Dispute, hold=hold, dispute=row)
    return row, made


def _remember(row: Dispute, found: dict) -> None:
    details = found.get("evidence_details") or {}
    due = details.get("due_by")
    row.amount, row.status = found["amount"], found["status"][:40]
    row.due_by = datetime.fromtimestamp(due, UTC) if due else row.due_by
    row.submissions = details.get("submission_count") or 0
    row.synced_at = clock.now()
    row.save(update_fields=["amount", "status", "due_by", "submissions", "synced_at"])


def _take_state_over(row: Dispute, status: str) -> None:
    new = status if status in DISPUTE_MOVES else OTHER
    if new == row.state:
        return
    if new not in row.MOVES[row.state]:
        log.error("dispute %s went from %s to %s", row.stripe_id, row.state, status)
        return
    closed = clock.now() if new in OVER else None
    move(row, new, note=f"Stripe says: {status}"[:200], closed_at=closed)


def _close(hold: Hold | None, row: Dispute) -> None:
    """The bank has decided. Nothing moves before its money has: won and not yet paid back stays as it is."""
    lost = row.taken > 0 and row.state != WON
    if row.state == LOST and not lost or row.state == WON and row.taken > 0:
        return
    outcome = "lost" if lost else "won" if row.state == WON else "withdrawn"
    if row.settled_as == outcome:
        return
    (money.book_loss if lost else money.give_back)(hold, row)
    _settled(row, outcome)
    if hold:
        unfreeze(by=None, hold=hold, cause=cause_of(row))
    signals.dispute_closed.send(sender=Dispute, hold=hold, dispute=row, outcome=outcome)


def _settled(row: Dispute, outcome: str) -> None:
    row.settled_as = outcome
    row.save(update_fields=["settled_as"])
