"""The operator's figures: over time, now, by age, by account, by payee. Summed by the database, by currency."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Min, Sum

from marketplace.ground import clock

from ..holds.models import Refund, Release
from ..holds.recovery import Receivable, Reversal
from ..holds.states import OWED as STILL_OWED
from ..holds.states import PENDING, QUEUED, RELEASE_WAITING
from ..ledger.chart import CHART
from ..ledger.models import LedgerAccount, LedgerEntry
from . import entries, words

MONTHS = (12, 24, 36)


@dataclass
class Month:
    """One month of one currency, minor units. `net` is what the operator earned; below zero it cost more."""

    first: date
    held: int = 0  # at the end of it: secured, frozen and in flight
    secured: int = 0
    released: int = 0  # to students, without the fee, less what was taken back from them
    fees: int = 0  # earned, less what was given back
    refunded: int = 0
    disputed: int = 0  # taken by banks, less what came back
    stripe: int = 0  # Stripe's fees, for disputes too
    losses: int = 0  # disputes lost, what was written off, and what was borne for payers

    @property
    def net(self) -> int:
        return self.fees - self.stripe - self.losses


def over_time(months: int = 12) -> dict[str, list[Month]]:
    """By currency, the last so many months, oldest first; four sums by the database."""
    this = entries.today().replace(day=1)
    start = entries.month_after(this, 1 - months)
    span = entries.between(LedgerEntry.objects.all(), start, entries.today())
    found: dict[str, dict[date, Month]] = defaultdict(
        lambda: {day: Month(day) for day in (entries.month_after(start, n) for n in range(months))}
    )
    for first, currency, name, total in entries.by_period(span):
        _sum(found[currency][first], name, total)
    for kind, sums in (("secured", ("funds_secured", "allocated")), ("released", ("released", "reversed"))):
        for first, currency, name, total in entries.by_period(span.filter(transaction__kind__in=sums)):
            if kind == "secured" and name == "hold":
                found[currency][first].secured -= total
            elif kind == "released" and name == "stripe_balance":
                found[currency][first].released -= total
    for first, currency, name, total in entries.by_period(span.filter(transaction__kind="refunded")):
        if name == "stripe_balance":
            found[currency][first].refunded -= total
    for currency, rows in found.items():
        _carry_held(currency, list(rows.values()))
    return {currency: list(found[currency].values()) for currency in sorted(found)}


def _sum(month: Month, name: str, total: int) -> None:
    if name in ("platform_fee", "fee_refunded"):
        month.fees -= total
    elif name in ("stripe_fee", "dispute_fee"):
        month.stripe += total
    elif name in ("dispute_loss", "bad_debt", "goodwill"):
        month.losses += total
    elif name == "dispute_receivable":
        month.disputed += total
    if name in entries.OWED:
        month.held -= total


def _carry_held(currency: str, rows: list[Month]) -> None:
    """Turn each month's change of what is held into what was held at its end, back from what is held now."""
    now = LedgerAccount.objects.filter(guarded=True, currency=currency).aggregate(n=Sum("balance"))["n"] or 0
    for month in reversed(rows):
        change, month.held = month.held, now
        now -= change


@dataclass(frozen=True)
class Line:
    name: str
    words: str
    amount: int  # on the account's normal side


@dataclass(frozen=True)
class TrialRow:
    """One kind of account in the trial balance; one of the two columns is 0."""

    name: str
    words: str
    debit: int
    credit: int


@dataclass
class Position:
    """What we have and what we owe in one currency, now. Minor units."""

    currency: str
    have: list[Line] = field(default_factory=list)
    owe: list[Line] = field(default_factory=list)
    result: list[Line] = field(default_factory=list)
    rows: list[TrialRow] = field(default_factory=list)
    unexplained: int = 0
    total: int = 0  # of all entries; anything but 0 is a broken book

    @property
    def debits(self) -> int:
        return sum(row.debit for row in self.rows)

    @property
    def credits(self) -> int:
        return sum(row.credit for row in self.rows)

    @property
    def having(self) -> int:
        return sum(line.amount for line in self.have)

    @property
    def owing(self) -> int:
        return sum(line.amount for line in self.owe)

    @property
    def earned(self) -> int:
        return sum(line.amount * (1 if CHART[line.name].sign < 0 else -1) for line in self.result)

    @property
    def at_hand(self) -> int:
        """What pays everybody at once: the balance at Stripe and at the bank, and what banks hold undecided."""
        return sum(line.amount for line in self.have if line.name != "student_receivable")

    @property
    def solvent(self) -> bool:
        return self.at_hand >= self.owing


