"""How many open projects each cell has, and how many of them ask for each skill: one small matrix in each process.

The database writes down what changes (`projects_openchange`, by triggers, in the transaction of the change), with the
number of that transaction. A process that counts asks for what has become visible since the snapshot that it knows,
in one statement whose own snapshot it knows from then on. So counts are exact, commits in any order included, and
cost the same for any filter and any size of the market. Rows whose window has ended while nothing has swept them yet
are taken off each time.
"""

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations
from threading import RLock

import numpy
from django.conf import settings
from django.db import connection

from marketplace.ground import clock

from . import cells
from .filters import Filters

TABLE = "projects_openproject"
CHANGES = "projects_openchange"
SHAPE = (len(cells.FUNCTIONS), *cells.SIZES)
TRUSTED = 12 * 3600  # seconds that a process may go without asking; changes are kept twice as long
ROOM = 64  # columns by which the matrix grows

HEAD = f"""
SELECT 0 AS kind, NULL::int AS cell, NULL::int AS n, NULL::int[] AS skills, pg_current_snapshot()::text AS known,
       pg_relation_filenode('{TABLE}'::regclass)::bigint AS file, pg_current_xact_id_if_assigned() IS NULL AS calm
"""
CHANGED = f"""
UNION ALL SELECT 1, cell, sign, skill_ids, NULL, NULL, NULL FROM {CHANGES}
 WHERE source = '{TABLE}'::regclass AND xact >= pg_snapshot_xmin(%s::pg_snapshot)
   AND NOT pg_visible_in_snapshot(xact, %s::pg_snapshot)
"""
EVERYTHING = f"""
UNION ALL SELECT 1, cell, count(*), NULL, NULL, NULL, NULL FROM {TABLE} GROUP BY cell
UNION ALL SELECT 2, cell, count(*), ARRAY[s], NULL, NULL, NULL FROM {TABLE}, unnest(skill_ids) s GROUP BY cell, s
"""
OVER = f" UNION ALL SELECT 3, cell, -1, skill_ids, NULL, NULL, NULL FROM {TABLE} WHERE listed_until <= %s"
SHARED = f" UNION ALL SELECT 4, cell, 1, skill_ids, NULL, NULL, NULL FROM {TABLE} WHERE {{}}"


@dataclass
class Tally:
    """What a process knows. rows: of each cell. asks: of each cell, for the skill of each column."""

    known: str = ""  # the snapshot that it is as of
    file: int = 0
    asked: float = 0.0
    rows: numpy.ndarray = field(default_factory=lambda: numpy.zeros(cells.COUNT, numpy.int32))
    asks: numpy.ndarray = field(default_factory=lambda: numpy.zeros((cells.COUNT, 0), numpy.int32))
    columns: dict[int, int] = field(default_factory=dict)
    over: list[tuple[int, list[int]]] = field(default_factory=list)  # rows that have ended
    shared: list[tuple[int, list[int]]] = field(
        default_factory=list
    )  # rows with two skills or more of those asked

    def add(self, cell: int, number: int, skills: list[int], rows: bool = True) -> None:
        if rows:
            self.rows[cell] += number
        for skill in skills or ():
            column = self.column(skill)
            self.asks[cell, column] += number

    def column(self, skill: int) -> int:
        place = self.columns.setdefault(skill, len(self.columns))
        if place >= self.asks.shape[1]:
            self.asks = numpy.pad(self.asks, ((0, 0), (0, ROOM)))
        return place

    def all(self) -> numpy.ndarray:
        """Rows of each cell, by function, place, hours, pay and rate; those that have ended among them."""
        return self.rows.reshape(SHAPE)

    def of(self, skills: list[int]) -> numpy.ndarray:
        """The same of rows with these skills; one with several of them counts several times."""
        wanted = [self.columns[skill] for skill in skills if skill in self.columns]
        return self.asks[:, wanted].sum(axis=1, dtype=numpy.int32).reshape(SHAPE)

    # --- reading it ------------------------------------------------------------------------------------------
    def fitting(self, skills: list[int] | None) -> numpy.ndarray:
        """Rows of each cell now, by function, place, hours, pay and rate; with any of `skills` unless None."""
        if skills is None:
            found = self.rows.copy()
        else:
            found = self.of(skills).reshape(-1)
            for cell, of_row in self.shared:
                found[cell] -= len(set(of_row).intersection(skills)) - 1
        for cell, of_row in self.over:
            if skills is None or not set(of_row).isdisjoint(skills):
                found[cell] -= 1
        return found.reshape(SHAPE)

    def of_skills(self, through: list[int] | None) -> dict[int, int]:
        """How many rows of the cells `through` ask for each skill."""
        chosen = self.asks if through is None else self.asks[through]
        sums = chosen.sum(axis=0, dtype=numpy.int32).tolist()
        allowed = None if through is None else set(through)
        for cell, of_row in self.over:
            if allowed is None or cell in allowed:
                for skill in of_row:
                    sums[self.columns[skill]] -= 1
        return {skill: sums[place] for skill, place in self.columns.items() if sums[place] > 0}


