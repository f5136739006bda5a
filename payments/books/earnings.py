"""What a student earned, from the ledger, and what is still on its way, from the rows that carry it."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Case, F, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, ExtractYear

from ..connect.states import PAID
from ..holds import queries as holds
from ..holds.models import Part, Release
from ..holds.recovery import Receivable, Reversal
from ..holds.states import (
    OWED,
    QUEUED,
    RELEASE_WAITING,
    SCHEDULED,
    SECURED,
    SENT,
    WAITING_FUNDS,
    WAITING_PAYEE,
)
from . import entries, naming, words

MONTHS = 12
PAID_NAMES = ("stripe_balance",)
FEE_NAMES = ("platform_fee", "fee_refunded")


@dataclass
class Earned:
    """Of one currency in one period. `net` reached the student's account, less what was taken back of it;
    `gross` is `net` with the platform fee, as tax forms count it.
    """

    currency: str
    net: int = 0
    fee: int = 0

    @property
    def gross(self) -> int:
        return self.net + self.fee


@dataclass(frozen=True)
class Waiting:
    """Money that was approved and has not been sent: why, how much, and what the student can do."""

    why: str
    amount: int
    text: str
    until: datetime | None = None
    fix: bool = False  # the payout set-up helps


@dataclass
class Standing:
    """Where the money of one currency stands now, net minor units."""

    currency: str
    released: int = 0
    on_its_way: int = 0
    arrived: int = 0
    taken_back: int = 0
    held: int = 0
    owed: int = 0  # kept from what is released next
    waiting: list[Waiting] = field(default_factory=list)

    @property
    def waits(self) -> int:
        return sum(one.amount for one in self.waiting)


REASONS = {
    "frozen": "On hold: the payment is being questioned, and nothing moves until that is settled.",
    SCHEDULED: "Approved. It is released on the day that the agreement names.",
    WAITING_PAYEE: "Approved. It goes the moment your payout set-up is complete.",
    WAITING_FUNDS: "Approved. Stripe has not made the employer's payment available yet; we try again by ourselves.",
    QUEUED: "Approved and being sent. This takes minutes.",
}


def by_period(user, kind: str = "month") -> dict[str, list[tuple[date, Earned]]]:
    """By currency: (first day of the month or year, what was earned in it), oldest first, gaps filled.

    The last twelve months, or every year since the first.
    """
    mine = entries.of_payee(user).filter(account__guarded=False)
    if kind == "month":
        start = entries.month_after(entries.today(), 1 - MONTHS)
        mine = entries.between(mine, start, entries.today())
    found: dict[str, dict[date, Earned]] = defaultdict(dict)
    for period, currency, name, total in entries.by_period(mine, kind):
        if name in PAID_NAMES + FEE_NAMES:
            one = found[currency].setdefault(period, Earned(currency))
            _add(one, name, total)
    return {currency: _filled(currency, rows, kind) for currency, rows in sorted(found.items())}


def _add(one: Earned, name: str, total: int) -> None:
    if name in PAID_NAMES:
        one.net -= total
    elif name in FEE_NAMES:
        one.fee -= total


def _filled(currency: str, rows: dict[date, Earned], kind: str) -> list[tuple[date, Earned]]:
    if kind == "month":
        first = entries.month_after(entries.today(), 1 - MONTHS)
        periods = [entries.month_after(first, n) for n in range(MONTHS)]
    else:
        periods = [date(year, 1, 1) for year in range(min(rows).year, entries.today().year + 1)]
    return [(period, rows.get(period) or Earned(currency)) for period in periods]


def in_year(user, year: int) -> list[Earned]:
    """What was earned in one calendar year at the operator's place, by cash date; one for each currency."""
    rows = entries.between(entries.of_payee(user), date(year, 1, 1), date(year, 12, 31))
    found: dict[str, Earned] = {}
    for (currency, name), total in entries.by_name(rows.filter(account__guarded=False)).items():
        if name in PAID_NAMES + FEE_NAMES:
            _add(found.setdefault(currency, Earned(currency)), name, total)
    return [found[currency] for currency in sorted(found)]


