"""The mail that shows a few projects well: pay, hours and reasons first, five at the most, the rest behind a link."""

from django.conf import settings
from django.urls import reverse

from accounts.notifications.actions import unsubscribe_url
from accounts.students.queries import profile_of
from marketplace.ground.money import show
from projects.exposing.actions import log_list
from projects.exposing.models import ListKind
from projects.posting import queries as posting
from projects.posting.showing import place
from projects.suggesting.queries import fits_of

from .models import Alert, SavedSearch

SHOWN = 5


def sections(user, searches: list[SavedSearch], untold: list[Alert]) -> tuple[list[dict], int]:
    """(one part for each search that found something, how many projects in all). No project stands there twice.

    The five best fits for a student with a profile, else the five newest, are shown whole.
    """
    projects = {alert.project_id: alert.project for alert in untold}
    profile = profile_of(user)
    fits = fits_of(profile, list(projects.values())) if profile else {}
    ranked = sorted(projects, key=lambda pk: (-(fits[pk].score if pk in fits else 0), -pk))[:SHOWN]
    if profile:
        shown = [(pk, fits[pk].score if pk in fits else 0.0) for pk in ranked]
        log_list(ListKind.ALERT, about=user.pk, shown=shown)
    found, taken = [], set()
    for search in searches:
        mine = {alert.project_id for alert in untold if alert.search_id == search.pk}
        here = [pk for pk in ranked if pk in mine and pk not in taken]
        taken.update(here)
        if mine:
            found.append(_section(user, search, [(projects[pk], fits.get(pk)) for pk in here], len(mine)))
    return sorted(found, key=lambda part: -len(part["projects"])), len(projects)


def _section(user, search: SavedSearch, lines: list[tuple], number: int) -> dict:
    return {
        "public_id": search.public_id,
        "name": search.name,
        "url": f"{settings.SITE_URL}{reverse('search:browse')}?{search.query}",
        "stop_url": unsubscribe_url(user, "saved-search", search.public_id),
        "projects": [_line(project, fit) for project, fit in lines],
        "more": number - len(lines),
    }


def _in_a_sentence(words: str) -> str:
    """`Partly on site, Northgate` -> `partly on site, Northgate`."""
    return words[:1].lower() + words[1:]


def _line(project, fit) -> dict:
    return {
        "title": project.title,
        "url": settings.SITE_URL + reverse("search:project", args=[project.public_id]),
        "employer": project.organisation.name,
        "verified": project.organisation.verified_at is not None,
        "net": show(posting.net(project), project.currency),
        "hourly": show(posting.hourly_net(project), project.currency),
        "hours": f"{project.hours.normalize():f}",
        "place": _in_a_sentence(place(project)),
        "function": project.get_function_display(),
        "apply_by": project.apply_by,
        "outcome": project.outcome,
        "reasons": fit.reasons()[:2] if fit else [],
    }
