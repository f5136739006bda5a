"""Money of a sponsor's payment that somebody refunded in Stripe's dashboard: the books follow, and staff decide."""

import logging

from django.db import transaction
from django.db.models import F

from marketplace.ground.errors import Invalid, WrongMoment
from marketplace.ground.money import show
from marketplace.ground.states import record

from ... import signals
from ...ledger.actions import post
from ...ledger.chart import code
from ...ledger.queries import balance
from ..models import Lot, Payback
from .keeping import lock_wallet

log = logging.getLogger(__name__)


def adopt_payback(lot: Lot, found: dict) -> Payback:
    """The return that Stripe's refund `found` is. What is free of the lot bears it; the rest stands on suspense until
    something of the lot becomes free by a failed return, or a moderator lets the platform bear it.
    """
    with transaction.atomic():
        lock_wallet(lot.wallet)
        known = Payback.objects.select_related("lot__wallet").filter(refund_id=found["id"]).first()
        return known or _adopt(lot, found)


def _adopt(lot: Lot, found: dict) -> Payback:
    amount = found["amount"]
    beyond = max(amount - balance(lot.account), 0)
    row = Payback.objects.create(
        lot=lot,
        amount=amount,
        beyond=beyond,
        unexplained=beyond,
        currency=lot.currency,
        refund_id=found["id"],
    )
    record(row, row.state, note="Made at Stripe by hand")
    sources = [(lot.account, amount - beyond), (code("suspense", row.currency), beyond)]
    post(
        "payback_by_hand",
        f"payback:{row.uuid}:queue",
        [*((account, share) for account, share in sources if share), (row.account, -amount)],
        currency=row.currency,
        ref=f"wallet:{lot.wallet.uuid}",
    )
    log.error("refund %s of a sponsor's payment was made at Stripe by hand", found["id"])
    what = f"{show(amount, row.currency)} was refunded to the sponsor at Stripe by hand."
    if beyond:
        what += (
            f" {show(beyond, row.currency)} of it is with projects or spent, so nothing is left for it here."
        )
    signals.payback_by_hand.send(sender=Payback, payback=row, what=what)
    return row


def shares_of_failed(row: Payback) -> list[tuple[str, int]]:
    """Where the money of a failed return goes, as (account, minor units): what had nobody to bear it goes back to
    whoever bore it, then it covers what hands refunded of this lot beyond what was free, and the rest is free again.
    The wallet is locked.
    """
    suspense, free = code("suspense", row.currency), row.amount - row.beyond
    shares = [(code("goodwill", row.currency), row.beyond - row.unexplained)]
    covered = row.unexplained
    for other in Payback.objects.filter(lot=row.lot, unexplained__gt=0).exclude(pk=row.pk).order_by("id"):
        part = min(free, other.unexplained)
        Payback.objects.filter(pk=other.pk).update(
            unexplained=F("unexplained") - part, beyond=F("beyond") - part
        )
        covered, free = covered + part, free - part
    Payback.objects.filter(pk=row.pk).update(unexplained=0)
    shares += [(suspense, covered), (row.lot.account, free)]
    return [(account, amount) for account, amount in shares if amount]


def bear_refusal(row: Payback) -> str | None:
    return None if row.unexplained else "Nothing of this is unexplained."


def bear_payback(*, by, payback: Payback, reason: str) -> None:
    """The platform bears what was refunded by hand although nothing of it was free. Raises `Invalid`, `WrongMoment`."""
    if not reason.strip():
        raise Invalid({"reasons": ["Say why."]})
    with transaction.atomic():
        lock_wallet(payback.lot.wallet)
        row = Payback.objects.select_for_update(of=("self",)).select_related("lot__wallet").get(pk=payback.pk)
        if refusal := bear_refusal(row):
            raise WrongMoment(refusal)
        post(
            "refund_borne",
            f"payback:{row.uuid}:borne",
            [
                (code("goodwill", row.currency), row.unexplained),
                (code("suspense", row.currency), -row.unexplained),
            ],
            currency=row.currency,
            ref=f"wallet:{row.lot.wallet.uuid}",
            note=reason[:200],
        )
        row.unexplained = 0
        row.save(update_fields=["unexplained"])
        record(row, row.state, by=by, reason="borne", note=reason, old=row.state)
    payback.refresh_from_db()