def standing(user) -> list[Standing]:
    """Where everything stands now, one for each currency, in six queries."""
    found: dict[str, Standing] = {}

    def of(currency: str) -> Standing:
        return found.setdefault(currency, Standing(currency))

    moved = entries.named(entries.of_payee(user)).filter(name="stripe_balance")
    for currency, sent, back in moved.values_list("currency").annotate(
        sent=Coalesce(Sum("amount", filter=Q(amount__lt=0)), 0),
        back=Coalesce(Sum("amount", filter=Q(amount__gt=0)), 0),
    ):
        of(currency).released, of(currency).taken_back = -sent - back, back
    paid = Release.objects.filter(part__payee__user=user, state=SENT, payout__state=PAID).order_by()
    kept = Sum(F("net") - F("offset") - F("taken_net"))
    for currency, total in paid.values_list("currency").annotate(total=kept):
        of(currency).arrived = max(0, total)
    # What could not be taken back is in the bank all the same; it is kept from what is released next.
    short = Receivable.objects.filter(payee__user=user, reversal__release__payout__state=PAID)
    for currency, total in short.order_by().values_list("currency").annotate(total=Sum("amount")):
        of(currency).arrived += total
    for one in found.values():
        one.on_its_way = max(0, one.released - one.arrived)
    for currency, why, amount, until in _waiting(user):
        of(currency).waiting.append(
            Waiting(why, amount, REASONS[why], until if why == SCHEDULED else None, why == WAITING_PAYEE)
        )
    for currency, net in _held(user):
        of(currency).held = net
    owed = Receivable.objects.filter(payee__user=user, state=OWED).order_by().values_list("currency")
    for currency, left in owed.annotate(left=Sum(F("amount") - F("repaid"))):
        of(currency).owed = left
    return [found[currency] for currency in sorted(found)]


def _waiting(user):
    """(currency, why, net, the earliest date) of what is approved and not sent."""
    frozen = When(part__hold__frozen_at__isnull=False, then=Value("frozen"))
    rows = (
        Release.objects.filter(part__payee__user=user, state__in=RELEASE_WAITING)
        .order_by()
        .annotate(why=Case(frozen, default=F("state")))
        .values_list("currency", "why")
        .annotate(amount=Sum("net"), until=Min("due_at"))
    )
    return sorted(rows, key=lambda row: (row[0], list(REASONS).index(row[1])))


def _held(user):
    """(currency, net) of secured parts of which nothing was approved or refunded yet."""
    left = Part.objects.filter(
        payee__user=user, hold__state=SECURED, releases=None, refund_lines=None, returns=None
    )
    return left.order_by().values_list("hold__currency").annotate(net=Sum(F("price") - F("fee")))


def releases_of(user, year: int | None = None) -> QuerySet:
    """What was released to `user` or is on its way there, newest first; of one year at the operator's place."""
    rows = holds.earnings_of(user).select_related("part__hold", "part__payee", "payout")
    if year is None:
        return rows
    return rows.filter(
        sent_at__gte=entries.midnight(date(year, 1, 1)), sent_at__lt=entries.midnight(date(year + 1, 1, 1))
    )


def years_of(user) -> list[int]:
    """The years in which something was released, newest first."""
    sent = Release.objects.filter(part__payee__user=user).exclude(sent_at=None)
    years = sent.order_by().annotate(year=ExtractYear("sent_at", tzinfo=entries.zone()))
    return sorted(years.values_list("year", flat=True).distinct(), reverse=True)


@dataclass(frozen=True)
class Moved:
    """One posting that moved money to or from a student: released, or taken back (below zero)."""

    day: date
    kind: str
    project: str
    part: str
    payer: str
    currency: str
    net: int
    fee: int

    @property
    def gross(self) -> int:
        return self.net + self.fee


def movements(user, year: int | None = None) -> list[Moved]:
    """Every posting that moved the student's money, oldest first: the year's totals, line by line."""
    mine = entries.of_payee(user)
    if year:
        mine = entries.between(mine, date(year, 1, 1), date(year, 12, 31))
    rows = (
        entries.named(mine)
        .filter(name__in=PAID_NAMES + FEE_NAMES)
        .values_list("transaction_id", "transaction__at", "transaction__kind", "transaction__ref", "currency")
        .annotate(
            net=Coalesce(Sum("amount", filter=Q(name__in=PAID_NAMES)), 0),
            fee=Coalesce(Sum("amount", filter=Q(name__in=FEE_NAMES)), 0),
        )
        .order_by("transaction_id")
    )
    parts = _parts_by_cause(user)
    about = naming.about({part.hold for part in parts.values()})
    zone = entries.zone()
    return [
        _moved(parts[ref], about[parts[ref].hold.ref], at.astimezone(zone).date(), kind, currency, -net, -fee)
        for _, at, kind, ref, currency, net, fee in rows
    ]


def _parts_by_cause(user) -> dict[str, Part]:
    """Which part of the student's each cause of a posting is about; three queries."""
    parts = {part.pk: part for part in Part.objects.filter(payee__user=user).select_related("hold")}
    found = {f"part:{part.uuid}": part for part in parts.values()}
    for word, rows in (
        ("release", Release.objects.values_list("uuid", "part_id")),
        ("reversal", Reversal.objects.values_list("uuid", "release__part_id")),
    ):
        path = "part__payee__user" if word == "release" else "release__part__payee__user"
        found.update((f"{word}:{uuid}", parts[pk]) for uuid, pk in rows.order_by().filter(**{path: user}))
    return found


def _moved(part: Part, about: naming.About, day: date, kind: str, currency: str, net: int, fee: int) -> Moved:
    title = about.parts.get(part.ref, "")
    return Moved(day, words.kind(kind), about.title, title, about.payer, currency, net, fee)
