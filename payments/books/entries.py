"""The ledger's entries in sums: by account, by month, by whom they concern. Everything is summed by the database.

Amounts are minor units, never added up across currencies. Days and months are the operator's.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import CharField, F, Func, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat, TruncMonth, TruncYear

from marketplace.ground import clock, policy

from ..disputes.models import Dispute
from ..holds.models import Hold, Part, Release
from ..holds.recovery import Reversal
from ..ledger.models import LedgerEntry

# Money that we hold for others, by the name of the account in the chart.
OWED = (
    "sponsor_pool",
    "hold",
    "hold_frozen",
    "tax_held",
    "release_in_flight",
    "refund_in_flight",
    "recovered",
    "employer_credit",
    "tax_payable",
)
OWNED = ("stripe_balance", "bank", "dispute_receivable", "student_receivable")


def zone() -> ZoneInfo:
    return ZoneInfo(policy.current().zone)


def midnight(day: date) -> datetime:
    """The instant at which `day` begins at the operator's place."""
    return datetime.combine(day, time(), zone())


def today() -> date:
    return clock.now().astimezone(zone()).date()


def month_after(day: date, months: int = 1) -> date:
    """The first day of the month so many months after that of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def month_end(day: date) -> date:
    return month_after(day) - timedelta(days=1)


def name_of(code: str) -> Func:
    """The account's name in the chart, from the column `code`: `hold` of `hold:<uuid>:USD`."""
    return Func(F(code), Value(":"), Value(1), function="split_part", output_field=CharField())


def named(entries: QuerySet | None = None) -> QuerySet:
    """Entries with `name`, the account's name in the chart (`hold`, `stripe_balance`, ...)."""
    entries = LedgerEntry.objects.all() if entries is None else entries
    return entries.order_by().annotate(name=name_of("account__code"))


def _refs(rows: QuerySet, word: str):
    return (
        rows.order_by()
        .annotate(cause=Concat(Value(f"{word}:"), Cast("uuid", CharField()), output_field=CharField()))
        .values("cause")
    )


def about_parts(parts: QuerySet) -> QuerySet:
    """The entries of what happened to `parts`: releases, and what was taken back of them or is owed for them."""
    return LedgerEntry.objects.filter(transaction__ref__in=_causes_of_parts(parts))


def _causes_of_parts(parts: QuerySet) -> QuerySet:
    mine = parts.order_by().values("pk")
    return _refs(parts, "part").union(
        _refs(Release.objects.filter(part__in=mine), "release"),
        _refs(Reversal.objects.filter(release__part__in=mine), "reversal"),
    )


def of_payee(user) -> QuerySet:
    return about_parts(Part.objects.filter(payee__user=user))


def of_payer(payer_ref: str) -> QuerySet:
    """The entries of the payer's own money. What a sponsor pays is the sponsor's."""
    holds = Hold.objects.filter(payer_ref=payer_ref)
    causes = _causes_of_parts(Part.objects.filter(hold__payer_ref=payer_ref, lot=None)).union(
        _refs(holds, "hold"), _refs(Dispute.objects.filter(hold__payer_ref=payer_ref), "dispute")
    )
    return LedgerEntry.objects.filter(transaction__ref__in=causes)


def causes_of(holds) -> dict[str, Hold]:
    """Which of `holds` each cause (`part:<uuid>`, `release:<uuid>`, ...) belongs to; five queries."""
    by_pk = {hold.pk: hold for hold in holds}
    rows = [("hold", hold.uuid, hold.pk) for hold in by_pk.values()]
    for word, model, path in (
        ("part", Part, "hold_id"),
        ("release", Release, "part__hold_id"),
        ("reversal", Reversal, "release__part__hold_id"),
        ("dispute", Dispute, "hold_id"),
    ):
        found = model.objects.filter(**{f"{path}__in": by_pk}).order_by().values_list("uuid", path)
        rows += [(word, uuid, pk) for uuid, pk in found]
    return {f"{word}:{uuid}": by_pk[pk] for word, uuid, pk in rows}


def between(entries: QuerySet, first: date, last: date) -> QuerySet:
    """Entries of the days `first` to `last`, both included, at the operator's place."""
    return entries.filter(
        transaction__at__gte=midnight(first), transaction__at__lt=midnight(last + timedelta(days=1))
    )


def by_period(entries: QuerySet, kind: str = "month") -> list[tuple[date, str, str, int]]:
    """(first day of the month or year, currency, account name, debit-positive sum), oldest first."""
    cut = {"month": TruncMonth, "year": TruncYear}[kind]
    rows = (
        named(entries)
        .annotate(period=cut("transaction__at", tzinfo=zone()))
        .values_list("period", "currency", "name")
        .annotate(total=Sum("amount"))
        .order_by("period", "currency", "name")
    )
    return [(period.date(), currency, name, total) for period, currency, name, total in rows]


def by_name(entries: QuerySet) -> dict[tuple[str, str], int]:
    """(currency, account name) -> debit-positive sum."""
    rows = named(entries).values_list("currency", "name").annotate(total=Sum("amount"))
    return {(currency, name): total for currency, name, total in rows}
