"""How to read a list: what each way would cost, from what is known about how many rows there are of what.

- *walk* the index of the order and drop what does not fit: quick when much fits. It looks at so many entries and no
  more; when that was not enough it goes further once, and then the rest is gathered: a wrong guess costs little.
- *gather* all that fits by the indexes of skills, cells or words, and sort it: quick when little fits.
- *window* (words, newest first): gather only back to an instant since which enough should stand; else everything. A
  short window is looked up in the index of the words, by the quarters of an hour that it consists of.

Costs are microseconds of a processor, as measured (docs/search.md); only how they compare matters.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy
from django.conf import settings
from django.db import connection

from marketplace.ground import clock

from . import cells, kept, schema, tally
from .cursor import Place
from .filters import PAY, RATES, Filters

WALK, GATHER, WINDOW = "walk", "gather", "window"
ENTRY, WITH_SKILLS = 0.15, 0.3  # an entry of an index walked, without and with a look at its skills
ROW, BIT, NEXT = 1.5, 0.1, 0.05  # a row fetched, a row marked in a bitmap, and one that lies beside the last
TEXT, TITLE, WORD = 4.0, 1.0, 0.15  # a whole text compared, a title with its skills, a row marked for a word
LEAP, LOOK = 0.05, 12.0  # a row leapt to in a word's list, and a quarter of an hour looked up
FEW, SCATTERED = (
    5_000,
    0.4,
)  # rows marked beyond so many lie each on a page of its own, far from the last: that is more
HELD = 2.2  # so many times as many hits as are wanted should a window hold
SPARE = 4  # so many times as far as it should have to may a walk go
LEAST = 300  # entries that a walk may always look at
AT_ONCE = 300  # what gathering may cost without a look at other ways
TINY = 2_000  # in a market up to here everything is gathered


@dataclass(frozen=True)
class Step:
    """A part of a list that is read at once.

    reach: entries that a walk may look at (None: as many as it takes), or rows that a window should hold.
    low, below: the part of the order's first column, and bands: the same as places of that dimension. meet: gather by
    skills and by cells and let these meet.
    """

    way: str
    reach: int | None = None
    low: int | None = None
    below: int | None = None
    bands: tuple[int, ...] = ()
    meet: bool = False


def steps(f: Filters, texts: int | None, fits: int | None, skills: list[int], size: int, most: int):
    """The steps in which to read a list of `f`, one after the other until `most` rows are found.

    texts: in about how many rows the words stand, None without words. fits: how many rows `f` holds, None when
    nobody knows. size: how many rows there are.
    """
    plain = texts is None and not f.skills and cells.let_through(f) is None
    if plain and not has_bounds(f):
        return [Step(WALK)]
    if size <= TINY:
        return [Step(GATHER)]
    fits = size // 2 if fits is None else max(fits, 1)
    if texts is not None:
        return [of_words(max(texts, fits), fits, size, most, newest=f.sort == "newest")]
    if plain:
        return [_cheaper(f, fits, size, 0, 0, most)]
    known = tally.roughly() if f.skills or _together(f) else None
    with_skill = known.of(skills) if f.skills else None
    number, beside = 0, 0
    if with_skill is not None:
        number, beside = int(with_skill.sum()), int(known.all()[numpy.ix_(*cells.within(f))].sum())
    gather, meet = _gathering(f, fits, size, number, beside)
    if gather <= AT_ONCE:
        return [Step(GATHER, meet=meet)]
    if not _together(f):
        return [_cheaper(f, fits, size, number, beside, most)]
    return _bands(f, known.all(), with_skill, number, beside, most)


def has_bounds(f: Filters) -> bool:
    return any(value is not None for value in (f.hours_min, f.hours_max, f.pay_min, f.pay_max))


def _together(f: Filters) -> bool:
    """Whether the order hangs together with the filters, so that what fits may all lie at the far end of it."""
    return f.sort in ("pay", "rate") and bool(f.hours or f.pay or f.rate)


def _gathering(f: Filters, fits: float, among: float, with_skill: int, beside: int) -> tuple[float, bool]:
    """`(cost, whether by skills and cells)` of gathering `fits` of `among` rows.

    with_skill: rows with the chosen skills, in any cell. beside: rows in the cells, with any skills.
    """
    if not f.skills:
        return (among if has_bounds(f) else fits) * ROW, False
    if cells.let_through(f) is None:
        return with_skill * ROW, False
    return min((with_skill * ROW, False), ((with_skill + beside) * BIT + fits * ROW, True))


def _cheaper(f: Filters, fits: float, among: float, with_skill: int, beside: int, most: int) -> Step:
    """To the first `most` of the `fits` rows that `among` rows hold; with_skill, beside: see `_gathering`."""
    gather, meet = _gathering(f, fits, among, with_skill, beside)
    far = most * among / max(fits, 1)
    if far * (ROW if has_bounds(f) else WITH_SKILLS if f.skills else ENTRY) < gather:
        return Step(WALK, int(max(far * SPARE, LEAST)), meet=meet)
    return Step(GATHER, meet=meet)


def _bands(f: Filters, everything, with_skill, number: int, beside: int, most: int) -> Iterator[Step]:
    """The order by pay or rate from the best band to the worst; bands that hold too few rows go with the next ones."""
    axis, within = cells.DIMENSIONS.index(f.sort), cells.within(f)
    fitting = everything if with_skill is None else with_skill
    borders, group = _borders(f.sort), []
    for band in reversed(within[axis]):
        group.append(band)
        inside = [*within[:axis], group, *within[axis + 1 :]]
        fits = int(fitting[numpy.ix_(*inside)].sum())
        if fits >= 2 * most or band == within[axis][0]:
            among = int(everything.take(range(group[-1], group[0] + 1), axis).sum())
            step = _cheaper(f, fits, among, number, beside, most)
            low, below = borders[group[-1]][0], borders[group[0]][1]
            yield replace(step, low=low, below=below, bands=tuple(group))
            group = []


def _borders(sort: str) -> list[tuple[int, int | None]]:
    """`[(from, below)]` of the bands of pay or rate, from the lowest."""
    if sort == "pay":
        return [(low, below) for low, below, _ in PAY.values()]
    low = [0, *RATES.values()]
    return list(zip(low, [*low[1:], None], strict=True))


# --- words -------------------------------------------------------------------------------------------------------
def of_words(texts: int, fits: int, size: int, most: int, *, newest: bool = True, cost: float = TEXT) -> Step:
    """For words that stand in `texts` rows of which `fits` are wanted. cost: of comparing one row's words."""
    if size <= TINY:
        return Step(GATHER)
    far = most * size / max(fits, 1)
    ways = [(texts * ROW, GATHER, None), (far * cost, WALK, int(max(far * SPARE, LEAST)))]
    if newest:
        reach = int(HELD * far)
        ways.append((_in_a_window(texts, reach, size), WINDOW, reach))
    _, way, reach = min(ways, key=lambda one: one[0])
    return Step(way, reach)


