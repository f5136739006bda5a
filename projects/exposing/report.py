"""The fairness report: the weekly figures as charts, tables and a file, and what they say in plain words."""

import csv
from dataclasses import dataclass
from io import StringIO

from accounts.models import School
from accounts.skills.functions import Function
from marketplace.ground import clock

from . import tradeoff
from .models import ExposureWeek
from .queries import fair_order

WEEKS = 12
MOST_SCHOOLS = 30
COLUMNS = (
    "week",
    "scope",
    "value",
    "lists",
    "qualified",
    "gini",
    "seen",
    "newcomers_top",
    "newcomers_qualified",
    "fit_kept",
    "strength",
)
# column -> (what it is called, what it means)
FIGURES = {
    "seen": ("Seen in 28 days", "Share of the students who fit well enough to be shown and were."),
    "newcomers_top": (
        "First-timers in the first ten places",
        "Their share of the first ten places of all lists.",
    ),
    "gini": (
        "Inequality of being seen (Gini)",
        "0: everybody who fits was seen alike. 1: one person had it all.",
    ),
    "fit_kept": (
        "Fit kept",
        "How well those who were shown fit, against the best fits that could have been.",
    ),
}


@dataclass(frozen=True)
class Line:
    """One row of a table: a function or a school in the latest week that has it."""

    label: str
    week: ExposureWeek


def page() -> dict:
    """The context of the report."""
    weeks = list(ExposureWeek.objects.filter(scope=ExposureWeek.Scope.ALL).order_by("-week")[:WEEKS])[::-1]
    newest = weeks[-1] if weeks else None
    order = fair_order()
    return {
        "weeks": weeks,
        "order": order,
        "present": round(order.strength * 100),
        "measured": tradeoff.rows(),
        "said": in_words(newest),
        "charts": [_chart(weeks, column, *words) for column, words in FIGURES.items()],
        "functions": _lines(newest, ExposureWeek.Scope.FUNCTION, dict(Function.choices)),
        "schools": _lines(newest, ExposureWeek.Scope.SCHOOL, _schools()),
        "settings_seen": _by_strength(),
    }


def latest() -> ExposureWeek | None:
    """The newest week of everybody."""
    return ExposureWeek.objects.filter(scope=ExposureWeek.Scope.ALL).order_by("-week").first()


def in_words(week: ExposureWeek | None) -> list[str]:
    """What the figures of a week say; sentences."""
    if week is None or not week.qualified:
        return []
    said = [
        f"{_percent(week.seen)} of the {week.qualified:,} students who fit something were shown in the last 28 days."
    ]
    if week.newcomers_top is not None and week.newcomers_qualified is not None:
        said.append(
            f"First-timers had {_percent(week.newcomers_top)} of the first ten places; they are "
            f"{_percent(week.newcomers_qualified)} of those who fit."
        )
    if week.fit_kept is not None:
        said.append(
            f"The lists kept {_percent(week.fit_kept, 1)} of the best possible fit, which is what fairness cost."
        )
    return said


def _percent(share: float | None, digits: int = 0) -> str:
    return "no share" if share is None else f"{share * 100:.{digits}f} %"


def _chart(weeks: list[ExposureWeek], column: str, label: str, meaning: str) -> dict:
    points = [
        (f"{row.week.day} {row.week:%b}", round(getattr(row, column) * 100, 1))
        for row in weeks
        if getattr(row, column) is not None
    ]
    return {"label": label, "meaning": meaning, "points": points}


def _lines(newest: ExposureWeek | None, scope: str, names: dict[str, str]) -> list[Line]:
    """The rows of one scope in the latest week, the least seen first."""
    if newest is None:
        return []
    rows = ExposureWeek.objects.filter(week=newest.week, scope=scope)
    rows = sorted(rows, key=lambda row: (row.seen is None, row.seen))
    return [Line(names.get(row.value, row.value), row) for row in rows][:MOST_SCHOOLS]


def _schools() -> dict[str, str]:
    return {str(pk): name for pk, name in School.objects.values_list("pk", "name")}


def _by_strength() -> list[dict]:
    """For each setting of the slider under which this site has run, the mean of its weeks: measured here, not guessed."""
    found: dict[int, list[ExposureWeek]] = {}
    for row in ExposureWeek.objects.filter(scope=ExposureWeek.Scope.ALL, qualified__gt=0):
        found.setdefault(row.strength, []).append(row)
    return [
        {"strength": strength, "weeks": len(rows)} | {name: _mean(rows, name) for name in FIGURES}
        for strength, rows in sorted(found.items())
    ]


def _mean(rows: list[ExposureWeek], name: str) -> float | None:
    values = [value for row in rows if (value := getattr(row, name)) is not None]
    return sum(values) / len(values) if values else None


def as_csv() -> tuple[str, str]:
    """(file name, text) of all weekly figures: numbers of functions and schools, nothing about a person."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    names = _schools()
    for row in ExposureWeek.objects.order_by("week", "scope", "value"):
        values = {name: getattr(row, name) for name in COLUMNS}
        if row.scope == ExposureWeek.Scope.SCHOOL:
            values["value"] = _safe(names.get(row.value, row.value))
        writer.writerow("" if value is None else value for value in values.values())
    return f"fairness-{clock.now():%Y-%m-%d}.csv", out.getvalue()


def _safe(text: str) -> str:
    """A spreadsheet takes a cell that begins like a formula for one."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