def positions() -> list[Position]:
    """The trial balance, sorted into what we have, what we owe and what we earned; two sums by the database.

    Guarded accounts by their running balance, the few others by their entries.
    """
    found: dict[str, Position] = {}
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for (currency, name), total in entries.by_name(
        LedgerEntry.objects.filter(account__guarded=False)
    ).items():
        totals[currency, name] += total
    guarded = (
        LedgerAccount.objects.filter(guarded=True)
        .order_by()
        .annotate(name=entries.name_of("code"))
        .values_list("currency", "name")
        .annotate(total=Sum("balance"))
    )
    for currency, name, total in guarded:
        totals[currency, name] += total * CHART[name].sign
    for (currency, name), total in totals.items():
        one = found.setdefault(currency, Position(currency))
        one.total += total
        one.rows.append(TrialRow(name, words.account(name), max(total, 0), max(-total, 0)))
        line = Line(name, words.account(name), total * CHART[name].sign)
        if name == "suspense":
            one.unexplained = total
        elif line.amount:
            where = one.owe if name in entries.OWED else one.have if name in entries.OWNED else one.result
            where.append(line)
    order = list(CHART)
    for one in found.values():
        for lines in (one.have, one.owe, one.result, one.rows):
            lines.sort(key=lambda line: order.index(line.name))
    return [found[currency] for currency in sorted(found)]


def summed_up() -> dict[str, int]:
    """By currency, the sum of every entry of the whole book: zero, or the book is broken. Reads the whole book."""
    rows = LedgerEntry.objects.order_by().values_list("currency").annotate(total=Sum("amount"))
    return dict(rows)


@dataclass(frozen=True)
class Waiting:
    """So many of one kind in one currency wait; the oldest since `oldest`. `late`: longer than it should be."""

    what: str
    currency: str
    n: int
    amount: int
    oldest: datetime
    late: bool
    todo: str


def ageing() -> list[Waiting]:
    """Money on its way or waiting, by why it waits, the longest first; three sums by the database."""
    rows = []
    releases = Release.objects.filter(state__in=RELEASE_WAITING).order_by()
    for state, currency, n, amount, oldest in releases.values_list("state", "currency").annotate(
        n=Count("pk"), amount=Sum("net"), oldest=Min("created_at")
    ):
        rows.append((f"release_{state}", currency, n, amount, oldest))
    refunds = Refund.objects.filter(state__in=(QUEUED, PENDING)).order_by()
    for state, currency, n, amount, oldest in refunds.values_list("state", "currency").annotate(
        n=Count("pk"), amount=Sum("amount"), oldest=Min("created_at")
    ):
        rows.append((f"refund_{state}", currency, n, amount, oldest))
    for model, what, total in (
        (Reversal.objects.filter(state__in=(QUEUED, "short")), "reversal", Sum("net")),
        (Receivable.objects.filter(state=STILL_OWED), "receivable", Sum(F("amount") - F("repaid"))),
    ):
        for currency, n, amount, oldest in (
            model.order_by()
            .values_list("currency")
            .annotate(n=Count("pk"), amount=total, oldest=Min("created_at"))
        ):
            rows.append((what, currency, n, amount, oldest))
    found = [_waiting(*row) for row in rows]
    return sorted(found, key=lambda one: (not one.late, one.oldest))


#: what it is, how long it may take, what to do when it takes longer
PATIENCE = {
    "release_scheduled": ("Approved, released on a later day", 30, "Nothing: the day comes by itself."),
    "release_queued": (
        "Transfer not yet confirmed by Stripe",
        1 / 24,
        "Look at the calls to Stripe that need a hand.",
    ),
    "release_waiting_payee": (
        "Waits for a student's payout set-up",
        14,
        "Write to the student; the money stays theirs.",
    ),
    "release_waiting_funds": (
        "Waits for funds at Stripe",
        7,
        "Look at the balance at Stripe: a payout may have drained it.",
    ),
    "refund_queued": (
        "Refund not yet confirmed by Stripe",
        1 / 24,
        "Look at the calls to Stripe that need a hand.",
    ),
    "refund_pending": ("Refund on its way to the payer", 10, "Ask Stripe; banks take up to ten days."),
    "reversal": ("Being taken back from a student", 1, "Decide in the list of reversals."),
    "receivable": (
        "Owed by students",
        90,
        "Repaid from their next releases; decide in the list of receivables.",
    ),
}


def _waiting(what, currency, n, amount, oldest) -> Waiting:
    told, days, todo = PATIENCE[what]
    return Waiting(told, currency, n, amount, oldest, clock.now() - oldest > timedelta(days=days), todo)


#: The beginning of a cause or of what differs, and what to do about it.
REMEDIES = (
    ("call ", "Open the calls to Stripe that need a hand, read the error, and let it go again."),
    ("balance at Stripe", "Look for a line above that explains it; the two go away together."),
    ("", "Replay the event that tells of it. If it was made at Stripe by hand, ask whoever did it why."),
)


def differences(found) -> list[dict]:
    """The differences of a reconciliation with `since` as an instant and `todo`, what to do about each."""
    rows = []
    for one in found.differences if found else []:
        since = datetime.fromisoformat(one["since"]) if one.get("since") else None
        todo = next(words_ for beginning, words_ in REMEDIES if one["what"].startswith(beginning))
        rows.append({**one, "since": since, "todo": todo})
    return rows
