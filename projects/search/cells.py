"""The filters of the list as one small number a project: which function, place, length and pay it has.

Every combination of the choices that people can tick is then a list of numbers, which one index serves, and all
counts beside the choices come from counting rows by that number once. The bands are those of `filters`; whoever
changes them runs `manage.py rebuild_search`.
"""

from collections.abc import Iterable
from functools import cache
from itertools import product

from accounts.skills.functions import Function
from projects.posting.models import LocationMode

from .filters import HOURS, PAY, RATES, Filters

FUNCTIONS = tuple(Function.values)
FUNCTION_LABELS = dict(Function.choices)
PLACES = tuple(LocationMode.values)
HOUR_BANDS = tuple(HOURS)
PAY_BANDS = tuple(PAY)
RATE_STEPS = tuple(RATES.values())  # a project belongs to as many as it reaches
SIZES = (len(PLACES), len(HOUR_BANDS), len(PAY_BANDS), len(RATE_STEPS) + 1)
COUNT = len(FUNCTIONS) * SIZES[0] * SIZES[1] * SIZES[2] * SIZES[3]
DIMENSIONS = ("function", "place", "hours", "pay", "rate")


def cell_of(function: str, place: str, tenths: int, net: int, hourly: int) -> int:
    """tenths: estimated hours times ten. net, hourly: minor units of the student's net."""
    return _number(
        (
            FUNCTIONS.index(function),
            PLACES.index(place),
            _band(HOURS, tenths / 10),
            _band(PAY, net),
            sum(hourly >= step for step in RATE_STEPS),
        )
    )


def _band(bands: dict, value) -> int:
    for place, (low, below, _) in enumerate(bands.values()):
        if value >= low and (below is None or value < below):
            return place
    raise ValueError(f"no band holds {value}")


def _number(parts: Iterable[int]) -> int:
    first, *rest = parts
    number = first
    for part, size in zip(rest, SIZES, strict=True):
        number = number * size + part
    return number


@cache
def parts() -> tuple[tuple[int, ...], ...]:
    """For every cell its place in each dimension, in the order of `DIMENSIONS`."""
    return tuple(product(range(len(FUNCTIONS)), *(range(size) for size in SIZES)))


def allowed(f: Filters) -> tuple[frozenset[int] | None, ...]:
    """What each dimension lets through under `f`; None where nothing is chosen."""

    def some(chosen, values):
        return frozenset(values.index(value) for value in chosen) if chosen else None

    rate = frozenset(range(list(RATES).index(f.rate) + 1, len(RATE_STEPS) + 1)) if f.rate else None
    return (
        some(f.functions, FUNCTIONS),
        some(f.places, PLACES),
        some(f.hours, HOUR_BANDS),
        some(f.pay, PAY_BANDS),
        rate,
    )


def failing(f: Filters) -> list[tuple[int, int]]:
    """`(cell, dimension)` for every cell that `f` lets through (-1) or that only one dimension keeps out.

    The second kind is what the counts beside that dimension's choices are made of.
    """
    limits, every = allowed(f), _everything()
    within = [whole if limit is None else sorted(limit) for limit, whole in zip(limits, every, strict=True)]
    found = [(cell, -1) for cell in _cells(within)]
    for place, limit in enumerate(limits):
        if limit is not None:
            others = [value for value in every[place] if value not in limit]
            found += [(cell, place) for cell in _cells([*within[:place], others, *within[place + 1 :]])]
    return found


def let_through(f: Filters, dimension: str = "", places: Iterable[int] = ()) -> list[int] | None:
    """The cells that fit `f`, and lie in these places of a dimension if one is named; None when all do."""
    limits = list(allowed(f))
    if dimension:
        limits[DIMENSIONS.index(dimension)] = frozenset(places)
    if all(limit is None for limit in limits):
        return None
    every = _everything()
    return _cells(
        whole if limit is None else sorted(limit) for limit, whole in zip(limits, every, strict=True)
    )


def within(f: Filters) -> list[list[int]]:
    """For each dimension the places that `f` lets through."""
    return [
        list(every) if limit is None else sorted(limit)
        for limit, every in zip(allowed(f), _everything(), strict=True)
    ]


@cache
def _everything() -> tuple[range, ...]:
    """All values of each dimension."""
    return (range(len(FUNCTIONS)), *(range(size) for size in SIZES))


def _cells(values: Iterable[Iterable[int]]) -> list[int]:
    """The cells of all combinations of these values, in order."""
    first, *rest = values
    cells = list(first)
    for some, size in zip(rest, SIZES, strict=True):
        cells = [cell * size + value for cell in cells for value in some]
    return cells
