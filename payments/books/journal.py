"""The ledger read by people: one account, one cause, every entry of some days, everybody who was paid in a year."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Func, OuterRef, Q, Subquery, Sum, UUIDField, Value
from django.db.models.functions import Cast, Coalesce

from marketplace.ground.errors import Invalid

from ..connect.models import PayeeAccount
from ..holds.models import Part, Release
from ..ledger.models import LedgerAccount, LedgerEntry, LedgerTransaction
from . import entries, words

LONGEST = 366  # days in one export


# --- one account, one cause ------------------------------------------------------------------------------
PER_PAGE = 50


@dataclass(frozen=True)
class Booked:
    """One entry on an account page: minor units in one of the two columns, and the balance after it."""

    entry: LedgerEntry
    words: str
    debit: int
    credit: int
    balance: int


def account_page(account: LedgerAccount, before: int | None = None) -> tuple[list[Booked], int | None]:
    """Entries newest first from `before` (an entry id) on, with the running balance; and where the next page begins.

    The balance is one sum over the account's own entries, and each page costs the same.
    """
    rows = LedgerEntry.objects.filter(account=account)
    if before:
        rows = rows.filter(pk__lt=before)
    balance = (rows.aggregate(n=Coalesce(Sum("amount"), 0))["n"]) * account.sign
    found = list(rows.select_related("transaction").order_by("-pk")[: PER_PAGE + 1])
    booked = []
    for entry in found[:PER_PAGE]:
        booked.append(
            Booked(
                entry,
                words.kind(entry.transaction.kind),
                max(entry.amount, 0),
                max(-entry.amount, 0),
                balance,
            )
        )
        balance -= entry.amount * account.sign
    return booked, (booked[-1].entry.pk if len(found) > PER_PAGE else None)


@dataclass(frozen=True)
class Posting:
    """One transaction in words, with its legs: (account, what it is, debit, credit)."""

    transaction: LedgerTransaction
    words: str
    legs: list[tuple[LedgerAccount, str, int, int]]


def postings(causes: set[str], most: int = 200) -> list[Posting]:
    """The transactions that name one of `causes`, oldest first, in words."""
    rows = (
        LedgerTransaction.objects.filter(ref__in=causes).order_by("id").prefetch_related("entries__account")
    )
    return [
        Posting(
            row,
            words.kind(row.kind),
            [
                (leg.account, words.account(leg.account.code), max(leg.amount, 0), max(-leg.amount, 0))
                for leg in sorted(row.entries.all(), key=lambda leg: -leg.amount)
            ],
        )
        for row in rows[:most]
    ]


# --- for the accountant ----------------------------------------------------------------------------------
def chosen_days(first: str, last: str) -> tuple[date, date]:
    """Two ISO days, both included, at most a year and a day apart. Raises `Invalid` beside the field."""
    days, errors = {}, {}
    for name, text in (("first", first), ("last", last)):
        try:
            days[name] = date.fromisoformat(text)
        except ValueError:
            errors[name] = ["Write the day as year, month and day, for example 2026-01-31."]
    if not errors and days["last"] < days["first"]:
        errors["last"] = ["The last day cannot be before the first."]
    if not errors and (days["last"] - days["first"]).days >= LONGEST:
        errors["last"] = [
            f"At most {LONGEST} days at once. Choose a later first day, or an earlier last one."
        ]
    if errors:
        raise Invalid(errors)
    return days["first"], days["last"]


def entries_of_days(first: date, last: date):
    """What is exported for the accountant: every entry of these days, oldest first, read in pieces."""
    return (
        entries.between(LedgerEntry.objects.all(), first, last)
        .order_by("transaction_id", "pk")
        .values_list(
            "transaction__at",
            "transaction_id",
            "transaction__kind",
            "transaction__key",
            "transaction__ref",
            "account__code",
            "amount",
            "currency",
            "transaction__note",
        )
        .iterator(chunk_size=2000)
    )


def payees_of(year: int):
    """What each person was paid in `year`, the highest gross first, as rows of party, currency, net, fee, gross.

    By the day of the transfer, less what was taken back. One sum by the database over that year's entries.
    """
    cause = Cast(Func(F("transaction__ref"), Value(":"), Value(2), function="split_part"), UUIDField())
    of_part = Part.objects.filter(uuid=OuterRef("cause")).values("payee__party")[:1]
    of_release = Release.objects.filter(uuid=OuterRef("cause")).values("part__payee__party")[:1]
    year_of = entries.between(LedgerEntry.objects.all(), date(year, 1, 1), date(year, 12, 31))
    rows = entries.named(year_of.filter(account__guarded=False, transaction__ref__regex="^(part|release):"))
    net, fee = Q(name="stripe_balance"), Q(name__in=("platform_fee", "fee_refunded"))
    return (
        rows.filter(net | fee)
        .annotate(cause=cause)
        .annotate(party=Coalesce(Subquery(of_part), Subquery(of_release)))
        .values("party", "currency")
        .annotate(
            net=-Coalesce(Sum("amount", filter=net), 0),
            fee=-Coalesce(Sum("amount", filter=fee), 0),
            gross=-Coalesce(Sum("amount"), 0),
        )
        .order_by("-gross", "party")
    )


def with_people(rows) -> list[dict]:
    """`rows` of `payees_of` with the `name` and `email` of those who are still here."""
    rows = list(rows)
    people = PayeeAccount.objects.filter(party__in={row["party"] for row in rows}).select_related("user")
    by_party = {payee.party: payee.user for payee in people}
    for row in rows:
        user = by_party.get(row["party"])
        row["name"], row["email"] = (user.name, user.email) if user else ("somebody who has left", "")
    return rows
