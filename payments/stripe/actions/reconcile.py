"""The books against Stripe's own list, line by line and in sum. A difference is shown with a cause, never
hidden.

The ledger can be perfectly balanced and still wrong about the world; only this comparison would show it.
"""

import logging
from datetime import UTC, datetime, timedelta

from django.db.models import Sum

from marketplace.ground import clock

from ...ledger.chart import code
from ...ledger.models import LedgerEntry
from ...ledger.queries import balance
from .. import gateway
from ..models import BalanceLine, Call, Cursor, Reconciliation
from ..states import MANUAL, PENDING

log = logging.getLogger(__name__)

BACK = timedelta(days=3)
PATIENCE = timedelta(hours=1)

#: Which posting key a Stripe balance line has to stand under, by the kind of line.
KEYS = {
    "charge": "fund:{source}",
    "payment": "fund:{source}",
    "transfer": "transfer:{source}",
    "refund": "refund:{source}",
    "payment_refund": "refund:{source}",
    "refund_failure": "refund:{source}:failed",
    "payment_failure_refund": "refund:{source}:failed",
    "transfer_refund": "reversal:{source}",
    "topup": "topup:{source}",
}


def run(patience: timedelta = PATIENCE) -> Reconciliation:
    """Read Stripe's new balance lines, compare, and keep the result. Raises `gateway.StripeTrouble`.

    patience: money younger than this may still be on its way into the books and is not yet a difference.
    """
    start = clock.now()
    cursor = Cursor.objects.filter(name="balance").first()
    since = int((cursor.at - BACK).timestamp()) if cursor else 0
    rows = gateway.balance_lines(since)
    BalanceLine.objects.bulk_create([_line(row) for row in rows], ignore_conflicts=True)
    old = start - patience
    differences = [*_unmatched(old), *_sums(old), *_stuck(old)]
    found = Reconciliation.objects.create(lines=len(rows), differences=differences)
    Cursor.objects.update_or_create(name="balance", defaults={"at": start})
    if differences:
        log.error("the books and Stripe differ in %s points", len(differences))
    return found


def _line(row: dict) -> BalanceLine:
    return BalanceLine(
        stripe_id=row["id"],
        kind=row["type"],
        source=row.get("source") or "",
        amount=row["amount"],
        fee=row["fee"],
        net=row["net"],
        currency=row["currency"].upper(),
        made_at=datetime.fromtimestamp(row["created"], UTC),
    )


def _unmatched(old) -> list[dict]:
    """Lines of Stripe's that no posting explains to the cent."""
    open_lines = list(BalanceLine.objects.filter(matched=False).order_by("made_at", "id")[:5000])
    keys = {
        line.pk: KEYS.get(line.kind, "bt:{id}").format(source=line.source, id=line.stripe_id)
        for line in open_lines
    }
    posted = _effect_on_stripe(keys.values())
    matched, differences = [], []
    for line in open_lines:
        amount = posted.get((keys[line.pk], line.currency))
        # A line that is posted under its own id takes its fee along; elsewhere the fee has a posting of its own.
        own = keys[line.pk] == f"bt:{line.stripe_id}"
        if amount == (line.net if own else line.amount):
            matched.append(line.pk)
        elif line.made_at <= old:
            cause = "not in the books" if amount is None else f"the books say {amount}"
            differences.append(
                _difference(
                    f"{line.kind} {line.source or line.stripe_id}",
                    cause,
                    line.amount,
                    line.currency,
                    line.made_at,
                )
            )
    BalanceLine.objects.filter(pk__in=matched).update(matched=True)
    return differences


def _effect_on_stripe(keys) -> dict[tuple[str, str], int]:
    rows = (
        LedgerEntry.objects.filter(
            transaction__key__in=list(keys), account__code__startswith="stripe_balance:"
        )
        .values_list("transaction__key", "currency")
        .annotate(total=Sum("amount"))
    )
    return {(key, currency): total for key, currency, total in rows}


def _sums(old) -> list[dict]:
    """Everything Stripe lists, net of its fees, is what the books say stands at Stripe."""
    if BalanceLine.objects.filter(
        made_at__gt=old
    ).exists():  # money is moving: compared when it has come to rest
        return []
    totals = BalanceLine.objects.values_list("currency").annotate(total=Sum("net"))
    differences = []
    for currency, total in totals:
        books = balance(code("stripe_balance", currency))
        if books != total:
            differences.append(
                _difference("balance at Stripe", f"the books say {books}", total, currency, None)
            )
    return differences


def _stuck(old) -> list[dict]:
    """Calls that have not come to an end for an hour."""
    calls = Call.objects.filter(state__in=(PENDING, MANUAL), created_at__lte=old)
    return [
        _difference(
            f"call {call.operation} {call.uuid}",
            call.error or call.get_state_display(),
            0,
            "",
            call.created_at,
        )
        for call in calls[:200]
    ]


def _difference(what, cause, amount, currency, since) -> dict:
    return {
        "what": what,
        "cause": cause,
        "amount": amount,
        "currency": currency,
        "since": since.isoformat() if since else "",
    }
