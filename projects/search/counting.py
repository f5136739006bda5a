"""How many rows fit, and how many would with each other choice: without words or bounds from the tally, else counted."""

from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from django.conf import settings
from django.db import connection

from accounts.skills.models import Skill
from marketplace.ground import clock

from . import cells, kept, tally
from .filters import Filters
from .listing import TABLE, conditions, more, told
from .plans import has_bounds
from .words import Asked

SKILLS_SHOWN = 10
# Words and bounds: up to so many open projects all are counted, beyond that the newest so many.
WHOLE_TO, WINDOW = 200_000, 50_000
MOST_HITS = 20_000  # a text that stands in more of a large market is not counted but estimated
CAP = 1_000


@dataclass(frozen=True)
class Counted:
    """counts: `{dimension: [rows of each place]}`. skills: `[(id, slug, name, rows)]`. total: None when nobody counted.

    whole: everything was counted; else only the newest `WINDOW` (the total still reaches to `CAP` + 1).
    """

    total: int | None
    counts: dict[str, list[int]]
    skills: list[tuple]
    whole: bool = True


def count(f: Filters, asked: Asked | None, skills: list[int], since: datetime | None) -> Counted:
    """The number of rows and what stands beside every choice, each without its own kind's choices, in one statement.

    since: words and bounds are counted from this instant on only (see `WINDOW`).
    """
    if asked is None and not has_bounds(f):
        return _from_tally(f, skills)
    return _by_hand(f, asked, skills, since)


# --- from the tally ------------------------------------------------------------------------------------------
def _from_tally(f: Filters, skills: list[int]) -> Counted:
    with tally.now(skills) as known:
        total, counts = tally.beside(f, known.fitting(skills if f.skills else None))
        of_skills = known.of_skills(cells.let_through(f))
    return Counted(total, counts, _shown(of_skills, skills))


def _shown(numbers: dict[int, int], chosen: list[int]) -> list[tuple]:
    """The skills most asked for, and those that are chosen, as `Counted` has them."""
    called = names()
    found = [(pk, *called[pk], number) for pk, number in numbers.items() if pk in called]
    found.sort(key=itemgetter(2))
    found.sort(key=itemgetter(3), reverse=True)
    others = [row for row in found if row[0] not in chosen][:SKILLS_SHOWN]
    kept_ones = {row[0] for row in others}.union(chosen)
    return [row for row in found if row[0] in kept_ones]


def names() -> dict[int, tuple[str, str]]:
    """`{id: (slug, name)}` of all accepted skills: fewer than a thousand, kept in the process."""
    return kept.here("skill names", settings.SEARCH_KEPT_SECONDS, _names)


def _names() -> dict[int, tuple[str, str]]:
    accepted = Skill.objects.filter(state=Skill.State.ACCEPTED)
    return {pk: (slug, name) for pk, slug, name in accepted.values_list("pk", "slug", "name")}


# --- counted -------------------------------------------------------------------------------------------------
def _by_hand(f: Filters, asked: Asked | None, skills: list[int], since: datetime | None) -> Counted:
    failing = dict(cells.failing(f))
    every = len(failing) == cells.COUNT
    through = [cell for cell, failed in failing.items() if failed < 0]
    near, values = ["listed_until > %s"], [clock.now()]
    if since:
        near.append("published_at >= %s")
        values.append(since)
    parts, those = more(f, asked)
    within, any_of = ("", []) if every else (" AND cell = ANY(%s)", [list(failing)])
    asks, ids = (" AND skill_ids && %s::int[]", [skills]) if f.skills else ("", [])
    fit, fitting = ("", []) if len(through) == cells.COUNT else (" AND cell = ANY(%s)", [through])
    # Found once, counted twice.
    sql = (
        f"WITH found AS MATERIALIZED (SELECT cell, skill_ids FROM {TABLE} WHERE {' AND '.join([*near, *parts])}{within}) "
        f"SELECT cell::int, count(*), NULL, NULL FROM found WHERE true{within}{asks} GROUP BY cell "
        "UNION ALL (SELECT k.id, n, k.slug, k.name FROM (SELECT s, count(*) AS n FROM found, unnest(skill_ids) s "
        f"WHERE true{fit} GROUP BY s ORDER BY (s = ANY(%s::int[])) DESC, n DESC LIMIT %s) t "
        "JOIN accounts_skill k ON k.id = t.s ORDER BY n DESC, k.name)"
    )
    params = [*values, *those, *any_of, *any_of, *ids, *fitting, skills, SKILLS_SHOWN + len(skills)]
    if since:
        whole, all_values = conditions(f, asked, skills)
        sql += f" UNION ALL SELECT count(*), -1, NULL, NULL FROM (SELECT 1 FROM {TABLE} WHERE {whole} LIMIT {CAP + 1}) t"
        params += all_values
    with connection.cursor() as cursor:
        cursor.execute(told(sql, True) if asked else sql, params)
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


def rounded(number: int) -> int:
    """Two digits that count: `176_431` -> `180_000`."""
    step = 10 ** max(len(str(number)) - 2, 0)
    return round(number / step) * step
