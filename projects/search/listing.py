"""The statements behind a list of open projects: which rows, in which order, and how many there are of what.

Two plans serve a page, and how many rows match decides between them (`docs/search.md`, "Two ways to read a page"):
walk the index of the order and drop what does not match, or gather all that matches and sort it. The first is
quick when much matches, the second when little does; at the border both cost about the square root of 20 rows
times the size of the table.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import OperationalError, connection, transaction

from marketplace.ground import clock

from . import cells
from .cursor import Place
from .filters import Filters
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
def conditions(f: Filters, asked: Asked | None, skills: list[int], *, walk: bool = False) -> tuple[str, list]:
    """The WHERE clause of `f`, with parameters. walk: the text is compared row by row, not looked up in its index."""
    parts, values = ["listed_until > %s"], [clock.now()]
    through = cells.let_through(f)
    if through is not None:
        parts.append("cell = ANY(%s)")
        values.append(through)
    if f.skills:
        parts.append("skill_ids && %s::int[]")
        values.append(skills)
    more, those = _more(f, asked, walk)
    return " AND ".join([*parts, *more]), [*values, *those]


def _more(f: Filters, asked: Asked | None, walk: bool = False) -> tuple[list[str], list]:
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
WALK, GATHER, MERGE = "walk", "gather", "merge"
NEVER = float("inf")
LISTS = 1_000  # what reading the lists of some skills costs, in rows


def plan(f: Filters, asked: Asked | None, matches: int | None, size: int) -> str:
    """How to read a page of `f`, by what each way would cost, counted in rows looked at.

    walk: along the index of the order, dropping what does not match. gather: all that matches, then sorted. merge:
    the first rows of each cell that fits, along the cells' own indexes. Pay and rate hang together with the filters on
    pay, rate and hours, so that along their order matches may all lie at the far end: no walk then.
    """
    most = size if matches is None else max(matches, 1)
    through = None if asked or f.skills else cells.let_through(f)
    together = f.sort in ("pay", "rate") and (f.hours or f.pay or f.rate)
    # Rows published together lie together, so that walking from the newest touches few pages.
    walk = NEVER if together and not asked else (PAGE + 1) * size / most * (0.4 if f.sort == "newest" else 1)
    if through is None:
        return WALK if walk <= most + (LISTS if f.skills else 0) else GATHER
    merge = NEVER if has_bounds(f) else len(through) * 3 + min(most, 21 * len(through)) / 4
    gather = most + len(through)
    return min((walk, WALK), (merge, MERGE), (gather, GATHER))[1]


def has_bounds(f: Filters) -> bool:
    return any(value is not None for value in (f.hours_min, f.hours_max, f.pay_min, f.pay_max))


def walks(matches: int | None, size: int) -> bool:
    """Whether to walk the index of the order for a text: it matches so much that a page is soon full."""
    return matches is None or matches * matches > PAGE * size


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

    matches, size: in about how many rows `f` holds, of how many there are; they choose the plan only.
    """
    columns, direction = ORDERS[f.sort]
    back = bool(place and place.back)
    ascending = (direction == "ASC") != back
    order = ", ".join(f"{column} {'ASC' if ascending else 'DESC'}" for column in columns)
    beside, at = "", []
    if place:
        beside = (
            f" AND ({', '.join(columns)}) {'>' if ascending else '<'} ({', '.join(['%s'] * len(columns))})"
        )
        at = list(place.values)
    picked = list(dict.fromkeys(["id", "apply_by", "listed_until", "card_html", *columns]))
    chosen = plan(f, asked, matches, size)
    if chosen == MERGE:
        rows = _merged(f, picked, columns, order, beside, at, most + 1)
    else:
        where, values = conditions(f, asked, skills, walk=chosen == WALK)
        sql = f"SELECT {', '.join(picked)} FROM {TABLE} WHERE {where}{beside}"
        if chosen == GATHER:
            sql = f"SELECT * FROM ({sql} OFFSET 0) hits"  # noqa: S608 - the names are ours
        rows = _fetch(f"{sql} ORDER BY {order} LIMIT {most + 1}", [*values, *at])
    edge = [picked.index(column) for column in columns]
    found = [Row(*row[:4], tuple(row[i] for i in edge)) for row in rows]
    more = len(found) > most
    found = found[:most]
    if back:
        return found[::-1], more, True
    return found, place is not None, more


