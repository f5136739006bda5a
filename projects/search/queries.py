"""Finding projects: the list with its filters, counts and orders, behind one function, and what a person has saved."""

from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from urllib.parse import parse_qsl

from django.conf import settings
from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet

from accounts.skills.functions import Function
from marketplace.ground import clock
from projects.posting.models import LocationMode, Project
from projects.posting.queries import open_now, visible_to

from . import counting, cursor, fits, kept, listing, words
from . import filters as by
from .counting import CAP, Counted
from .filters import Filters
from .listing import Row, TooSlow
from .models import Bookmark
from .words import Asked

PAGE_SIZE = listing.PAGE


@dataclass(frozen=True)
class Choice:
    """One value of a filter: how many projects it would show (None: nobody counted), and whether it is on."""

    value: str
    label: str
    count: int | str | None
    on: bool
    mark: str = ""  # stands for `checked` while a frame is made

    @property
    def checked(self) -> str:
        return self.mark or (" checked" if self.on else "")


@dataclass(frozen=True)
class Counts:
    """The total and the choices with their counts. total: None when nobody counted; capped by `total_words`."""

    total: int | None
    facets: dict[str, list[Choice]]
    whole: bool = True
    about: int | None = None

    @property
    def total_words(self) -> str:
        """`1 project`, `999 projects`, `1,000+ projects`, `About 8,800 projects`."""
        if self.total is None:
            return f"About {counting.rounded(self.about):,} projects" if self.about else "Projects"
        if self.total > CAP:
            return f"{CAP:,}+ projects"
        return f"{self.total:,} project{'' if self.total == 1 else 's'}"


@dataclass(frozen=True)
class Browse:
    """A page of results with everything around it. `before` and `after`: addresses of the pages beside it, or ""."""

    filters: Filters
    rows: list[Row]
    counts: Counts
    asked: Asked | None = None
    before: str = ""
    after: str = ""
    number: int = 1
    slow: bool = False  # it was stopped: the person is asked to narrow it down
    reasons: dict[int, list[str]] | None = None

    @property
    def ids(self) -> list[int]:
        return [row.id for row in self.rows]

    @property
    def start(self) -> int:
        """How many stand on the pages before."""
        return (self.number - 1) * PAGE_SIZE

    @property
    def total(self) -> int:
        """At least as many as are shown, whatever was counted a minute ago."""
        return max(self.counts.total or 0, len(self.rows))

    @property
    def cut(self) -> bool:
        """Whether the order by relevance may leave some out."""
        total = self.counts.total
        return self.filters.sort == by.RELEVANCE and (total is None or total > listing.RANKED)

    @property
    def facets(self) -> dict[str, list[Choice]]:
        return self.counts.facets


# --- the list --------------------------------------------------------------------------------------------
def browse(params, user) -> Browse:
    """A page of the projects that can be applied to now, by the filters in `params` (see `filters.read`).

    user: the person who looks, or None; their own order ("Best match for you") needs a student. Always the same
    number of statements: one for the page, one for the counts unless they are kept, two more to read a text.
    """
    filters = by.read(params)
    if filters.sort == by.FIT and not fits.known(user):
        filters = replace(filters, sort=by.RELEVANCE if filters.q else "newest")
    if not filters.q:
        return found(filters, None, user)
    try:
        with listing.bounded():
            return found(filters, words.read(filters.q), user)
    except TooSlow:
        return Browse(filters, [], Counts(None, _choices(filters, None)), Asked(filters.q), slow=True)


def found(filters: Filters, asked: Asked | None, user) -> Browse:
    size, since = market()
    skills = skill_ids(filters.skills)
    if user is None or not user.is_authenticated:
        kept.look_up(counts_key(filters), parts_key(filters, False, True))
    counts = counted(filters, asked, skills, size, since)
    place = cursor.read(filters.after, filters.sort)
    number = place.page if place else 1
    offset = place.values[0] if place and filters.sort not in listing.ORDERS else 0
    reasons = None
    if filters.sort == by.RELEVANCE:
        rows, before, after = listing.ranked(filters, asked, skills, offset, _matches(counts, size), size)
    elif filters.sort == by.FIT:
        fitting = fits.of(user)
        rows, before, after = listing.of_ids(filters, asked, skills, [pk for pk, _ in fitting], offset)
        reasons = dict(fitting)
    else:
        rows, before, after = page_of(filters, asked, skills, place, counts, size)
    if place and (not rows or (place.back and len(rows) < PAGE_SIZE)):  # the list has changed: its first page
        return found(replace(filters, after=""), asked, user)
    return Browse(
        filters,
        rows,
        counts,
        asked,
        _edge(filters, rows, number - 1, offset - PAGE_SIZE, back=True) if before else "",
        _edge(filters, rows, number + 1, offset + PAGE_SIZE, back=False) if after else "",
        number,
        reasons=reasons,
    )


