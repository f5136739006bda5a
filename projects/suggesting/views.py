"""The student's own list, "not for me", and what the list has learned."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.students.queries import completeness
from accounts.students.views import student_page
from marketplace.ground.errors import Invalid
from projects.exposing.actions import log_list
from projects.exposing.models import ListKind
from projects.posting import queries as posting
from projects.search.queries import mark_saved
from projects.search.views import cards_of

from . import actions, queries
from .models import Why


@student_page
@require_safe
def for_you(request):
    """Projects that fit, best first, with the reasons."""
    found = queries.for_you(request.profile)
    page = Paginator(found, queries.PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    mark_saved(request.user, [one.project for one in shown])
    log_list(
        ListKind.FOR_YOU,
        about=request.user.pk,
        shown=[(one.project.pk, one.fit.score) for one in shown],
        start=page.start_index() - 1 if shown else 0,
    )
    context = {
        "page": page,
        "cards": [
            card | {"reasons": one.fit.reasons(), "lowered": one.lowered}
            for one, card in zip(shown, cards_of(one.project for one in shown), strict=True)
        ],
        "whys": Why.choices,
        "hidden": queries.visible_to(request.user).count(),
    }
    if not shown:
        context |= {
            "steps": completeness(request.profile).next[:3],
            "opens": queries.would_open(request.profile),
        }
    return render(request, "projects/suggesting/for_you.html", context)


@student_page
@require_POST
def dismiss(request, public_id: str):
    """Not for me, because ... The answer is a line with an undo, in the card's place."""
    project = get_object_or_404(posting.visible_to(request.user), public_id=public_id)
    try:
        row = actions.dismiss(by=request.user, project=project, why=request.POST.get("why", ""))
    except Invalid:
        if request.htmx:
            return render(
                request,
                "projects/suggesting/_dismiss.html",
                {"project": project, "whys": Why.choices, "missing": True},
                status=422,
            )
        messages.warning(request, "Choose a reason, so that the list can learn from it.")
        return redirect("suggesting:for-you")
    if request.htmx:
        return render(
            request, "projects/suggesting/_gone.html", {"project": project, "words": queries.in_words(row)}
        )
    messages.success(request, f"“{project.title}” is off your list. {queries.in_words(row)}.")
    return redirect("suggesting:for-you")


@student_page
@require_POST
def undo(request, public_id: str):
    project = get_object_or_404(posting.visible_to(request.user), public_id=public_id)
    actions.undo_dismissal(by=request.user, project=project)
    messages.success(request, f"“{project.title}” is back on your list.")
    return redirect("suggesting:learned" if request.POST.get("from") == "learned" else "suggesting:for-you")


@student_page
@require_safe
def learned(request):
    """What was said no to, what follows from it, and the way back."""
    groups = queries.learned_of(request.user)
    moves = any(row.learned for _, rows in groups for row in rows)
    return render(request, "projects/suggesting/learned.html", {"groups": groups, "moves": moves})


@student_page
@require_POST
def forget(request):
    actions.forget_learned(by=request.user)
    messages.success(request, "Forgotten. What you hid stays hidden, and moves nothing else.")
    return redirect("suggesting:learned")