def _in_a_window(texts: int, reach: int, size: int) -> float:
    """The cost of gathering the rows with a word that stands in `texts` of `size` from among the newest `reach`."""
    start = since(reach, None)
    near = quarters(start, None) if start else None
    if not near:
        marked = texts * WORD + max(texts - FEW, 0) * SCATTERED
        return marked + reach * NEXT + reach * texts / size * ROW
    # The first quarter is read from its beginning.
    whole = datetime.fromtimestamp(near[0] * schema.QUARTER_SECONDS, UTC)
    held = max(_between(_ranks(), whole) or size, reach)
    return len(near) * LOOK + min(texts, held) * LEAP + held * texts / size * ROW


def quarters(start: datetime, place: Place | None) -> list[int] | None:
    """The quarters of an hour from `start` to `place`, or to now, as the index of the words has them; None for too many.

    What is older than `start` in the first of them belongs to the window, too.
    """
    known = _known()
    newest = max(clock.now(), known[0][1] if known else start)
    end = place.values[0] if place else newest + AHEAD
    first, last = (int(at.timestamp() // schema.QUARTER_SECONDS) for at in (start, end))
    return None if last - first >= MOST_QUARTERS else list(range(first, last + 2))


def since(reach: int, place: Place | None):
    """An instant since which about `reach` rows before `place` were published; None when that is too far to tell."""
    passed = _between(_ranks(), place.values[0]) if place else 0.0
    return None if passed is None else _between(_known(), passed + reach)


def _known() -> list[tuple[int, datetime]]:
    return kept.here("moments", settings.SEARCH_KEPT_SECONDS, _moments)


def _ranks() -> list[tuple[datetime, int]]:
    """`[(moment, how many rows are newer)]` from the oldest on."""
    return [(moment, rank) for rank, moment in reversed(_known())]


def _between(points, at):
    """On the line through `points` (pairs in ascending order) the second value at the first `at`; None beyond its end."""
    last = None
    for x, y in points:
        if at <= x:
            return (
                y
                if last is None or x == last[0]
                else last[1] + (y - last[1]) * ((at - last[0]) / (x - last[0]))
            )
        last = x, y
    return None


MOST_QUARTERS = 200  # beyond, the index of the order says what is in a window
AHEAD = timedelta(hours=1)  # of this clock, by which one that published something may be
RANKS = (0, 300, 1_000, 3_000, 10_000, 30_000, 100_000)


def _moments() -> list[tuple[int, object]]:
    """`[(how many rows are newer, when that one was published)]`, as far as there are so many; the last one is the oldest."""
    one = f"(SELECT published_at FROM {tally.TABLE} ORDER BY published_at DESC OFFSET %s LIMIT 1)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join([one] * len(RANKS))}, (SELECT min(published_at) FROM {tally.TABLE}), "
            "(SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass)",
            [*RANKS, tally.TABLE],
        )
        *found, oldest, size = cursor.fetchone()
    known = [(rank, moment) for rank, moment in zip(RANKS, found, strict=True) if moment]
    return [*known, (size, oldest)] if known and size > known[-1][0] else known
