"""The order of a list of people: fit first, then whoever heard of little lately, and newcomers never left behind.

Reputation, the age of an account and the name take no part. docs/matching.md tells what each step costs and gains.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

QUALIFIED = 0.6  # of the best fit in the list
MOST_FOR_NEWCOMERS = 0.5


@dataclass(frozen=True)
class Candidate:
    """score: the fit; recent: times told or shown lately, halved every twelve weeks; tie: a hash of person and project."""

    score: float
    recent: float
    newcomer: bool
    tie: int
    thing: Any = None


def fair_order(
    candidates: list[Candidate], count: int, freshness: float = 0.1, floor: bool = True
) -> list[Candidate]:
    """The first `count` of `candidates`.

    freshness: how much somebody who heard of nothing lately is moved up; 0 orders by fit alone. floor: among the first k
    of every list at least k x q newcomers (rounded down), q being their share of the qualified, at most a half, for as
    long as a qualified one is left.
    """
    ranked = sorted(candidates, key=_key(freshness))
    if not floor or not ranked:
        return ranked[:count]
    enough = QUALIFIED * max(one.score for one in ranked)
    qualified = [one for one in ranked if one.score >= enough]
    share = min(MOST_FOR_NEWCOMERS, sum(one.newcomer for one in qualified) / len(qualified))
    waiting = [one for one in qualified if one.newcomer]
    return _with_floor(ranked, waiting, share, count)


def _key(freshness: float) -> Callable:
    return lambda one: (-(one.score + freshness / (1 + one.recent)), one.tie)


def _with_floor(ranked: list, waiting: list, share: float, count: int) -> list:
    chosen, taken, newcomers = [], set(), 0
    rest, waiting = iter(ranked), iter(waiting)
    while len(chosen) < min(count, len(ranked)):
        short = int((len(chosen) + 1) * share + 1e-9) > newcomers
        one = next((w for w in waiting if id(w) not in taken), None) if short else None
        if one is None:
            one = next(r for r in rest if id(r) not in taken)
        taken.add(id(one))
        newcomers += one.newcomer
        chosen.append(one)
    return chosen
