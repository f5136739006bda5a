"""Reads of the books."""

from django.db.models import Sum
from django.db.models.functions import Coalesce

from .models import LedgerAccount, LedgerEntry, LedgerTransaction


def balance(code: str) -> int:
    """What stands on the account in minor units, on its normal side; 0 for an account never used."""
    account = LedgerAccount.objects.filter(code=code).first()
    if account is None:
        return 0
    if account.guarded:
        return account.balance
    total = LedgerEntry.objects.filter(account=account).aggregate(total=Coalesce(Sum("amount"), 0))["total"]
    return total * account.sign


def balances(codes) -> dict[str, int]:
    """Balances of guarded accounts by code in one query; unknown codes are 0."""
    known = dict(LedgerAccount.objects.filter(code__in=codes, guarded=True).values_list("code", "balance"))
    return {code: known.get(code, 0) for code in codes}


def trial_balance() -> list[tuple[str, str, int]]:
    """(currency, account name, debit-positive total) of the whole book, to be shown and checked to sum to
    zero.
    """
    totals: dict[tuple[str, str], int] = {}
    rows = LedgerEntry.objects.values_list("currency", "account__code").annotate(total=Sum("amount"))
    for currency, code, total in rows:
        slot = (currency, code.split(":", 1)[0])
        totals[slot] = totals.get(slot, 0) + total
    return [(currency, name, total) for (currency, name), total in sorted(totals.items())]


def postings_about(ref: str):
    """The transactions that name `ref` as their cause, oldest first, with their entries."""
    return LedgerTransaction.objects.filter(ref=ref).order_by("id").prefetch_related("entries__account")