def page_of(f: Filters, asked: Asked | None, skills: list[int], place, counts: Counts, size: int):
    """`listing.page` by the plan that the counts recommend."""
    return listing.page(f, asked, skills, place, _matches(counts, size), size)


def _matches(counts: Counts, size: int) -> int | None:
    """About how many projects match; a capped total of a large market says only that it is many."""
    if counts.total is None:
        return counts.about
    return counts.total if counts.whole or counts.total <= CAP else max(counts.total, size // 10)


def _edge(f: Filters, rows: list[Row], number: int, offset: int, *, back: bool) -> str:
    """The address of the page before or after these rows."""
    if number <= 1 and back:
        return by.address(f)
    ordered = f.sort in listing.ORDERS
    edge = rows[0 if back else -1].place if ordered else (offset,)
    return by.address(f, after=cursor.write(cursor.Place(f.sort, edge, back and ordered, number)))


def market() -> tuple[int, object]:
    """`(how many open projects there are, from which instant on they are counted or None for all)`."""
    return kept.here("market", settings.SEARCH_KEPT_SECONDS, _market)


def _market():
    with connection.cursor() as cur:
        cur.execute(
            "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = %s::regclass", [listing.TABLE]
        )
        size = cur.fetchone()[0]
        if size <= counting.WHOLE_TO:
            return size, None
        cur.execute(
            f"SELECT published_at FROM {listing.TABLE} ORDER BY published_at DESC OFFSET %s LIMIT 1",
            [counting.WINDOW],
        )
        return size, cur.fetchone()[0]


def skill_ids(slugs: tuple[str, ...]) -> list[int]:
    """The accepted skills of these slugs."""
    return sorted(pk for pk, (slug, _) in counting.names().items() if slug in slugs) if slugs else []


# --- counts ----------------------------------------------------------------------------------------------
def counted(f: Filters, asked: Asked | None, skills: list[int], size: int, since) -> Counts:
    """The total and every choice with its count, kept for a minute under the filter."""
    if asked and since and (asked.matches or 0) > counting.MOST_HITS:
        return Counts(None, _choices(f, None), about=asked.matches)
    data = kept.shared(
        counts_key(f),
        lambda: asdict(counting.count(f, asked, skills, None if asked else since)),
    )
    found = Counted(**data)
    return Counts(found.total, _choices(f, found), found.whole)


def counts_key(f: Filters) -> str:
    return f"counts:{f.key}"


def parts_key(f: Filters, own: bool, some: bool) -> str:
    """Of what stands around the list. own: a student looks, who has an order of their own. some: something was found."""
    return f"parts:{f.sort}:{own:d}:{some:d}:{f.key}"


def common() -> list[Filters]:
    """The filters that most people come with: none, and one function."""
    return [Filters(), *(Filters(functions=(value,)) for value in Function.values)]


def warm(f: Filters) -> bool:
    """Count for `f` before somebody asks; returns whether it was done."""
    _, since = market()
    data = asdict(counting.count(f, None, [], since))
    return kept.put(counts_key(f), data)


def _choices(f: Filters, c: Counted | None) -> dict[str, list[Choice]]:
    def number(name: str, place: int) -> int | None:
        if c is None:
            return None
        return sum(c.counts[name][place:]) if name == "rate" else c.counts[name][place]

    values = {
        "function": [(v, label, v in f.functions) for v, label in Function.choices],
        "place": [(v, label, v in f.places) for v, label in LocationMode.choices],
        "hours": [(v, text, v in f.hours) for v, (_, _, text) in by.HOURS.items()],
        "pay": [(v, text, v in f.pay) for v, (_, _, text) in by.PAY.items()],
        "rate": [(v, f"${v} or more", v == f.rate) for v in by.RATES],
    }
    facets = {
        name: [
            Choice(v, label, number(name, place + (name == "rate")), on)
            for place, (v, label, on) in enumerate(options)
        ]
        for name, options in values.items()
    }
    facets["skill"] = _skill_choices(f, c)
    return facets


def _skill_choices(f: Filters, c: Counted | None) -> list[Choice]:
    """The skills that the found projects ask for most often, after those that are chosen."""
    rows = {slug: (name, number) for _, slug, name, number in (c.skills if c else ())}
    missing = any(slug not in rows for slug in f.skills)
    chosen = {slug: name for slug, name in counting.names().values() if slug in f.skills} if missing else {}
    none = 0 if c else None
    first = [
        Choice(slug, *(rows.get(slug) or (chosen[slug], none)), True)
        for slug in f.skills
        if slug in rows or slug in chosen
    ]
    rest = [
        Choice(slug, name, number, False) for slug, (name, number) in rows.items() if slug not in f.skills
    ]
    return first + rest[: counting.SKILLS_SHOWN]


# --- around the list ---------------------------------------------------------------------------------------
MANY = {"function": "functions", "place": "places", "hours": "hours", "pay": "pay", "skill": "skills"}
BOUNDS = {
    "hours_min": "From {} hours",
    "hours_max": "Up to {} hours",
    "pay_min": "From ${}",
    "pay_max": "Up to ${}",
}


def chips(f: Filters, facets: dict[str, list[Choice]]) -> list[dict]:
    """The filters that are on, each with the address of the page without it."""
    found = [{"label": f"“{f.q}”", "url": by.address(f, q="")}] if f.q else []
    for name, field in MANY.items():
        chosen = getattr(f, field)
        for choice in facets[name]:
            if choice.on:
                rest = tuple(v for v in chosen if v != choice.value)
                found.append({"label": choice.label, "url": by.address(f, **{name: rest})})
    if f.rate:
        found.append({"label": f"${f.rate} an hour or more", "url": by.address(f, rate="")})
    for name, text in BOUNDS.items():
        if (value := getattr(f, name)) is not None:
            shown = f"{value / 100:,.0f}" if name.startswith("pay") else str(value)
            found.append({"label": text.format(shown), "url": by.address(f, **{name: ""})})
    return found


def hidden(f: Filters) -> list[tuple[str, str]]:
    """The pairs of the query string without the order and the place, for the form that changes the order."""
    return [pair for pair in parse_qsl(by.address(f)[1:]) if pair[0] != "sort"]


def close_to(f: Filters, most: int = 3) -> list[Row]:
    """When nothing matches: projects that fit part of it (the words alone, any of them, the filters alone), else new ones."""
    try:
        with listing.bounded():
            return _close_to(f, most)
    except TooSlow:
        return []


def _close_to(f: Filters, most: int) -> list[Row]:
    size, _ = market()
    asked = words.read(f.q) if f.q else None
    tries = [(Filters(q=f.q), asked)] if f.q and f.count else []
    if len(asked.words if asked else ()) > 1:
        tries.append((replace(f, q=f.q), words.any_of(asked)))
        tries.append((Filters(q=f.q), words.any_of(asked)))
    if f.count and f.q:
        tries.append((replace(f, q=""), None))
    tries += [(Filters(skills=f.skills), None)] if f.skills else []
    tries += [(Filters(functions=f.functions), None)] if f.functions else []
    tries.append((Filters(), None))
    for filters, text in tries:
        plain = replace(filters, sort="newest", after="")
        rows, _, _ = listing.page(plain, text, skill_ids(plain.skills), None, 0 if text else None, size, most)
        if rows:
            return rows
    return []


def projects_of(rows: list[Row]) -> list[Project]:
    """The projects behind these rows, in their order, for those who need more than the card."""
    found = Project.objects.select_related("organisation").in_bulk([row.id for row in rows])
    return [found[row.id] for row in rows if row.id in found]


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


def saved_among(user, ids: list[int]) -> list[tuple]:
    """`(id, public_id, title, whether user has saved it)` of these projects, in one query."""
    mine = Bookmark.objects.filter(user=user, project=OuterRef("pk"))
    rows = Project.objects.filter(pk__in=ids).annotate(kept=Exists(mine))
    return list(rows.values_list("pk", "public_id", "title", "kept"))


def saved_by(user) -> QuerySet[Bookmark]:
    """What `user` has saved and may still see, newest first."""
    return (
        Bookmark.objects.filter(user=user, project__in=visible_to(user))
        .select_related("project__organisation")
        .order_by("-created_at", "-pk")
    )


def similar_to(project: Project, user, most: int = 3) -> list[Project]:
    """Open projects close to this one, by skills, meaning, words and field; `likeness` says how close, 0 to 1."""
    found = fits.like(project, most)
    rows = open_now().select_related("organisation").in_bulk([pk for pk, _ in found])
    for pk, likeness in found:
        if pk in rows:
            rows[pk].likeness = likeness
    return mark_saved(user, [rows[pk] for pk, _ in found if pk in rows])


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
