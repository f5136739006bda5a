"""The list of measurements, and running them."""

import importlib
import statistics
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connections

MODULES = (
    "serving",
    "filters",
    "text",
    "facets",
    "matching",
    "notices",
    "ranking",
    "fairness",
)
SMALL = 50_000
_rows: list["Row"] = []


@dataclass(frozen=True)
class Row:
    what: str
    group: str
    function: Callable
    most: object
    least: object
    market: str
    times: int
    order: int

    def limit(self, size: int) -> tuple[str, float] | None:
        """`("<=", 4.0)` in a market of `size` open projects; None when there is none for it."""
        for sign, value in (("<=", self.most), (">=", self.least)):
            if isinstance(value, dict):
                fitting = [key for key in sorted(value) if size <= key]
                value = value[fitting[0]] if fitting else value[max(value)]
            if value is not None:
                return sign, float(value)
        return None


def measure(
    what: str, *, group: str, most=None, least=None, market: str = "whole", times: int = 3, order: int = 50
):
    """Register a measurement; see the package's own words. market: "whole", "small",
    "both", or "own" for what makes its own data and needs none of the market."""
    if (most is None) == (least is None):
        raise ValueError(f"{what}: give one limit, most or least")

    def keep(function):
        _rows.append(Row(what, group, function, most, least, market, times, order))
        return function

    return keep


@dataclass(frozen=True)
class Outcome:
    row: Row
    size: int  # open projects
    value: float | None
    words: str
    seconds: float

    @property
    def passed(self) -> bool:
        if self.value is None:
            return False
        sign, bound = self.row.limit(self.size)
        return self.value <= bound if sign == "<=" else self.value >= bound


def rows(only: str = "") -> list[Row]:
    """All rows in the order of their groups; `only` keeps those whose group or words contain a part of it."""
    for name in MODULES:
        try:
            importlib.import_module(f"{__package__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{__package__}.{name}":
                raise
    found = sorted(_rows, key=lambda row: (row.order, MODULES.index(row.group)))
    wanted = [part.strip() for part in only.lower().split(",")]
    return [row for row in found if any(part in f"{row.group} {row.what}".lower() for part in wanted)]


def run(bench, only: str, say: Callable[[str], None]) -> list[Outcome]:
    """Measure everything; a measurement that fails is a limit missed, and says why."""
    outcomes = []
    wanted = rows(only)
    large = bench.size > SMALL
    for market in ("whole", "small"):
        chosen = [
            row for row in wanted if row.market in (market, "both") or (row.market == "small" and not large)
        ]
        if market == "small" and not large or not chosen:
            continue
        with bench.market(market):
            for row in chosen:
                outcomes.append(_one(bench, row))
                say(line(outcomes[-1]))
    for row in wanted:  # last: the simulations among these take longest
        if row.market == "own":
            outcomes.append(_one(bench, row))
            say(line(outcomes[-1]))
    return outcomes


def _one(bench, row: Row) -> Outcome:
    connections.close_all()  # what an earlier row left of its connection, or the database closed, is not this one's
    started, values, words = time.monotonic(), [], ""
    try:
        for _ in range(row.times):
            found = row.function(bench)
            value, words = found if isinstance(found, tuple) else (found, "")
            values.append(float(value))
    except Exception:
        traceback.print_exc()
        return Outcome(row, bench.opened, None, "failed", time.monotonic() - started)
    return Outcome(row, bench.opened, statistics.median(values), words, time.monotonic() - started)


def line(found: Outcome) -> str:
    sign, bound = found.row.limit(found.size)
    value = "failed" if found.value is None else f"{found.value:.3g}"
    size = "" if found.row.market == "own" else f" [{found.size:,} open]"
    return (
        f"{'ok  ' if found.passed else 'MISS'} {value:>9} {sign} {bound:<7g} {found.row.group:<9} "
        f"{found.row.what}{size}{' (' + found.words + ')' if found.words else ''}"
    )


def summary(outcomes: list[Outcome]) -> str:
    missed = [outcome for outcome in outcomes if not outcome.passed]
    if missed:
        return f"{len(missed)} of {len(outcomes)} limits missed: " + "; ".join(o.row.what for o in missed)
    return f"All {len(outcomes)} limits are kept."
