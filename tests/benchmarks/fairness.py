"""How fairly the places of lists are shared: a hundred days of the site's own lists, for several settings of the slider.

Who fits a posting, and how well, does not hang on who was shown before, so that is asked of the product once for each
posting. What the slider moves is done anew for every setting by the product's own order, log and memory. Every hundredth
list is asked for whole as well, as the site does when it tells people, and has to be the same. Assumed, not measured:
that one in twenty of those who are told applies, which decides how many waves a posting needs.
"""

import csv
import random
import tempfile
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from math import log2
from pathlib import Path
from unittest.mock import patch

from django.test import override_settings

from accounts.models import StudentProfile
from marketplace.ground import clock
from projects.exposing import queries as exposing
from projects.exposing import tradeoff
from projects.exposing.actions import count_lists, log_list, weight
from projects.exposing.models import ListKind, ShownList, StudentExposure
from projects.exposing.weeks import gini
from projects.matching import queries, vectors
from projects.matching.actions import AGES, ENOUGH, WAVE
from projects.matching.fixtures import ranking
from projects.matching.market.making import make_market
from projects.matching.models import ProjectMatch, StudentMatch
from projects.matching.order import QUALIFIED, Candidate, fair_order
from projects.matching.rebuilding import rebuild

from .registry import measure
from .stand import CHECKOUT

STUDENTS, PROJECTS, DAYS, TOP = 10_000, 2_000, 100, 10
NEW = 0.51  # of the students have finished nothing yet
APPLY = 0.05  # of those who are told, so that most postings need their second and third wave
SEED = 4
COMPARED = 100  # one list in so many is asked for whole
STRENGTHS = (0, 6, 10, 14, 20, 30)
WRITTEN = CHECKOUT / ".data" / "bench" / tradeoff.FILE.name


@dataclass
class Shared:
    """What the lists of one setting add up to."""

    kept: float = 0.0
    best: float = 0.0
    top: int = 0
    top_new: int = 0
    qualified_new: float = 0.0
    lists: int = 0
    shown: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    qualified: set[int] = field(default_factory=set)

    def add(self, people: list[Candidate], chosen: list[Candidate]) -> None:
        """A list: everybody who could have stood in it, the best fit first, and who did."""
        line = QUALIFIED * people[0].score
        enough = people[: bisect_right(people, -line, key=lambda one: -one.score)]
        self.qualified.update(one.thing for one in enough)
        for place, one in enumerate(chosen, 1):
            self.shown[one.thing] += weight(place)
            self.kept += one.score / log2(1 + place)
            self.best += people[place - 1].score / log2(1 + place)
        first = chosen[:TOP]
        self.top += len(first)
        self.top_new += sum(one.newcomer for one in first)
        self.qualified_new += len(first) * sum(one.newcomer for one in enough) / len(enough)
        self.lists += 1

    def figures(self) -> dict[str, float]:
        """The columns of the table that stands beside the slider."""
        return {
            "fit_kept": self.kept / self.best,
            "gini": gini(self.shown.get(person, 0.0) for person in self.qualified),
            "seen": sum(person in self.shown for person in self.qualified) / len(self.qualified),
            "newcomers_top": self.top_new / self.top,
            "newcomers_qualified": self.qualified_new / self.top,
        }


# --- a hundred days --------------------------------------------------------------------------------------
@cache
def simulated() -> dict[int, Shared]:
    """2,000 postings over 100 days and their waves among 10,000 students, once for every setting of the slider."""
    # The cut at some hundred candidates saves time in a large market. Here it would let the pool hang on who was shown.
    with own_clock(), ranking.apart(), patch.object(queries, "POOL", STUDENTS):
        make_market(projects=PROJECTS, students=STUDENTS, seed=SEED, force=True, read_models=False, say=quiet)
        rebuild(say=quiet)
        chance = random.Random(SEED)
        profiles = StudentProfile.objects.order_by("pk").values_list("pk", flat=True)
        done = [pk for pk in profiles if chance.random() > NEW]
        StudentMatch.objects.filter(pk__in=done).update(completed=3)
        pools = [(row, _pool(row)) for row in ProjectMatch.objects.order_by("pk")]
        found = {strength: days(pools, strength) for strength in STRENGTHS}
    _write(found)
    return found


def quiet(_) -> None:
    pass


def _pool(row: ProjectMatch) -> list[Candidate]:
    """Everybody who can stand in a list for one posting, the best fit first; of each the account alone is kept."""
    people = queries.could_be_listed(row, WAVE, exposing.fair_order().strength)
    people.sort(key=lambda one: -one.score)
    return [replace(one, recent=0.0, thing=one.thing[0].person_id) for one in people]