_here = Tally()
_lock = RLock()


@contextmanager
def now(skills: list[int] = ()):
    """The tally as of this moment, for as long as the block lasts. One statement. skills: those that will be asked for together."""
    global _here
    with _lock:
        found = _asked(_here, skills) if _usable(_here) else None
        if found is None:
            found = _asked(Tally(), skills)
        yield found


def roughly() -> Tally:
    """The tally as it was when somebody last asked in this process: good enough to choose a plan by."""
    if _usable(_here):
        return _here
    with now() as found:
        return found


def forget() -> None:
    """Begin anew."""
    global _here
    with _lock:
        _here = Tally()


def forget_changes() -> None:
    """Delete the changes that every process has read, or is too old to be told of."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {CHANGES} WHERE made < now() - make_interval(secs => %s)", [2 * TRUSTED])


def _usable(tally: Tally) -> bool:
    return bool(tally.known) and time.monotonic() - tally.asked < TRUSTED


def _asked(tally: Tally, skills: list[int]) -> Tally | None:
    """`tally` brought up to date; None when the table is another one than it knows, or this transaction has changes of its own."""
    global _here
    sql, values = HEAD, []
    if tally.known:
        sql, values = sql + CHANGED, [tally.known, tally.known]
    else:
        sql += EVERYTHING
    sql, values = sql + OVER, [*values, clock.now()]
    pairs = list(combinations(skills, 2))
    if pairs:
        sql += SHARED.format(" OR ".join(["skill_ids OPERATOR(pg_catalog.@>) %s::int[]"] * len(pairs)))
        values += [list(pair) for pair in pairs]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    head = next(row for row in rows if row[0] == 0)
    _, _, _, _, known, file, calm = head
    if tally.known and (file != tally.file or not calm):
        return None
    tally.over, tally.shared = [], []
    for kind, cell, number, of_row, *_ in rows:
        if kind in (1, 2):
            tally.add(cell, number, of_row, rows=kind == 1)
        elif kind == 3:
            tally.over.append((cell, of_row))
        elif kind == 4:
            tally.shared.append((cell, of_row))
    tally.known, tally.file, tally.asked = known, file, time.monotonic()
    if settings.SEARCH_KEPT_SECONDS and calm:
        _here = tally
    return tally


# --- what stands beside the choices ------------------------------------------------------------------------------
def beside(f: Filters, fitting: numpy.ndarray) -> tuple[int, dict[str, list[int]]]:
    """`(total, counts)`: how many rows fit `f`, and for each dimension's values how many would without its own choice."""
    limits, within = cells.allowed(f), cells.within(f)
    inside = fitting[numpy.ix_(*within)]
    counts = {}
    for place, name in enumerate(cells.DIMENSIONS):
        part = inside
        if limits[place] is not None:
            part = fitting[numpy.ix_(*within[:place], range(SHAPE[place]), *within[place + 1 :])]
        counts[name] = part.sum(axis=tuple(axis for axis in range(len(SHAPE)) if axis != place)).tolist()
    return int(inside.sum()), counts
