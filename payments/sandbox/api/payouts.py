"""Payouts from connected accounts to banks: made by Stripe itself, some time after money has arrived."""

from django.db.models import Sum

from ..models import Line, Thing
from ..refusal import Refusal
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
    ids = list(lines.values_list("pk", flat=True))
    payout = _make(account.id, amount, currency, automatic=True)
    Line.objects.filter(pk__in=[*ids, payout.data["balance_transaction"]]).update(payout=payout.id)


def _make(account: str, amount: int, currency: str, *, automatic: bool) -> Thing:
    arrival = now() + settings_now()["arrival_after"]
    payout = add(
        "payout",
        {
            "amount": amount,
            "arrival_date": arrival,
            "automatic": automatic,
            "currency": currency,
            "method": "standard",
            "reconciliation_status": "completed" if automatic else "not_applicable",
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
        account=account,
    )
    line = add_line("payout", -amount, currency, payout.id, account=account)
    payout.due = arrival
    save(payout, balance_transaction=line.id)
    tell("payout.created", payout.data, account=account)
    return payout


def wake(payout: Thing) -> None:
    """The money reaches the bank, or the bank sends it back."""
    account = Thing.objects.filter(kind="v2.core.account", id=payout.account).first()
    if account and account.notes.get("bank_fails"):
        fail(payout)
        return
    payout.due = None
    save(payout, status="paid")
    tell("payout.paid", payout.data, account=payout.account)


def fail(payout: Thing) -> Thing:
    """The bank sends it back, on the way or days after it was paid; the money waits on the account again."""
    if payout.data["status"] == "failed":
        raise Refusal("This payout has failed already.")
    payout.due = None
    line = add_line(
        "payout_failure",
        payout.data["amount"],
        payout.data["currency"],
        payout.id,
        account=payout.account,
    )
    Line.objects.filter(payout=payout.id).exclude(kind="payout").update(payout="")
    save(
        payout,
        status="failed",
        failure_code="no_account",
        failure_message="The bank account could not be found.",
        failure_balance_transaction=line.id,
    )
    tell("payout.failed", payout.data, account=payout.account)
    return payout


def start_by_hand(amount: int, currency: str) -> Thing:
    """The operator sends money from the platform's balance to its own bank."""
    return _make("", amount, currency, automatic=False)


def retrieve(request, found, payout):
    return get("payout", payout, request.account).data