def days(pools: list[tuple], strength: int) -> Shared:
    """All waves of one setting, day after day, from a memory that is empty at first."""
    ShownList.objects.all().delete()
    StudentExposure.objects.all().delete()
    live = strength == round(exposing.fair_order().strength * 100)
    found, chance, told = Shared(), random.Random(SEED), defaultdict(set)
    applied, due = defaultdict(int), defaultdict(list)
    for number in range(len(pools)):
        due[number // (PROJECTS // DAYS)].append((number, 0))
    with own_clock():
        for day in range(DAYS + AGES[-1].days):
            everybody = {one.thing for number, _ in due[day] for one in pools[number][1]}
            recent = exposing.recent(everybody)
            for number, wave in due[day]:
                if wave and applied[number] >= ENOUGH:
                    continue
                row, people = pools[number]
                known = [
                    Candidate(one.score, recent.get(one.thing, 0.0), one.newcomer, one.tie, one.thing)
                    for one in people
                    if one.thing not in told[number]
                ]
                chosen = fair_order(known, WAVE, strength / 100)
                if live and found.lists % COMPARED == 0:
                    _compare(row, chosen, told[number])
                if chosen:
                    found.add(known, chosen)
                    told[number].update(one.thing for one in chosen)
                    applied[number] += sum(chance.random() < APPLY for _ in chosen)
                    pairs = [(one.thing, one.score) for one in chosen]
                    log_list(ListKind.NOTICE, about=row.pk, shown=pairs, reader=wave)
                if wave + 1 < len(AGES):
                    due[day + (AGES[wave + 1] - AGES[wave]).days].append((number, wave + 1))
            while count_lists():
                pass
            clock.advance(timedelta(days=1))
    return found


def _compare(row: ProjectMatch, chosen: list[Candidate], told: set[int]) -> None:
    """The list as the site makes it when it tells people, from the database and its memory, is this one."""
    whole = queries.ranked(row, WAVE, leave_out=told)
    assert [one.person_id for one, _ in whole] == [one.thing for one in chosen], row.pk


@contextmanager
def own_clock() -> Iterator[None]:
    """A clock that can be moved without moving that of the servers."""
    with tempfile.TemporaryDirectory() as folder, override_settings(CLOCK_FILE=str(Path(folder) / "clock")):
        yield


def _write(found: dict[int, Shared]) -> None:
    """The table as it was measured now; `tradeoff.FILE` is a copy of it."""
    WRITTEN.parent.mkdir(parents=True, exist_ok=True)
    with WRITTEN.open("w", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(("strength", *tradeoff.COLUMNS))
        for strength, shared in found.items():
            figures = shared.figures()
            table.writerow((strength, *(f"{figures[name]:.4f}" for name in tradeoff.COLUMNS)))


# --- what they have to keep ------------------------------------------------------------------------------
def now_set() -> Shared:
    """Under the strength that a new site has."""
    return simulated()[round(exposing.fair_order().strength * 100)]


@measure(
    "fit of the lists shown, over the best",
    group="fairness",
    market="own",
    least=0.985,
    times=1,
)
def fit_kept(bench):
    found = now_set()
    words = "with vectors" if vectors.available() else "without vectors"
    return found.figures()["fit_kept"], f"{found.lists:,} lists, {len(found.qualified):,} who fit, {words}"


@measure(
    "first-timers' share of the top 10, over their share of the qualified",
    group="fairness",
    market="own",
    least=1,
    times=1,
)
def first_timers(bench):
    figures = now_set().figures()
    return (
        figures["newcomers_top"] / figures["newcomers_qualified"],
        f"{figures['newcomers_top']:.3f} of the places",
    )


@measure("exposure Gini", group="fairness", market="own", most=0.5, times=1)
def exposure_gini(bench):
    return now_set().figures()["gini"]


@measure("qualified students who were seen", group="fairness", market="own", least=0.95, times=1)
def seen_once(bench):
    return now_set().figures()["seen"]


@measure(
    "the table beside the slider, its greatest distance from what was measured",
    group="fairness",
    market="own",
    most=0.01,
    times=1,
)
def table_is_right(bench):
    told = {row["strength"]: row for row in tradeoff.rows()}
    distances = [
        abs(told[strength][name] - figure)
        for strength, shared in simulated().items()
        for name, figure in shared.figures().items()
    ]
    return max(distances), f"measured now: {WRITTEN.relative_to(CHECKOUT)}"
