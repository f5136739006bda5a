"""Reads of saved searches: what somebody keeps, in words, and what is due."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from accounts.models import Notification, Preference
from accounts.notifications.actions import wanted
from accounts.skills.functions import Function
from accounts.skills.models import Skill
from marketplace.ground import clock
from projects.matching.notices import MATCH
from projects.posting.models import LocationMode, Project
from projects.posting.queries import open_now
from projects.search import filters as filtering
from projects.search.filters import Filters
from projects.search.queries import browse

from .models import Alert, SavedSearch

H = SavedSearch.How


def visible_to(user) -> QuerySet[SavedSearch]:
    """One's own saved searches, newest first."""
    return SavedSearch.objects.filter(user=user) if user.is_authenticated else SavedSearch.objects.none()


def query_of(filters: Filters) -> str:
    """The query string of a filter without `?`, order and page: what makes two searches the same."""
    return filtering.address(filters, sort="")[1:]


def describe(filters: Filters) -> str:
    """A filter in a few words, to name a search by: `“survey”, Research, Remote, 16 to 28 hours`."""
    functions, places = dict(Function.choices), dict(LocationMode.choices)
    skills = dict(Skill.objects.filter(slug__in=filters.skills).values_list("slug", "name"))
    words = [f"“{filters.q}”"] if filters.q else []
    words += [functions[value] for value in filters.functions]
    words += [skills.get(slug, slug) for slug in filters.skills]
    words += [places[value] for value in filters.places]
    words += [filtering.HOURS[value][2] for value in filters.hours]
    words += [filtering.PAY[value][2] for value in filters.pay]
    if filters.rate:
        words.append(f"${filters.rate} an hour or more")
    for value, text in (
        (filters.hours_min, "from {} hours"),
        (filters.hours_max, "up to {} hours"),
        (filters.pay_min and filters.pay_min // 100, "from ${}"),
        (filters.pay_max and filters.pay_max // 100, "up to ${}"),
    ):
        if value is not None:
            words.append(text.format(value))
    text = ", ".join(words) or "Every new project"
    return text if len(text) <= 80 else f"{text[:79]}…"


def newest(query: str) -> list[Project]:
    """The newest open projects of a query string, one page of them, as a visitor sees them."""
    params = QueryDict(query, mutable=True)
    params["sort"] = "newest"
    params.pop("after", None)
    ids = browse(params, None).ids
    found = open_now().select_related("organisation").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


# --- what is due ---------------------------------------------------------------------------------------------
def at_once(project: Project) -> QuerySet[Alert]:
    """Alerts of searches at once about `project` whose people have been told of it."""
    told = Notification.objects.filter(
        user=OuterRef("search__user"),
        kind__in=("saved-search", MATCH.slug),
        thing=f"projects.project:{project.pk}",
    )
    return Alert.objects.filter(Exists(told), project=project, told_at=None, search__how=H.INSTANT)


def due_searches() -> QuerySet[SavedSearch]:
    """Daily and weekly searches whose day has come, and searches at once that were held back a day ago."""
    now = clock.now()
    day, week = now - timedelta(days=1), now - timedelta(days=7)
    held = Exists(Alert.objects.filter(search=OuterRef("pk"), told_at=None, found_at__lte=day))
    return SavedSearch.objects.filter(
        Q(how=H.DAILY, sent_at__lte=day)
        | Q(how=H.WEEKLY, sent_at__lte=week)
        | Q(held, how=H.INSTANT, sent_at__lte=day)
    )


def people_due() -> list[int]:
    """Keys of the people with a search that is due and an alert that waits in it."""
    waiting = Exists(Alert.objects.filter(search=OuterRef("pk"), told_at=None))
    rows = due_searches().filter(waiting, user__is_active=True, user__suspended_at=None)
    return list(rows.order_by("user_id").values_list("user_id", flat=True).distinct())


def told_as_match(user, projects) -> set[int]:
    """Those of `projects` (keys) that `user` was sent as a match, at once or in a digest."""
    if wanted(user, MATCH) == Preference.How.APP:
        return set()
    names = {f"projects.project:{pk}": pk for pk in projects}
    rows = Notification.objects.filter(user=user, kind=MATCH.slug, thing__in=names)
    return {names[thing] for thing in rows.values_list("thing", flat=True)}


def untold(searches: list[SavedSearch]) -> list[Alert]:
    """What waits in these searches about projects that are still open, newest first."""
    return list(
        Alert.objects.filter(search__in=searches, told_at=None, project__in=open_now().values("pk"))
        .select_related("project__organisation")
        .order_by("-project__published_at", "-pk")[:500]
    )
