"""The statements behind a list of open projects: which rows, in which order. `plans.py` says which way to read them.

First the keys of the rows are found, in indexes wherever that can be; what is shown is fetched for these few alone.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import OperationalError, connection, transaction

from marketplace.ground import clock

from . import cells, plans, schema
from .cursor import Place
from .filters import Filters
from .plans import WALK, WINDOW, Step
from .words import Asked

PAGE = 20
TABLE = "projects_openproject"
# Columns of each order, all in one direction, the last one never the same twice.
ORDERS = {
    "newest": (("published_at", "id"), "DESC"),
    "closing": (("apply_by", "id"), "ASC"),
    "pay": (("net_pay", "id"), "DESC"),
    "rate": (("net_hourly", "id"), "DESC"),
    "fewest": (("application_count", "published_at", "id"), "ASC"),  # who has waited longest first
}
WIDER = (1, 6)  # a window that held too little is opened so much further, once
RANKED = 300  # hits that are ranked: the newest in titles and skills, and as many of the newest in the text


class TooSlow(Exception):
    """The statement was stopped: the page asks to narrow it down."""


@dataclass(frozen=True)
class Row:
    """One line of a list. `card` is the stored HTML; `place` are the values that a cursor is made of."""

    id: int
    apply_by: datetime
    listed_until: datetime
    card: str
    place: tuple


@contextmanager
def bounded():
    """Statements inside are stopped after the time that a page may take. Raises `TooSlow`."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                # The planner does not know that reading a text from outside the row is dear: the index, always.
                cursor.execute(
                    f"SET LOCAL statement_timeout = {int(settings.SEARCH_TIMEOUT_MS)}; SET LOCAL enable_seqscan = off"
                )
            yield
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = DEFAULT; SET LOCAL enable_seqscan = DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") == "57014":  # query_canceled
            raise TooSlow from error
        raise


# --- conditions ----------------------------------------------------------------------------------------------
# `&&` and `@>` by their full names: intarray, which matching uses, has operators of the same names that this index
# does not serve.
WITH_SKILL = "skill_ids OPERATOR(pg_catalog.&&) %s::int[]"


def conditions(
    f: Filters, asked: Asked | None, skills: list[int], *, meet=True, walk=False, bands: tuple[int, ...] = ()
) -> tuple[str, list]:
    """`(WHERE clause of f, its parameters)`.

    meet: look the cells up in their index. walk: nothing is looked up in an index, each row is compared.
    bands: only these of the order's own dimension.
    """
    parts, values = ["listed_until > %s"], [clock.now()]
    through = cells.let_through(f, f.sort if bands else "", bands)
    if through is not None:
        # A list of hundreds of numbers costs the planner more than the rows cost; it does not look into these two.
        if meet and not walk:
            parts.append("cell = ANY(ARRAY(SELECT unnest(%s::smallint[])))")
            values.append(array(through))
        else:
            parts.append("get_bit(%s::bit varying, cell) = 1")
            values.append(_bits(through))
    further, those = more(f, asked, walk=walk)
    if f.skills:
        further = ["arrayoverlap(skill_ids, %s::int[])" if walk else WITH_SKILL, *further]
        those = [array(skills), *those]
    if (
        walk and further
    ):  # what is dear is compared last, though the planner thinks a function cheaper than a sum
        where = f"CASE WHEN {' AND '.join(parts)} THEN {' AND '.join(further)} END"
    else:
        where = " AND ".join([*parts, *further])
    return where, [*values, *those]


def array(numbers: list[int]) -> str:
    """As one text, which the database reads far faster than a list of as many constants."""
    return "{" + ",".join(map(str, numbers)) + "}"


def _bits(through: list[int]) -> str:
    bits = bytearray(b"0" * cells.COUNT)
    for cell in through:
        bits[cell] = 49
    return bits.decode()


def more(f: Filters, asked: Asked | None, *, walk: bool = False) -> tuple[list[str], list]:
    """The conditions beside the choices: bounds and text."""
    parts, values = [], []
    for column, sign, value in (
        ("tenths", ">=", f.hours_min and f.hours_min * 10),
        ("tenths", "<=", None if f.hours_max is None else f.hours_max * 10),
        ("net_pay", ">=", f.pay_min),
        ("net_pay", "<=", f.pay_max),
    ):
        if value is not None:
            parts.append(f"{column} {sign} %s")
            values.append(value)
    if asked is not None:
        query, those = asked.query
        parts.append(f"ts_match_vq(tsv, {query})" if walk else f"tsv @@ ({query})")
        values += those
    return parts, values


