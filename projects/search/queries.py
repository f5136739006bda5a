"""Finding projects: the list with its filters, counts and orders, behind one function, and what a person has saved."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import and_
from urllib.parse import parse_qsl

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from accounts.skills.functions import Function
from accounts.skills.models import Skill
from marketplace.ground import clock
from projects.posting.models import LocationMode, Project, ProjectSkill
from projects.posting.queries import open_now, visible_to

from . import filters as by
from .filters import Filters
from .models import Bookmark

PAGE_SIZE = 20
SKILLS_SHOWN = 10


@dataclass(frozen=True)
class Choice:
    """One value of a filter: how many projects it would show, and whether it is on."""

    value: str
    label: str
    count: int
    on: bool


@dataclass(frozen=True)
class Browse:
    """A page of results with everything around it."""

    filters: Filters
    page: Page
    total: int
    facets: dict[str, list[Choice]]

    @property
    def without_filters(self) -> str:
        return by.address(Filters(q=self.filters.q))

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The pairs of the query string without the order and the page, for the form that changes the order."""
        return [pair for pair in parse_qsl(by.address(self.filters)[1:]) if pair[0] != "sort"]

    @property
    def chips(self) -> list[dict]:
        """The filters that are on, each with the address of the page without it."""
        f, chips = self.filters, []
        if f.q:
            chips.append({"label": f"“{f.q}”", "url": by.address(f, q="")})
        for name, field in MANY.items():
            chosen = getattr(f, field)
            for choice in self.facets[name]:
                if choice.on:
                    rest = tuple(v for v in chosen if v != choice.value)
                    chips.append({"label": choice.label, "url": by.address(f, **{name: rest})})
        if f.rate:
            chips.append({"label": f"${f.rate} an hour or more", "url": by.address(f, rate="")})
        for name, words in BOUNDS.items():
            if getattr(f, name) is not None:
                chips.append(
                    {
                        "label": words.format(_shown(name, getattr(f, name))),
                        "url": by.address(f, **{name: ""}),
                    }
                )
        return chips


MANY = {"function": "functions", "place": "places", "hours": "hours", "pay": "pay", "skill": "skills"}
BOUNDS = {
    "hours_min": "From {} hours",
    "hours_max": "Up to {} hours",
    "pay_min": "From ${}",
    "pay_max": "Up to ${}",
}


def _shown(name: str, value: int) -> str:
    return f"{value / 100:,.0f}" if name.startswith("pay") else str(value)


