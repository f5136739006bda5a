"""All counts beside the filters at once: one statement, over 20 rows and over what an ORM does for the same."""

import statistics

from django.db import connection
from django.db.models import Count, Min, Q

from accounts.skills.functions import Function
from marketplace.ground import clock
from projects.posting.models import LocationMode, Project
from projects.search import counting as counts
from projects.search import filters, queries
from projects.search.models import OpenProject

from .filters import mixes
from .registry import measure


def counting(bench, f: filters.Filters):
    skills = queries.skill_ids(f.skills)
    _, since = queries.market()
    return lambda: counts.count(f, None, skills, since)


@measure(
    "total and all counts, exact and not kept, client included, over 20 rows",
    group="facets",
    most=6,
    market="small",
)
def one_pass(bench):
    costs = [bench.cpu(counting(bench, f), times=5) for f in mixes(23, 40)]
    floor = bench.twenty_rows(client=True)
    return statistics.median(costs) / floor, f"worst {max(costs) / floor:.0f}, of {len(costs)} filters"


def grouped(bench, f: filters.Filters):
    """The same counts as grouped queries over the tables themselves, as one writes them first."""
    found = Project.objects.filter(
        state="published", paused_at=None, organisation__suspended_at=None, apply_by__gt=clock.now()
    )
    if bench.opened < bench.size:  # the small market: all the others are closed, as it were
        found = found.filter(
            published_at__gte=OpenProject.objects.aggregate(first=Min("published_at"))["first"]
        )
    if f.functions:
        found = found.filter(function__in=f.functions)
    if f.places:
        found = found.filter(location_mode__in=f.places)
    if f.skills:
        found = found.filter(project_skills__skill__slug__in=f.skills).distinct()
    for name, bands in (("hours", filters.HOURS), ("net_pay", filters.PAY)):
        chosen = f.hours if name == "hours" else f.pay
        either = Q()
        for value in chosen:
            low, below, _ = bands[value]
            either |= Q(**{f"{name}__gte": low}) & (Q(**{f"{name}__lt": below}) if below else Q())
        found = found.filter(either)
    if f.rate:
        found = found.filter(net_hourly__gte=filters.RATES[f.rate])
    found.count()
    inside = found.order_by().values("pk")
    for column, values in (("function", Function.values), ("location_mode", LocationMode.values)):
        Project.objects.aggregate(
            **{value: Count("pk", filter=Q(**{column: value}, pk__in=inside)) for value in values}
        )
    for column, bands in (("hours", filters.HOURS), ("net_pay", filters.PAY)):
        sums = {}
        for value, (low, below, _) in bands.items():
            band = Q(**{f"{column}__gte": low}, pk__in=inside)
            sums[f"b{value}"] = Count("pk", filter=band & Q(**{f"{column}__lt": below}) if below else band)
        Project.objects.aggregate(**sums)
    list(
        Project.objects.filter(pk__in=inside)
        .values("project_skills__skill__name")
        .annotate(n=Count("pk"))
        .order_by("-n")[:10]
    )


@measure(
    "grouped ORM queries for the same counts, over ours", group="facets", least=30, market="small", times=1
)
def over_the_orm(bench):
    some = mixes(23, 8)
    ours = statistics.median(bench.cpu(counting(bench, f), times=5) for f in some)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    try:
        theirs = statistics.median(bench.cpu(lambda f=f: grouped(bench, f), times=1, warm=0) for f in some)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")
    return theirs / ours, f"{theirs:.0f} ms and {ours:.1f} ms"
