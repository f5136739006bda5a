"""The weekly figures of the fairness report, computed from the lists that were shown.

Gini as usual (0: everybody was seen alike, 1: one person had it all); the other figures follow Geyik et al. 2019
(shares in the top of a list) and Singh & Joachims 2018 (exposure by place).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction

from accounts.models import StudentProfile
from marketplace.ground import clock

from .actions import weight
from .models import OF_STUDENTS, ExposureWeek, ShownList
from .queries import fair_order

TOP = 10
SEEN_DAYS = 28


def gini(values: Iterable[float]) -> float | None:
    """How unequal `values` (none negative) are: 0 alike, near 1 one has all; None for none, 0 when all are zero."""
    ordered = sorted(values)
    whole = sum(ordered)
    if not ordered:
        return None
    if not whole:
        return 0.0
    n = len(ordered)
    return 2 * sum(place * value for place, value in enumerate(ordered, 1)) / (n * whole) - (n + 1) / n


@dataclass
class Tally:
    """What the lists of some weeks say together."""

    lists: int = 0
    qualified: set[int] = field(default_factory=set)
    exposure: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    top: int = 0
    top_newcomers: int = 0
    qualified_times: int = 0
    qualified_newcomers: int = 0
    fit: float = 0.0
    best: float = 0.0

    def add(self, row: ShownList, *, this_week: bool) -> None:
        """One list; what lies before the week counts only for who was seen at all."""
        self.qualified.update(row.qualified or row.shown)
        for place, user in enumerate(row.shown, row.start + 1):
            self.exposure[user] += weight(place)
        if not this_week:
            return
        self.lists += 1
        newcomers = set(row.newcomers)
        first = row.shown[: max(0, TOP - row.start)]
        self.top += len(first)
        self.top_newcomers += sum(user in newcomers for user in first)
        self.qualified_times += len(row.qualified)
        self.qualified_newcomers += sum(user in newcomers for user in row.qualified)
        if row.best:
            weights = [weight(place) for place in range(row.start + 1, row.start + len(row.shown) + 1)]
            self.fit += sum(a * b for a, b in zip(row.fits, weights, strict=False))
            self.best += sum(a * b for a, b in zip(row.best, weights, strict=False))

    def figures(self, of: set[int] | None = None) -> dict:
        """Columns of `ExposureWeek`; `of`: only these people, for a school."""
        people = self.qualified if of is None else self.qualified & of
        values = {
            "lists": self.lists,
            "qualified": len(people),
            "gini": gini(self.exposure.get(user, 0.0) for user in people),
            "seen": _share(sum(user in self.exposure for user in people), len(people)),
        }
        if of is None:
            values |= {
                "newcomers_top": _share(self.top_newcomers, self.top),
                "newcomers_qualified": _share(self.qualified_newcomers, self.qualified_times),
                "fit_kept": _share(self.fit, self.best),
            }
        return values


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def monday(instant: datetime) -> date:
    day = instant.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def write_recent() -> None:
    """This week's figures so far, and last week's while its last lists may still be coming in."""
    now = clock.now()
    for week in sorted({monday(now - timedelta(days=1)), monday(now)}):
        write_week(week)


@transaction.atomic
def write_week(week: date) -> None:
    """The figures of the week that begins on `week`, written over what stood there."""
    start = datetime.combine(week, time(), UTC)
    end = start + timedelta(days=7)
    everybody, functions = Tally(), defaultdict(Tally)
    rows = ShownList.objects.filter(
        kind__in=OF_STUDENTS, at__gte=end - timedelta(days=SEEN_DAYS), at__lt=end
    ).order_by("pk")
    for row in rows.iterator(chunk_size=500):
        for tally in (everybody, functions[row.function]):
            tally.add(row, this_week=row.at >= start)
    if not everybody.lists:
        return
    _keep(week, ExposureWeek.Scope.ALL, "", everybody.figures())
    for function, tally in functions.items():
        if function and tally.lists:
            _keep(week, ExposureWeek.Scope.FUNCTION, function, tally.figures())
    for school, people in _schools(everybody.qualified).items():
        _keep(week, ExposureWeek.Scope.SCHOOL, str(school), everybody.figures(people))


def _schools(people: set[int]) -> dict[int, set[int]]:
    found = defaultdict(set)
    rows = StudentProfile.objects.filter(user__in=people, school__isnull=False)
    for user, school in rows.values_list("user_id", "school_id"):
        found[school].add(user)
    return found


def _keep(week: date, scope: str, value: str, figures: dict) -> None:
    ExposureWeek.objects.update_or_create(
        week=week,
        scope=scope,
        value=value,
        defaults={**figures, "strength": round(fair_order().strength * 100), "updated_at": clock.now()},
    )
