"""Payouts from connected accounts to banks: made by Stripe itself, some time after money has arrived."""

from django.db.models import Sum

from ..models import Line, Thing
from ..store import add, add_line, get, new_id, now, save, settings_now, tell


def start(account: Thing) -> None:
    """One automatic payout per currency of everything that is available on the account."""
    ready = Line.objects.filter(account=account.id, payout="", available_on__lte=now()).exclude(
        kind__startswith="payout"
    )
    for currency in list(ready.order_by("currency").values_list("currency", flat=True).distinct()):
        lines = ready.filter(currency=currency)
        total = lines.aggregate(amount=Sum("amount"), fee=Sum("fee"))
        amount = total["amount"] - total["fee"]
        if amount > 0:
            _start(account, lines, amount, currency)


def _start(account: Thing, lines, amount: int, currency: str) -> None:
    arrival = now() + settings_now()["arrival_after"]
    payout = add(
        "payout",
        {
            "amount": amount,
            "arrival_date": arrival,
            "automatic": True,
            "currency": currency,
            "method": "standard",
            "reconciliation_status": "completed",
            "source_type": "card",
            "status": "in_transit",
            "type": "bank_account",
            "balance_transaction": new_id("line"),
            "failure_code": None,
            "failure_message": None,
            "metadata": {},
            "description": "STRIPE PAYOUT",
            "destination": None,
            "statement_descriptor": None,
        },
        account=account.id,
    )
    line = add_line("payout", -amount, currency, payout.id, account=account.id)
    Line.objects.filter(pk__in=[*lines.values_list("pk", flat=True), line.id]).update(payout=payout.id)
    payout.due = arrival
    save(payout, balance_transaction=line.id)
    tell("payout.created", payout.data, account=account.id)


def wake(payout: Thing) -> None:
    """The money reaches the bank, or the bank sends it back."""
    payout.due = None
    account = get("v2.core.account", payout.account)
    if account.notes.get("bank_fails"):
        save(
            payout,
            status="failed",
            failure_code="no_account",
            failure_message="The bank account could not be found.",
        )
        add_line(
            "payout_failure",
            payout.data["amount"],
            payout.data["currency"],
            payout.id,
            account=payout.account,
        )
        tell("payout.failed", payout.data, account=payout.account)
        return
    save(payout, status="paid")
    tell("payout.paid", payout.data, account=payout.account)


def retrieve(request, found, payout):
    return get("payout", payout, request.account).data
