"""Whatever way a list is read, it holds what a plain query for the same filters holds, in the same order, page by page;
and the counts are those of plain queries, whoever commits when."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.skills.functions import Function
from accounts.skills.models import Skill
from marketplace.ground import clock
from projects.posting.models import LocationMode, Project, ProjectSkill
from projects.search import counting, listing, plans, queries, reading, words
from projects.search import filters as by
from projects.search.models import OpenProject
from projects.search.plans import Step

from .postings import organisation, rows

WORDS = ("quokka", "wombat", "numbat")
SKILLS = ("Excel", "Python", "Welding", "Singing")
ORDER = {
    "newest": ("-published_at", "-id"),
    "closing": ("apply_by", "id"),
    "pay": ("-net_pay", "-id"),
    "rate": ("-net_hourly", "-id"),
    "fewest": ("application_count", "published_at", "id"),
}


def make_market(number: int = 150) -> None:
    """Postings of all kinds, many of them alike, some with the same pay, ten of them over but not swept."""
    chance, now = random.Random(3), clock.now()
    halden = organisation()
    made = []
    for _ in range(number):
        made += rows(
            1,
            halden,
            title=f"Work with a {' and a '.join(chance.sample(WORDS, chance.choice((0, 1, 1, 2))) or ['person'])}",
            function=chance.choice(("data", "data", "design", "policy")),
            location_mode=chance.choice(list(LocationMode.values)),
            hours=Decimal(chance.choice((8, 15, 16, 20, 28, 29, 35, 40))),
            price=chance.choice((20_000, 30_000, 40_000, 55_000, 80_000, 150_000)),
            published_at=now - timedelta(minutes=chance.randrange(200)),
            apply_by=now + timedelta(hours=chance.choice((20, 30, 40, 50))),
            application_count=chance.randrange(4),
        )
    skills = [
        Skill.objects.create(slug=name.lower(), name=name, function="data", state="accepted")
        for name in SKILLS
    ]
    ProjectSkill.objects.bulk_create(
        ProjectSkill(project=project, skill=skill)
        for project in made
        for skill in chance.sample(skills, chance.choice((0, 1, 2, 3)))
    )
    reading.refresh(project.pk for project in made)
    over = [project.pk for project in made[::15]]
    Project.objects.filter(pk__in=over).update(apply_by=now - timedelta(hours=1))
    OpenProject.objects.filter(pk__in=over).update(
        apply_by=now - timedelta(hours=1), listed_until=now - timedelta(hours=1)
    )


@pytest.fixture
def market(db):
    make_market()


def plainly(f: by.Filters):
    """The same filters on the projects themselves."""
    found = Project.objects.filter(state="published", paused_at=None, apply_by__gt=clock.now())
    found = found.filter(function__in=f.functions) if f.functions else found
    found = found.filter(location_mode__in=f.places) if f.places else found
    for column, bands, chosen in (("hours", by.HOURS, f.hours), ("net_pay", by.PAY, f.pay)):
        either = Q()
        for value in chosen:
            low, below, _ = bands[value]
            either |= Q(**{f"{column}__gte": low}) & (Q(**{f"{column}__lt": below}) if below else Q())
        found = found.filter(either)
    if f.rate:
        found = found.filter(net_hourly__gte=by.RATES[f.rate])
    if f.skills:
        asked = ProjectSkill.objects.filter(skill__slug__in=f.skills)
        found = found.filter(pk__in=asked.values("project"))
    for column, end, value in (
        ("hours", "gte", f.hours_min),
        ("hours", "lte", f.hours_max),
        ("net_pay", "gte", f.pay_min),
        ("net_pay", "lte", f.pay_max),
    ):
        found = found if value is None else found.filter(**{f"{column}__{end}": value})
    for word in f.q.split():
        found = found.filter(title__icontains=word)
    return found


def some(values, most=2):
    return st.lists(st.sampled_from(list(values)), max_size=most, unique=True)


addresses = st.fixed_dictionaries(
    {
        "function": some(("data", "design", "policy", "writing")),
        "place": some(LocationMode.values),
        "hours": some(by.HOURS),
        "pay": some(by.PAY),
        "rate": st.sampled_from(["", "", *by.RATES]),
        "skill": some([name.lower() for name in SKILLS], 3),
        "sort": st.sampled_from(list(ORDER)),
    },
    optional={
        "hours_min": st.sampled_from(["10", "20"]),
        "pay_max": st.sampled_from(["30000", "60000"]),
        "q": st.sampled_from([*WORDS, "quokka wombat"]),
    },
)
WAYS = {
    "gathered": lambda *_: [Step("gather")],
    "gathered where indexes meet": lambda *_: [Step("gather", meet=True)],
    "walked a little": lambda *_: [Step("walk", 5)],
    "walked far": lambda *_: [Step("walk", 1_000)],
    "walked to the end": lambda *_: [Step("walk")],
    "in a window": lambda *_: [Step("window", 60)],
    "in a window, by the order's index": lambda *_: [Step("window", 60)],
    "as planned": plans.steps,
}


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(params=addresses)
def test_any_filters_in_any_order_give_the_rows_of_a_plain_query(market, way, params):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plans, "steps", WAYS[way])
        patch.setattr(plans, "TINY", 0)
        patch.setattr(plans, "RANKS", (0, 10, 40, 100))
        if way.endswith("by the order's index"):
            patch.setattr(plans, "MOST_QUARTERS", 0)
        f = by.read(params)
        expected = list(plainly(f).order_by(*ORDER[f.sort]).values_list("pk", flat=True))
        asked, skills = words.read(f.q) if f.q else None, queries.skill_ids(f.skills)
        place, found = None, []
        for _ in range(len(expected) // 7 + 1):
            page, _, further = listing.page(f, asked, skills, place, len(expected), 150, 7)
            found += page
            place = page and queries.cursor.Place(f.sort, page[-1].place)
            if not further:
                break
        assert [row.id for row in found] == expected
        if len(found) > 8:
            before = queries.cursor.Place(f.sort, found[8].place, back=True)
            page, _, _ = listing.page(f, asked, skills, before, len(expected), 150, 7)
            assert [row.id for row in page] == expected[1:8]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(params=addresses)
def test_all_counts_are_those_of_plain_queries(market, params):
    f = by.read(params)
    asked, skills = words.read(f.q) if f.q else None, queries.skill_ids(f.skills)
    found = counting.count(f, asked, skills, None)
    assert found.total == plainly(f).count()
    for name, field, values in (
        ("function", "functions", Function.values),
        ("place", "places", LocationMode.values),
        ("hours", "hours", by.HOURS),
        ("pay", "pay", by.PAY),
    ):
        alone = [plainly(replace(f, **{field: (value,)})).count() for value in values]
        assert found.counts[name] == alone, name
    rates = [plainly(replace(f, rate=value)).count() for value in by.RATES]
    assert [sum(found.counts["rate"][place:]) for place in (1, 2, 3)] == rates
    without = plainly(replace(f, skills=()))
    each = {slug: without.filter(project_skills__skill__slug=slug).count() for slug in map(str.lower, SKILLS)}
    assert {slug: number for _, slug, _, number in found.skills} == {k: v for k, v in each.items() if v}