def _fetch(sql: str, values: list) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _merged(
    f: Filters, picked: list[str], columns, order: str, beside: str, at: list, most: int
) -> list[tuple]:
    """The first rows of every cell, merged; the cells of the best pay or rate first when that is the order."""
    names, outer = ", ".join(columns), ", ".join(f"o.{name}" for name in picked)
    sql = (
        f"SELECT {outer} FROM (SELECT id FROM (SELECT h.* FROM unnest(%s::smallint[]) c (cell) CROSS JOIN LATERAL "
        f"(SELECT {names} FROM {TABLE} t WHERE t.cell = c.cell AND listed_until > %s{beside} "
        f"ORDER BY {order} LIMIT {most}) h OFFSET 0) hits ORDER BY {order} LIMIT {most}) ids "
        f"JOIN {TABLE} o USING (id) ORDER BY {order}"
    )
    now, rows = clock.now(), []
    for some in _steps(f, backward=order.startswith(columns[0] + " ASC")):
        rows = rows + _fetch(sql, [some, now, *at])
        if len(rows) >= most:
            break
    return rows[:most]


def _steps(f: Filters, backward: bool) -> list[list[int]]:
    """The cells that fit, in one step or, for the orders by pay and rate, from the best band to the worst."""
    through = cells.let_through(f) or list(range(cells.COUNT))
    if f.sort not in ("pay", "rate"):
        return [through]
    dimension, bands = cells.DIMENSIONS.index(f.sort), {}
    for cell in through:
        bands.setdefault(cells.parts()[cell][dimension], []).append(cell)
    return [bands[band] for band in sorted(bands, reverse=not backward)]


RANKING = """
WITH near AS MATERIALIZED ({near}), far AS MATERIALIZED ({far}),
     hits AS (SELECT id FROM near UNION SELECT id FROM far)
SELECT o.id, o.apply_by, o.listed_until, o.card_html
  FROM {table} o JOIN hits USING (id)
 ORDER BY ts_rank(o.rtsv, {query}) DESC, o.published_at DESC, o.id DESC
OFFSET %s LIMIT %s
"""


def ranked(
    f: Filters, asked: Asked, skills: list[int], offset: int, matches: int | None, size: int
) -> tuple[list[Row], bool, bool]:
    """A page by relevance: of the newest `RANKED` hits in titles and skills, and as many in the whole text."""
    query, those = asked.query
    where, values = conditions(f, None, skills)
    if asked.negative:  # a word that must not be there may stand in the text alone
        where, values = f"{where} AND ts_match_vq(tsv, {query})", [*values, *those]
    order = "ORDER BY published_at DESC, id DESC"
    parts = []
    for column in ("rtsv", "tsv"):
        if walks(matches, size * RANKED // PAGE):
            hit = f"ts_match_vq({column}, {query})"
            parts.append(f"SELECT id FROM {TABLE} WHERE {where} AND {hit} {order} LIMIT {RANKED}")
        else:
            inner = f"SELECT id, published_at FROM {TABLE} WHERE {where} AND {column} @@ ({query}) OFFSET 0"
            parts.append(f"SELECT id FROM ({inner}) hits {order} LIMIT {RANKED}")
    sql = RANKING.format(near=parts[0], far=parts[1], table=TABLE, query=query)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *those, *values, *those, *those, offset, PAGE + 1])
        rows = [Row(pk, apply_by, until, card, ()) for pk, apply_by, until, card in cursor.fetchall()]
    return rows[:PAGE], offset > 0, len(rows) > PAGE


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


