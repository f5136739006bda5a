"""Lists under filters: what PostgreSQL does for a page, over fetching 20 rows by their keys."""

import random
import statistics

from accounts.skills.functions import Function
from accounts.skills.models import Skill
from projects.posting.models import LocationMode
from projects.search import filters, listing, queries

from .registry import measure

MIXES = 60


def mixes(seed: int, number: int = MIXES, most_skills: int = 2) -> list[filters.Filters]:
    """Filters as people set them, from one choice to all of them, always the same ones."""
    chance = random.Random(seed)
    slugs = list(Skill.objects.filter(state="accepted").order_by("pk").values_list("slug", flat=True)[:200])
    found = []
    for _ in range(number):
        params = {}
        if chance.random() < 0.7:
            params["function"] = chance.sample(list(Function.values), chance.choice((1, 1, 2)))
        if chance.random() < 0.5:
            params["place"] = [chance.choice(list(LocationMode.values))]
        if chance.random() < 0.4:
            params["hours"] = [chance.choice(list(filters.HOURS))]
        if chance.random() < 0.3:
            params["pay"] = [chance.choice(list(filters.PAY))]
        if chance.random() < 0.3:
            params["rate"] = chance.choice(list(filters.RATES))
        if chance.random() < 0.3:
            params["skill"] = chance.sample(slugs, chance.randint(1, most_skills))
        if chance.random() < 0.5:
            params["sort"] = chance.choice(list(filters.SORTS))
        found.append(filters.read(params))
    return found


def page_of(bench, f: filters.Filters):
    """A call that makes the page of `f`, as the site does once the counts are known."""
    size, since = queries.market()
    skills = queries.skill_ids(f.skills)
    counts = queries.counted(f, None, skills, size, since)
    return lambda: queries.page_of(f, None, skills, None, counts, size)


@measure(
    "any filter combination, PostgreSQL CPU over 20 rows",
    group="filters",
    most={50_000: 4, 1_000_000: 35},
    market="both",
)
def any_mix(bench):
    floor = bench.twenty_rows()
    costs = {filters.address(f): bench.steady(page_of(bench, f)) for f in mixes(7)}
    # Any combination is promised, so the worst one counts; the median stands beside it.
    worst = max(costs, key=costs.get)
    middle = statistics.median(costs.values()) / floor
    return costs[worst] / floor, f"median {middle:.2g}, worst of {len(costs)}: {worst}"


@measure("page 1,000 over page 1, newest", group="filters", most=1.5, market="both")
def page_1000(bench):
    size, _ = queries.market()
    f = filters.Filters()
    rows, _, _ = listing.page(f, None, [], None, None, size, most=20 * 999)
    place = queries.cursor.Place("newest", rows[-1].place)
    first = bench.pg_cpu(lambda: listing.page(f, None, [], None, None, size), times=100)
    late = bench.pg_cpu(lambda: listing.page(f, None, [], place, None, size), times=100)
    return late / first