class _Counted(Paginator):
    """Pages of a list whose length is known already."""

    def __init__(self, *args, known: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.__dict__["count"] = known


def browse(params, user, page_size: int = PAGE_SIZE) -> Browse:
    """A page of the projects that everybody can apply to, by the filters in `params` (see `filters.read`).

    user: the person who looks, for the bookmarks (`project.saved`). Always the same number of queries: one for
    all counts, one for the skills, one for the page, and one for the bookmarks of somebody signed in.
    """
    filters = by.read(params)
    found = _matching(filters.q)
    conditions = _conditions(filters)
    total, facets = _counts(found, filters, conditions)
    rows = (
        found.filter(*conditions.values())
        .select_related("organisation")
        .defer("search", "summary", "good_to_know")
    )
    page = _Counted(_ordered(rows, filters), page_size, known=total).get_page(filters.page)
    page.object_list = mark_saved(user, list(page.object_list))
    return Browse(filters, page, total, facets)


def _matching(q: str) -> QuerySet[Project]:
    return open_now().filter(search=_query(q)) if q else open_now()


def _query(q: str) -> SearchQuery:
    """The words as people type them (quotes and minus work), or all of them as beginnings of words."""
    whole = SearchQuery(q, search_type="websearch", config="english")
    beginnings = [word for word in re.findall(r"\w+", q) if not word.isspace()][:8]
    if not beginnings or '"' in q or re.search(r"(^|\s)-", q):
        return whole
    return whole | SearchQuery(
        " & ".join(f"{word}:*" for word in beginnings), search_type="raw", config="english"
    )


def _conditions(f: Filters) -> dict[str, Q]:
    """One condition for each filter by name, so that each count can leave its own out."""
    skill = Exists(ProjectSkill.objects.filter(project=OuterRef("pk"), skill__slug__in=f.skills))
    bounds = [
        Q(hours__gte=f.hours_min) if f.hours_min is not None else Q(),
        Q(hours__lte=f.hours_max) if f.hours_max is not None else Q(),
        Q(net_pay__gte=f.pay_min) if f.pay_min is not None else Q(),
        Q(net_pay__lte=f.pay_max) if f.pay_max is not None else Q(),
    ]
    return {
        "function": Q(function__in=f.functions) if f.functions else Q(),
        "place": Q(location_mode__in=f.places) if f.places else Q(),
        "hours": _any(_band("hours", *by.HOURS[name][:2]) for name in f.hours),
        "pay": _any(_band("net_pay", *by.PAY[name][:2]) for name in f.pay),
        "rate": Q(net_hourly__gte=by.RATES[f.rate]) if f.rate else Q(),
        "skill": Q(skill) if f.skills else Q(),
        "bounds": reduce(and_, bounds),
    }


def _any(conditions) -> Q:
    whole = Q()
    for condition in conditions:
        whole |= condition
    return whole


def _band(column: str, low: int, below: int | None) -> Q:
    band = Q(**{f"{column}__gte": low})
    return band & Q(**{f"{column}__lt": below}) if below else band


def _counts(found: QuerySet, f: Filters, conditions: dict[str, Q]) -> tuple[int, dict[str, list[Choice]]]:
    """The number of results and, for every value of every filter, how many it would leave; in two queries."""

    def but(name: str) -> Q:
        return reduce(and_, (c for key, c in conditions.items() if key != name), Q())

    values = {
        "function": {v: (label, Q(function=v), v in f.functions) for v, label in Function.choices},
        "place": {v: (label, Q(location_mode=v), v in f.places) for v, label in LocationMode.choices},
        "hours": {
            v: (words, _band("hours", low, top), v in f.hours) for v, (low, top, words) in by.HOURS.items()
        },
        "pay": {
            v: (words, _band("net_pay", low, top), v in f.pay) for v, (low, top, words) in by.PAY.items()
        },
        "rate": {v: (f"${v} or more", Q(net_hourly__gte=low), v == f.rate) for v, low in by.RATES.items()},
    }
    sums = {
        f"{name}_{v}": Count("pk", filter=but(name) & one)
        for name, options in values.items()
        for v, (_, one, _) in options.items()
    }
    sums["total"] = Count("pk", filter=but("")) if any(conditions.values()) else Count("pk")
    counted = found.order_by().aggregate(**sums)
    facets = {
        name: [Choice(v, label, counted[f"{name}_{v}"], on) for v, (label, _, on) in options.items()]
        for name, options in values.items()
    }
    facets["skill"] = _skill_counts(found.filter(but("skill")), f)
    return counted["total"], facets


def _skill_counts(found: QuerySet, f: Filters) -> list[Choice]:
    """The skills that the found projects ask for most often, after those that are chosen."""
    rows = list(
        ProjectSkill.objects.filter(
            project__in=found.order_by().values("pk"), skill__state=Skill.State.ACCEPTED
        )
        .order_by()
        .values("skill__slug", "skill__name")
        .annotate(asked=Count("pk"))
        .order_by("-asked", "skill__name")[: SKILLS_SHOWN + len(f.skills)]
    )
    counted = {row["skill__slug"]: row["asked"] for row in rows}
    chosen = dict(Skill.objects.filter(slug__in=f.skills).values_list("slug", "name")) if f.skills else {}
    first = [Choice(slug, chosen[slug], counted.get(slug, 0), True) for slug in f.skills if slug in chosen]
    rest = [
        Choice(r["skill__slug"], r["skill__name"], r["asked"], False)
        for r in rows
        if r["skill__slug"] not in chosen
    ]
    return first + rest[:SKILLS_SHOWN]


def _ordered(rows: QuerySet, f: Filters) -> QuerySet:
    if f.sort == by.RELEVANCE:
        return rows.annotate(rank=SearchRank(F("search"), _query(f.q))).order_by(
            "-rank", "-published_at", "-pk"
        )
    return rows.order_by(
        *{
            "newest": ("-published_at", "-pk"),
            "closing": ("apply_by", "pk"),
            "pay": ("-net_pay", "-pk"),
            "rate": ("-net_hourly", "-pk"),
            "fewest": ("application_count", "-published_at", "-pk"),
        }[f.sort]
    )


def close_to(f: Filters, user, most: int = 3) -> list[Project]:
    """When nothing matches: projects that share a word, a function or a skill with it, else new ones."""
    words = re.findall(r"\w+", f.q)[:8]
    wanted = Q(function__in=f.functions)
    if f.skills:
        wanted |= Q(Exists(ProjectSkill.objects.filter(project=OuterRef("pk"), skill__slug__in=f.skills)))
    if words:
        any_word = SearchQuery(" | ".join(f"{word}:*" for word in words), search_type="raw", config="english")
        wanted |= Q(search=any_word)
    rows = open_now().select_related("organisation").defer("search").order_by("-published_at", "-pk")
    near = list(rows.filter(wanted)[:most])
    return mark_saved(user, near or list(rows[:most]))


# --- what a person keeps ---------------------------------------------------------------------------------
def mark_saved(user, projects: list[Project]) -> list[Project]:
    """Set `saved` on each of `projects`: True or False, or None for a visitor, who costs no query."""
    signed_in = user is not None and user.is_authenticated
    saved = set()
    if signed_in:
        saved = set(
            Bookmark.objects.filter(user=user, project__in=projects).values_list("project_id", flat=True)
        )
    for project in projects:
        project.saved = project.pk in saved if signed_in else None
    return projects


def saved_by(user) -> QuerySet[Bookmark]:
    """What `user` has saved and may still see, newest first."""
    return (
        Bookmark.objects.filter(user=user, project__in=visible_to(user))
        .select_related("project__organisation")
        .order_by("-created_at", "-pk")
    )


def similar_to(project: Project, user, most: int = 3) -> list[Project]:
    """Open projects close to this one: skills in common first, then the same function, newest first."""
    skills = project.project_skills.values("skill")
    shared = Count("project_skills", filter=Q(project_skills__skill__in=skills))
    rows = (
        open_now()
        .exclude(pk=project.pk)
        .select_related("organisation")
        .defer("search")
        .annotate(shared=shared)
        .filter(Q(shared__gt=0) | Q(function=project.function))
        .order_by("-shared", "-published_at")[:most]
    )
    return mark_saved(user, list(rows))


# --- reminders -------------------------------------------------------------------------------------------
REMIND_HOURS = 48


def closing_soon() -> QuerySet[Bookmark]:
    """Bookmarks of open projects whose window ends within 48 hours and to which their person has not applied."""
    soon = open_now().filter(apply_by__lte=clock.now() + timedelta(hours=REMIND_HOURS))
    # Applications belong to a later room; they are reached by the name of the relation.
    applied = Project.objects.filter(pk=OuterRef("project"), applications__student=OuterRef("user")).exclude(
        applications__state="draft"
    )
    return (
        Bookmark.objects.filter(
            ~Exists(applied), project__in=soon.order_by().values("pk"), user__is_active=True
        )
        .exclude(reminded_for=F("project__apply_by"))
        .select_related("user", "project__organisation")
        .order_by("pk")
    )
