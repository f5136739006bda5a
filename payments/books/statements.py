"""An organisation's money month by month and project by project. From the ledger; adds up to the cent."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from ..holds.figures import figures_of
from ..holds.models import Hold
from ..holds.states import CANCELLED, SETTLED
from . import entries, naming, words


@dataclass(frozen=True)
class Line:
    """One posting that changed what is secured by `change`, to `balance`; `fee` is the fee in it."""

    day: date
    what: str
    about: str
    url: str
    change: int
    fee: int
    balance: int


@dataclass
class Statement:
    """One currency in one month, minor units.

    opening + secured - released - fees + taken_back - refunded - charged_back + other = closing
    """

    currency: str
    opening: int = 0
    secured: int = 0
    released: int = 0
    fees: int = 0
    taken_back: int = 0  # from students, fee included, to go back to the payer
    refunded: int = 0
    charged_back: int = 0  # through the payer's bank
    other: int = 0
    lines: list[Line] = field(default_factory=list)

    @property
    def closing(self) -> int:
        out = self.released + self.fees + self.refunded + self.charged_back
        return self.opening + self.secured + self.taken_back - out + self.other


IN = ("funds_secured",)
OUT = ("released",)
BACK = ("refunded",)
TAKEN = ("reversed", "receivable")
CHARGED = ("dispute_lost", "dispute_lost_reversed", "dispute_recovered")


def months_of(payer_ref: str, most: int = 24) -> list[date]:
    """The months since the first secured hold, newest first."""
    first = (
        Hold.objects.filter(payer_ref=payer_ref, secured_at__isnull=False)
        .order_by("secured_at")
        .values_list("secured_at", flat=True)
        .first()
    )
    this = entries.today().replace(day=1)
    if first is None:
        return [this]
    begin = first.astimezone(entries.zone()).date().replace(day=1)
    count = (this.year - begin.year) * 12 + this.month - begin.month + 1
    return [entries.month_after(this, -n) for n in range(min(count, most))]


def statement(payer_ref: str, month: date) -> list[Statement]:
    """The statement of the month that begins on `month`, one for each currency that was ever used."""
    mine = entries.of_payer(payer_ref)
    last = entries.month_end(month)
    found: dict[str, Statement] = {}
    before = mine.filter(transaction__at__lt=entries.midnight(month))
    for (currency, name), total in entries.by_name(before).items():
        if name in entries.OWED:
            found.setdefault(currency, Statement(currency)).opening -= total
    rows = _postings(entries.between(mine, month, last))
    about = _about(payer_ref) if rows else {}
    for row in rows:
        if row["owed"]:
            _book(found.setdefault(row["currency"], Statement(row["currency"])), row, about)
    return [found[currency] for currency in sorted(found)]


def _postings(mine) -> list[dict]:
    """One row for each posting: how much more we owe, and the fee in it."""
    return list(
        entries.named(mine)
        .values("transaction_id", "transaction__at", "transaction__kind", "transaction__ref", "currency")
        .annotate(
            owed=Coalesce(Sum("amount", filter=Q(name__in=entries.OWED)), 0),
            fee=Coalesce(Sum("amount", filter=Q(name__in=("platform_fee", "fee_refunded"))), 0),
        )
        .order_by("transaction_id")
    )


def _about(payer_ref: str) -> dict[str, naming.About]:
    """What each cause (`hold:…`, `part:…`, `release:…`) is called."""
    causes = entries.causes_of(Hold.objects.filter(payer_ref=payer_ref))
    names = naming.about(set(causes.values()))
    return {cause: names[hold.ref] for cause, hold in causes.items()}


def _book(one: Statement, row: dict, about: dict) -> None:
    change, kind, fee = -row["owed"], row["transaction__kind"], 0
    if kind in IN:
        one.secured += change
    elif kind in OUT:
        fee = -row["fee"]
        one.released += -change - fee
        one.fees += fee
    elif kind in BACK:
        one.refunded -= change
    elif kind in TAKEN:
        one.taken_back += change
    elif kind in CHARGED:
        one.charged_back -= change
    else:
        one.other += change
    told = about.get(row["transaction__ref"]) or naming.About("")
    one.lines.append(
        Line(
            day=row["transaction__at"].astimezone(entries.zone()).date(),
            what=words.kind(kind),
            about=told.title,
            url=told.url,
            change=change,
            fee=fee,
            balance=(one.lines[-1].balance if one.lines else one.opening) + change,
        )
    )


@dataclass(frozen=True)
class Cost:
    """What one project cost, minor units of `currency`.

    per_hour: of what was released, fee included; None while anything is still held, because hours that are worked and
    not yet paid would make it look cheaper than it is.
    """

    about: naming.About
    hold: Hold
    currency: str
    planned: int
    sponsored: int
    secured: int
    released: int
    refunded: int
    fee: int
    per_hour: int | None

    @property
    def is_over(self) -> bool:
        """Nothing is still to be paid or to be decided."""
        return self.hold.state in (SETTLED, CANCELLED)


def holds_of(payer_ref: str):
    return Hold.objects.filter(payer_ref=payer_ref).order_by("-created_at", "-id")


def costs_of(holds) -> list[Cost]:
    """One row for each of `holds`, in a constant number of queries."""
    holds = list(holds)
    figures, about = figures_of(holds), naming.about(holds)
    return [_cost(hold, figures[hold.pk], about[hold.ref]) for hold in holds]


def _cost(hold: Hold, figures: dict, about: naming.About) -> Cost:
    paid = figures["released"]
    return Cost(
        about=about,
        hold=hold,
        currency=hold.currency,
        planned=hold.due,
        sponsored=hold.sponsored,
        secured=figures["secured"],
        released=paid,
        refunded=figures["refunded"] + figures["refunding"],
        fee=paid - figures["net_released"],
        per_hour=int(paid // about.hours) if paid and about.hours and hold.state == SETTLED else None,
    )


@dataclass
class Totals:
    """An organisation's whole money in one currency, minor units."""

    currency: str
    secured: int = 0
    held: int = 0
    released: int = 0
    refunded: int = 0


def totals_of(payer_ref: str) -> list[Totals]:
    """From the ledger, in one query: secured in all, held now, released (fee included), refunded."""
    rows = (
        entries.named(entries.of_payer(payer_ref))
        .filter(name__in=entries.OWED)
        .values_list("currency", "transaction__kind")
        .annotate(total=Sum("amount"))
    )
    found: dict[str, Totals] = defaultdict(lambda: Totals(""))
    for currency, kind, total in rows:
        one = found[currency]
        one.currency = currency
        one.held -= total
        if kind in IN:
            one.secured -= total
        elif kind in OUT:
            one.released += total
        elif kind in BACK:
            one.refunded += total
        elif kind in TAKEN:
            one.released += total
    return [found[currency] for currency in sorted(found)]


def secured_by_month(payer_ref: str, months: int = 12) -> dict[str, list[tuple[str, int]]]:
    """What was secured in each of the last months, oldest first, by the unit that charts write it in."""
    start = entries.month_after(entries.today(), 1 - months)
    mine = entries.between(entries.of_payer(payer_ref), start, entries.today())
    found: dict[str, dict[date, int]] = {}
    for day, currency, name, total in entries.by_period(mine.filter(transaction__kind__in=IN)):
        if name == "hold":
            found.setdefault(currency, {})[day] = -total
    days = [entries.month_after(start, n) for n in range(months)]
    return {
        f"money:{currency}": [(f"{day:%b}", sums.get(day, 0)) for day in days]
        for currency, sums in found.items()
    }
