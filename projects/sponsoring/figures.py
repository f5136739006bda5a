"""Where a sponsor's money is, over time and now."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum

from marketplace.ground import clock
from payments.disputes.queries import sums_of
from payments.holds.models import Part, Release
from payments.holds.sponsors import SponsorReturn
from payments.holds.states import SENT
from payments.wallets import queries as wallets
from payments.wallets.models import Wallet

from .queries import promised

SAID = {
    "allocated": "Given to a project",
    "returned_to_sponsor": "Came back from a project",
    "sponsor_paid": "Paid in with Stripe",
    "sponsor_transferred": "Bank transfer",
    "payback_queued": "Asked back by you",
    "payback_by_hand": "Sent back to you by the operator",
    "sponsor_disputed": "Set aside: your bank has taken the payment back",
    "sponsor_undisputed": "Free again: your bank has given it back",
}  # the ledger's kinds as the sponsor sees them
PACE = timedelta(days=60)  # the present pace is that of the last two months
POINTS = 24


@dataclass(frozen=True)
class Figures:
    """Minor units. received = pool + with_projects + spent + paid_back + disputed + charged_back."""

    received: int
    pool: int
    promised: int
    with_projects: int
    spent: int
    returned: int  # came back from projects, and stands in the pool again
    paid_back: int  # to the sponsor
    disputed: int  # set aside, because a bank has taken the payment back and has not decided yet
    charged_back: int  # taken by a bank for good
    questioned: int  # of the pool, what a bank asks about

    @property
    def free(self) -> int:
        """What may be promised to new projects."""
        return max(self.pool - self.questioned - self.promised, 0)


def figures_of(wallet: Wallet) -> Figures:
    """Where the money of `wallet` is now."""
    sums, pool = wallets.sums(wallet), wallets.pool(wallet)
    given = Part.objects.filter(lot__wallet=wallet).aggregate(total=Sum("price"))["total"] or 0
    returned = (
        SponsorReturn.objects.filter(part__lot__wallet=wallet).aggregate(total=Sum("amount"))["total"] or 0
    )
    sent = Release.objects.filter(part__lot__wallet=wallet, state=SENT)
    spent = sent.aggregate(total=Sum("net"))["total"] or 0
    return Figures(
        received=sums["received"],
        pool=pool,
        promised=promised(wallet),
        with_projects=given - returned - spent,
        spent=spent,
        returned=returned,
        paid_back=sums["paid_back"],
        questioned=pool - wallets.spendable_in(wallet),
        **sums_of(wallet),
    )


def by_day(wallet: Wallet) -> list[tuple[date, int]]:
    """What stood in the wallet at the end of each day on which it moved, oldest first."""
    rows = (
        wallets.movements(wallet)
        .order_by("transaction__at")
        .values_list("transaction__at__date")
        .annotate(total=Sum("amount"))
    )
    level, found = 0, []
    for day, moved in sorted(rows):
        level -= moved  # a credit is money in the wallet
        if found and found[-1][0] == day:
            found[-1] = (day, level)
        else:
            found.append((day, level))
    return found


def burn_down(wallet: Wallet, today: date) -> list[tuple[str, int]]:
    """At most `POINTS` points of the balance, evenly spread from the first day to `today`, for the chart."""
    days = by_day(wallet)
    if not days:
        return []
    first, span = days[0][0], (today - days[0][0]).days
    step = max(1, -(-span // (POINTS - 1)))
    marks = [today - timedelta(days=step * n) for n in range(span // step + 1)][::-1]
    points, place, level = [], 0, 0
    for mark in marks:
        while place < len(days) and days[place][0] <= mark:
            level = days[place][1]
            place += 1
        points.append((f"{mark.day} {mark:%b}", level))
    return points if len(points) > 1 else [(f"{first.day} {first:%b}", 0), *points]


@dataclass(frozen=True)
class Forecast:
    """At the pace of the last two months: minor units a week, and the day on which nothing is left (or None)."""

    weekly: int
    ends_on: date | None


def forecast(wallet: Wallet, free: int) -> Forecast:
    now = clock.now()
    since = max(now - PACE, wallet.created_at)
    given = (
        wallets.movements(wallet)
        .filter(transaction__kind__in=("allocated", "returned_to_sponsor"), transaction__at__gte=since)
        .aggregate(total=Sum("amount"))["total"]
        or 0
    )
    days = max((now - since).days, 7)
    if given <= 0:
        return Forecast(0, None)
    left = min(free * days // given, 3650)
    return Forecast(given * 7 // days, now.date() + timedelta(days=left))