# --- counts --------------------------------------------------------------------------------------------------
SKILLS_SHOWN = 10
WHOLE_TO, WINDOW = (
    200_000,
    50_000,
)  # up to so many open projects all are counted, beyond that the newest so many
MOST_HITS = 20_000  # a text that stands in more of a large market is not counted but estimated
CAP = 1_000


@dataclass(frozen=True)
class Counted:
    """counts: `{(dimension, place): rows}`. skills: `[(id, slug, name, rows)]`. total: None when nobody counted.

    whole: everything was counted; else only the newest `WINDOW` (the total still reaches to `CAP` + 1).
    """

    total: int | None
    counts: dict[str, list[int]]
    skills: list[tuple]
    whole: bool = True


def count(f: Filters, asked: Asked | None, skills: list[int], size: int, since: datetime | None) -> Counted:
    """The number of rows and what stands beside every choice, each without its own kind's choices, in one statement.

    since: count from this instant on only (see `WINDOW`).
    """
    failing = dict(cells.failing(f))
    every = len(failing) == cells.COUNT
    through = [cell for cell, failed in failing.items() if failed < 0]
    near, values = ["listed_until > %s"], [clock.now()]
    if since:
        near.append("published_at >= %s")
        values.append(since)
    more, those = _more(f, asked)
    within, any_of = ("", []) if every else (" AND cell = ANY(%s)", [list(failing)])
    asks, ids = (" AND skill_ids && %s::int[]", [skills]) if f.skills else ("", [])
    table, start, given = TABLE, "", []
    if more:  # found once, counted twice
        start = (
            f"WITH found AS MATERIALIZED (SELECT cell, skill_ids FROM {TABLE} "
            f"WHERE {' AND '.join([*near, *more])}{within}) "
        )
        given, table, near, values = [*values, *those, *any_of], "found", ["true"], []
    where = " AND ".join(near)
    fit, fitting = ("", []) if len(through) == cells.COUNT else (" AND cell = ANY(%s)", [through])
    sql = (
        f"{start}SELECT cell::int, count(*), NULL, NULL FROM {table} WHERE {where}{within}{asks} GROUP BY cell "
        f"UNION ALL (SELECT k.id, n, k.slug, k.name FROM (SELECT s, count(*) AS n FROM {table}, unnest(skill_ids) s "
        f"WHERE {where}{fit} GROUP BY s ORDER BY (s = ANY(%s::int[])) DESC, n DESC LIMIT %s) t "
        "JOIN accounts_skill k ON k.id = t.s ORDER BY n DESC, k.name)"
    )
    params = [*given, *values, *any_of, *ids, *values, *fitting, skills, SKILLS_SHOWN + len(skills)]
    if since:
        whole, all_values = conditions(f, asked, skills)
        sql += f" UNION ALL SELECT count(*), -1, NULL, NULL FROM (SELECT 1 FROM {TABLE} WHERE {whole} LIMIT {CAP + 1}) t"
        params += all_values
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    return _counted(failing, rows, since is None)


def _counted(failing: dict[int, int], rows: list[tuple], whole: bool) -> Counted:
    sums = {
        name: [0] * size
        for name, size in zip(cells.DIMENSIONS, (len(cells.FUNCTIONS), *cells.SIZES), strict=True)
    }
    total, skills, parts = 0, [], cells.parts()
    for key, number, slug, name in rows:
        if slug is not None:
            skills.append((key, slug, name, number))
        elif number < 0:
            total = max(total, key)
        else:
            failed = failing[key]
            if failed < 0:
                total += number
                for dimension, place in zip(cells.DIMENSIONS, parts[key], strict=True):
                    sums[dimension][place] += number
            else:
                sums[cells.DIMENSIONS[failed]][parts[key][failed]] += number
    return Counted(total, sums, skills, whole)