# --- a page --------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Wanted:
    """What a page is to hold. order: SQL. beside: the condition that a place in the list makes, and its parameters."""

    f: Filters
    asked: Asked | None
    skills: list[int]
    size: int
    columns: tuple[str, ...]
    ascending: bool
    place: Place | None

    @property
    def order(self) -> str:
        return ", ".join(f"{column} {'ASC' if self.ascending else 'DESC'}" for column in self.columns)

    def beside(self, low: int | None = None, below: int | None = None) -> tuple[str, list]:
        """The condition that the place makes, and a part of the order's first column."""
        parts, values = [], []
        if self.place:
            sign = ">" if self.ascending else "<"
            parts.append(f"({', '.join(self.columns)}) {sign} ({', '.join(['%s'] * len(self.columns))})")
            values += self.place.values
        for sign, value in ((">=", low), ("<", below)):
            if value is not None:
                parts.append(f"{self.columns[0]} {sign} %s")
                values.append(value)
        return " AND ".join(parts) or "true", values


def page(
    f: Filters,
    asked: Asked | None,
    skills: list[int],
    place: Place | None,
    matches: int | None,
    size: int,
    most: int = PAGE,
) -> tuple[list[Row], bool, bool]:
    """`(rows, whether there are rows before, and after)`: at most `most`, beside `place`.

    matches, size: in about how many rows `f` holds, of how many there are; they choose the way only.
    """
    columns, direction = ORDERS[f.sort]
    back = bool(place and place.back)
    wanted = Wanted(f, asked, skills, size, columns, (direction == "ASC") != back, place)
    texts = None if asked is None else (matches if asked.matches is None else asked.matches)
    steps = list(plans.steps(f, texts, matches, skills, size, most + 1))
    found: list[Row] = []
    for step in reversed(steps) if back else steps:
        found += _read(wanted, step, most + 1 - len(found))
        if len(found) > most:
            break
    after, found = len(found) > most, found[:most]
    if back:
        return found[::-1], after, True
    return found, place is not None, after


def _read(wanted: Wanted, step: Step, most: int) -> list[Row]:
    """The first `most` rows of a step; all ways give the same ones."""
    if _is_past(wanted, step):
        return []
    if step.way == WALK:
        for further in (1,) if wanted.asked else (1, 8):
            reach = step.reach and step.reach * further
            rows = _fetch(wanted, *_walk(wanted, step, reach, most))
            if len(rows) >= most or reach is None or reach >= wanted.size:
                return rows
    elif step.way == WINDOW and wanted.order.startswith("published_at DESC"):
        for further in WIDER:
            moment = plans.since(step.reach * further, wanted.place)
            rows = _fetch(wanted, *_gather(wanted, step, most, moment), bitmaps=True) if moment else []
            if len(rows) >= most:
                return rows
    return _fetch(wanted, *_gather(wanted, step, most), bitmaps=wanted.asked is not None)


def _is_past(wanted: Wanted, step: Step) -> bool:
    """Whether the whole step lies on the other side of the place."""
    if not wanted.place or (step.low is None and step.below is None):
        return False
    at = wanted.place.values[0]
    if wanted.ascending:
        return step.below is not None and step.below <= at
    return step.low is not None and step.low > at


def _walk(wanted: Wanted, step: Step, reach: int | None, most: int) -> tuple[str, list]:
    """The keys of what fits among the next `reach` entries of the order's index, which has all that is asked for."""
    beside, at = wanted.beside(step.low, step.below)
    where, values = conditions(wanted.f, wanted.asked, wanted.skills, walk=True)
    read = dict.fromkeys([*wanted.columns, "listed_until"])
    if cells.let_through(wanted.f) is not None:
        read["cell"] = None
    if wanted.f.skills:
        read["skill_ids"] = None
    if plans.has_bounds(wanted.f):
        read |= {"tenths": None, "net_pay": None}
    if wanted.asked:
        read["tsv"] = None
    near = f"SELECT {', '.join(read)} FROM {TABLE} WHERE {beside} ORDER BY {wanted.order}"
    if reach is not None:
        near += f" LIMIT {reach}"
    return f"SELECT id FROM ({near}) near WHERE {where} ORDER BY {wanted.order} LIMIT {most}", [*at, *values]


def _window(start: datetime, place: Place | None) -> tuple[str, list]:
    """The condition that keeps what was published from `start` on, and its parameters."""
    quarters = plans.quarters(start, place)
    if quarters:
        return f"{schema.QUARTER} OPERATOR(pg_catalog.&&) %s::int[]", [array(quarters)]
    return "published_at >= %s", [start]


def _gather(wanted: Wanted, step: Step, most: int, since: datetime | None = None) -> tuple[str, list]:
    """The keys of all that fits, sorted; since: only of what was published from then on."""
    beside, at = wanted.beside()
    if since:
        window, those = _window(since, wanted.place)
        beside, at = f"{window} AND {beside}", [*those, *at]
    meet = step.meet or not (wanted.f.skills or wanted.asked)
    where, values = conditions(wanted.f, wanted.asked, wanted.skills, meet=meet, bands=step.bands)
    hits = f"SELECT {', '.join(wanted.columns)} FROM {TABLE} WHERE {where} AND {beside} OFFSET 0"
    return f"SELECT id FROM ({hits}) hits ORDER BY {wanted.order} LIMIT {most}", [*values, *at]


