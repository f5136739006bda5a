"""The pages for finding a project: the list, one project, and what was saved."""

from collections.abc import Iterable

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marketplace.ground.middleware import back
from projects.posting import queries as postings
from projects.posting.models import Project
from projects.posting.showing import place, show
from projects.sponsoring import queries as sponsoring

from . import actions, edge, queries, shown, structured
from . import words as word_queries
from .panels import panels_for
from .signals import listed


@require_safe
def browse(request):
    found = queries.browse(request.GET, request.user)
    fragment = request.htmx and request.htmx.target == "results"
    response = HttpResponse((shown.fragment if fragment else shown.page)(request, found))
    if not found.slow:
        edge.may_keep(request, response, found.rows)
    if found.rows:
        _told_of(request, "browse", found.filters.sort, [(pk, None) for pk in found.ids], found.start)
    return response


def _told_of(request, kind: str, order: str, shown: list[tuple], start: int = 0) -> None:
    if request.user.is_authenticated:
        listed.send(sender=Project, reader=request.user, kind=kind, order=order, shown=shown, start=start)


def similar_cards(request, thing: Project) -> list[dict]:
    """The cards of open projects like `thing`."""
    found = queries.similar_to(thing, request.user)
    if found:
        _told_of(request, "similar", str(thing.pk), [(one.pk, one.likeness) for one in found])
    return cards_of(found)


@require_safe
def words(request):
    """What may be typed next, as the options of the search box."""
    found = word_queries.suggest(request.GET.get("q", ""))
    return render(request, "projects/search/_words.html", {"words": found})


def cards_of(projects: Iterable[Project]) -> list[dict]:
    """What the cards of these projects show; `saved` is None for a visitor, who has nowhere to keep it."""
    projects = list(projects)
    sponsors = sponsoring.sponsors_of(project.pk for project in projects)
    return [_card(project, sponsors.get(project.pk, "")) for project in projects]


def _card(project: Project, sponsor: str) -> dict:
    return {
        "sponsor": sponsor,
        "project": project,
        "net": postings.net(project),
        "place": place(project),
        "url": reverse("search:project", args=[project.public_id]),
        "save_url": "" if project.saved is None else save_url(project.public_id, project.saved),
    }


def save_url(public_id: str, saved: bool) -> str:
    """Where the bookmark posts to: it says what is wanted, so that a second click does not undo the first."""
    return reverse("search:bookmark", args=[public_id]) + f"?saved={0 if saved else 1}"


@require_safe
def project(request, public_id: str):
    thing = get_object_or_404(
        postings.visible_to(request.user).select_related("organisation").prefetch_related("milestones"),
        public_id=public_id,
    )
    queries.mark_saved(request.user, [thing])
    if not postings.sees_whole(request.user, thing):
        context = {"project": thing, "similar": similar_cards(request, thing)}
        return render(request, "projects/search/closed.html", context)
    shown = show(thing)
    open_now = postings.window_is_open(thing) and not thing.paused_at
    context = {
        "project": thing,
        "shown": shown,
        "is_open": open_now,
        "panels": panels_for(request, thing),
        "json_ld": structured.script(structured.job_posting(shown)) if open_now else "",
        "acts": postings.allowed_actions(request.user, thing),
        "similar": similar_cards(request, thing),
        "save_url": save_url(thing.public_id, bool(thing.saved)),
        "sponsored": sponsoring.promise_of(thing),
    }
    return render(request, "projects/search/project.html", context)


@login_required
@require_safe
def saved(request):
    page = Paginator(queries.saved_by(request.user), queries.PAGE_SIZE).get_page(request.GET.get("page"))
    projects = [row.project for row in page.object_list]
    for project in projects:
        project.saved = True
    cards = [
        shown | {"is_open": postings.window_is_open(project) and not project.paused_at}
        for project, shown in zip(projects, cards_of(projects), strict=True)
    ]
    return render(request, "projects/search/saved.html", {"page": page, "cards": cards})


@login_required
@require_POST
def bookmark(request, public_id: str):
    thing = get_object_or_404(postings.visible_to(request.user), public_id=public_id)
    saved = request.GET.get("saved") != "0"
    (actions.save_project if saved else actions.unsave_project)(by=request.user, project=thing)
    if request.htmx:
        context = {"saved": saved, "title": thing.title, "save_url": save_url(thing.public_id, saved)}
        return render(request, "components/save.html", context)
    return back(request, reverse("search:project", args=[thing.public_id]))
