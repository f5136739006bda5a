"""From the student's Stripe account to their bank: read from Stripe, and tied to the releases it carries."""

import logging
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from marketplace.ground import clock
from marketplace.ground.states import move

from ... import signals
from ...connect.models import PayeeAccount, Payout
from ...connect.states import FAILED, PAID
from ...stripe import gateway
from ..models import Release
from ..states import SENT

log = logging.getLogger(__name__)


def sync_payout(payee: PayeeAccount, payout_id: str) -> None:
    """Read one payout of `payee` at Stripe and take it over. Raises `gateway.StripeTrouble`."""
    found = gateway.payout(payout_id, payee.stripe_id)
    # Stripe can say what is inside only when it made the payout by itself.
    inside = gateway.transfers_in_payout(payout_id, payee.stripe_id) if found.get("automatic") else []
    apply_payout(payee, found, inside)


def apply_payout(payee: PayeeAccount, found: dict, transfers: list[str]) -> None:
    with transaction.atomic():
        PayeeAccount.objects.select_for_update().get(pk=payee.pk)
        row, _ = Payout.objects.get_or_create(
            stripe_id=found["id"],
            defaults={
                "payee": payee,
                "amount": found["amount"],
                "currency": found["currency"].upper(),
                "created_at": datetime.fromtimestamp(found["created"], UTC),
            },
        )
        Release.objects.filter(transfer_id__in=transfers, part__payee=payee).exclude(payout=row).update(
            payout=row
        )
        new = found["status"]
        if new == row.state or new not in row.MOVES[row.state]:
            return
        arrival = datetime.fromtimestamp(found["arrival_date"], UTC) if found.get("arrival_date") else None
        changes = {"arrival_at": arrival}
        if new == PAID:  # we may hear of it late
            changes["paid_at"] = min(arrival or clock.now(), clock.now())
        if new == FAILED:
            changes["failure"] = (found.get("failure_message") or found.get("failure_code") or "")[:300]
        move(row, new, **changes)
        _tell(payee, row)


def _tell(payee: PayeeAccount, row: Payout) -> None:
    facts = {"user": payee.user, "amount": row.amount, "currency": row.currency, "payout": row}
    if row.state == PAID:
        signals.payout_paid.send(sender=Payout, **facts)
    elif row.state == FAILED:
        log.warning("payout %s failed", row.public_id)
        signals.payout_failed.send(sender=Payout, why=row.failure or "The bank sent it back.", **facts)


def sync_old_payouts(limit: int = 20) -> None:
    """Read the payouts of people whose released money has not been seen to arrive: no webhook is needed."""
    now = clock.now()
    open_releases = Release.objects.filter(state=SENT, sent_at__lt=now - timedelta(minutes=30)).filter(
        Q(payout=None) | Q(payout__state__in=("pending", "in_transit"))
    )
    payees = PayeeAccount.objects.filter(pk__in=open_releases.values("part__payee")).exclude(stripe_id=None)
    due = payees.exclude(payouts_read_at__gt=now - timedelta(minutes=30)).order_by("payouts_read_at", "id")
    for payee in due[:limit]:
        PayeeAccount.objects.filter(pk=payee.pk).update(payouts_read_at=now)
        for found in gateway.payouts_of(payee.stripe_id):
            sync_payout(payee, found["id"])