def told(sql: str, bitmaps: bool) -> str:
    """The statement, with the word whether the words are to be looked up in their index, whatever the planner thinks.

    It takes comparing a text that lies outside the row for as cheap as comparing a number.
    """
    return f"SET LOCAL enable_indexscan = {'off' if bitmaps else 'on'}; {sql}"


def _fetch(wanted: Wanted, keys: str, values: list, bitmaps: bool = False) -> list[Row]:
    """The rows of these keys in the order of the list."""
    sign = "ASC" if wanted.ascending else "DESC"
    order = ", ".join(f"o.{column} {sign}" for column in wanted.columns)
    picked = ", ".join(
        f"o.{name}" for name in ("id", "apply_by", "listed_until", "card_html", *wanted.columns)
    )
    sql = f"SELECT {picked} FROM {TABLE} o WHERE id = ANY(ARRAY({keys})) ORDER BY {order}"  # noqa: S608 - our names
    with connection.cursor() as cursor:
        cursor.execute(told(sql, bitmaps) if wanted.asked else sql, values)
        return [Row(*row[:4], row[4:]) for row in cursor.fetchall()]


# --- by relevance, and in a given order --------------------------------------------------------------------------
RANKING = """
SELECT o.id, o.apply_by, o.listed_until, o.card_html FROM unnest(%s::bigint[]) hits (id) JOIN {table} o USING (id)
 ORDER BY ts_rank(o.rtsv, {query}) DESC, o.published_at DESC, o.id DESC OFFSET %s LIMIT %s
"""


def ranked(
    f: Filters, asked: Asked, skills: list[int], offset: int, matches: int | None, size: int
) -> tuple[list[Row], bool, bool]:
    """A page by relevance: of the newest `RANKED` hits in titles and skills, and as many in the whole text."""
    texts = (size if matches is None else matches) if asked.matches is None else asked.matches
    fits = texts if matches is None else matches
    titles = texts if asked.titles is None else asked.titles
    near = titles * min(fits / max(texts, 1), 1)
    query, those = asked.query
    ids = _newest_hits(
        f, asked, skills, "rtsv", plans.of_words(int(titles), int(near), size, RANKED, cost=plans.TITLE), size
    )
    ids += _newest_hits(f, asked, skills, "tsv", plans.of_words(texts, fits, size, RANKED), size)
    sql = RANKING.format(table=TABLE, query=query)
    with connection.cursor() as cursor:
        cursor.execute(told(sql, False), [array(dict.fromkeys(ids)), *those, offset, PAGE + 1])
        rows = [Row(pk, apply_by, until, card, ()) for pk, apply_by, until, card in cursor.fetchall()]
    return rows[:PAGE], offset > 0, len(rows) > PAGE


def _newest_hits(
    f: Filters, asked: Asked, skills: list[int], column: str, step: Step, size: int
) -> list[int]:
    """The keys of the newest `RANKED` rows whose `column` has the words."""
    query, those = asked.query
    order = f"ORDER BY published_at DESC, id DESC LIMIT {RANKED}"
    extra, further = "", []
    if asked.negative and column == "rtsv":  # a word that must not be there may stand in the text alone
        extra, further = f" AND ts_match_vq(tsv, {query})", those
    if step.way == WALK:
        where, values = conditions(f, None, skills, walk=True)
        near = f"SELECT id, published_at, listed_until, cell, skill_ids, tenths, net_pay, rtsv, tsv FROM {TABLE} "
        near += f"ORDER BY published_at DESC, id DESC LIMIT {step.reach}"
        hits = f"SELECT id FROM ({near}) near WHERE {where} AND ts_match_vq({column}, {query}){extra} {order}"
        found = _keys(told(hits, False), [*values, *those, *further])
        if len(found) >= RANKED or step.reach >= size:
            return found
    where, values = conditions(f, None, skills, meet=False)
    starts = [plans.since(step.reach * further, None) for further in WIDER] if step.way == WINDOW else []
    for start in dict.fromkeys((*starts, None)):
        window, at = _window(start, None) if start else ("true", [])
        hits = f"SELECT id, published_at FROM {TABLE} WHERE {window} AND {where} AND {column} @@ ({query}){extra} OFFSET 0"
        found = _keys(told(f"SELECT id FROM ({hits}) hits {order}", True), [*at, *values, *those, *further])
        if len(found) >= RANKED:
            break
    return found


def _keys(sql: str, values: list) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [pk for (pk,) in cursor.fetchall()]


def of_ids(f: Filters, asked: Asked | None, skills: list[int], ids: list[int], offset: int):
    """A page in the order of `ids`, of those that fit `f`."""
    where, values = conditions(f, asked, skills)
    sql = (
        f"SELECT id, apply_by, listed_until, card_html FROM {TABLE} WHERE id = ANY(%s) AND {where} "
        "ORDER BY array_position(%s::bigint[], id) OFFSET %s LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [ids, *values, ids, offset, PAGE + 1])
        rows = [Row(pk, apply_by, until, card, ()) for pk, apply_by, until, card in cursor.fetchall()]
    return rows[:PAGE], offset > 0, len(rows) > PAGE
