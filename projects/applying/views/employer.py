"""The employer's side: the board, one applicant, a few side by side, and the answers to give."""

from types import SimpleNamespace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketplace.ground.errors import Invalid
from marketplace.ground.middleware import back
from projects.posting import queries as postings
from projects.posting.models import Project

from .. import actions, queries
from ..forms import DeclineForm, refill
from ..models import Application
from ..story import story

PAGE = 20
FEWEST, MOST = 2, 4  # side by side
LABELS = {"new": "New", "shortlist": "Shortlist", "closed": "Answered"}


def project_for(user, public_id: str) -> Project:
    """A posting of the organisations of `user` (moderators read any); else 404."""
    rows = Project.objects.all() if user.is_staff else postings.mine(user)
    return get_object_or_404(
        rows.select_related("organisation").filter(published_at__isnull=False), public_id=public_id
    )


def application_for(user, public_id: str) -> Application:
    return get_object_or_404(queries.for_employer(user), public_id=public_id)


def column(application: Application) -> SimpleNamespace:
    """What the board and the comparison show of one applicant."""
    profile = getattr(application.student, "student", None)
    skills = queries.skills_of(application)
    return SimpleNamespace(
        application=application,
        face=queries.face(application),
        profile=profile,
        skills=skills,
        hits=sum(1 for _, own in skills if own),
        answers={a.question_id: a.text for a in application.answers.all()},
        finished=application.finished,
        acts=queries.employer_acts(application),
    )


@login_required
@require_safe
def board(request, public_id: str):
    project = project_for(request.user, public_id)
    tab = request.GET.get("show") if request.GET.get("show") in LABELS else "new"
    counts = queries.tab_counts(project)
    page = Paginator(queries.board(project, request.user, tab), PAGE).get_page(request.GET.get("page"))
    columns = [column(row) for row in page.object_list]
    tabs = [
        {"label": label, "url": f"?show={key}", "current": key == tab, "count": counts[key]}
        for key, label in LABELS.items()
    ]
    offer = project.offers.filter(state="open").select_related("application__student").first()
    return render(
        request,
        "projects/applying/board.html",
        {
            "project": project,
            "columns": columns,
            "page": page,
            "tabs": tabs,
            "tab": tab,
            "counts": counts,
            "offer": offer,
            "window_open": postings.window_is_open(project),
            "most": MOST,
        },
    )


@login_required
@require_safe
def compare(request, public_id: str):
    """Two to four applicants side by side. Whoever is compared counts as opened: the whole application is shown."""
    project = project_for(request.user, public_id)
    chosen = list(dict.fromkeys(request.GET.getlist("with")))
    rows = queries.with_facts(
        Application.objects.filter(project=project, public_id__in=chosen[:50]).exclude(
            state__in=queries.UNSEEN
        )
    )
    found = {row.public_id: row for row in rows[:50]}
    picked = [found[key] for key in chosen if key in found]
    if not FEWEST <= len(picked) <= MOST:
        messages.warning(request, f"Choose {FEWEST} to {MOST} people to compare.")
        return redirect("applying:board", project.public_id)
    for application in picked:
        actions.open_application(by=request.user, application=application)
    return render(
        request,
        "projects/applying/compare.html",
        {
            "project": project,
            "columns": [column(row) for row in picked],
            "questions": list(project.questions.all()),
            "chosen": [row.public_id for row in picked],
        },
    )


@login_required
@require_safe
def applicant(request, public_id: str):
    application = get_object_or_404(
        queries.with_facts(queries.for_employer(request.user)), public_id=public_id
    )
    if application.student_id == request.user.pk:
        return redirect("applying:detail", application.public_id)
    actions.open_application(by=request.user, application=application)
    return render(
        request,
        "projects/applying/applicant.html",
        {
            "application": application,
            "project": application.project,
            "column": column(application),
            "questions": [(a.question, a.text) for a in application.answers.all()],
            "story": story(application, False),
            "acts": queries.allowed_actions(request.user, application),
            "offers": list(application.offers.all()[:5]),
            "next": reverse("applying:applicant", args=[application.public_id]),
        },
    )


@login_required
@require_POST
def shortlist(request, public_id: str):
    application = application_for(request.user, public_id)
    application = actions.shortlist(by=request.user, application=application)
    messages.success(request, f"{application.student.name} is on the shortlist and has been told.")
    return back(request, _board(application))


@login_required
@require_POST
def unshortlist(request, public_id: str):
    application = application_for(request.user, public_id)
    actions.unshortlist(by=request.user, application=application)
    messages.info(request, "Taken off the shortlist.")
    return back(request, _board(application))


def _board(application: Application) -> str:
    return reverse("applying:board", args=[application.project.public_id])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request, public_id: str):
    """A final no: one page that asks for the reason, and says what the student will read."""
    application = application_for(request.user, public_id)
    form = DeclineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.decline_application(by=request.user, application=application, **form.cleaned_data)
            messages.info(request, f"{queries.face(application).name} has your answer.")
            return redirect(_board(application))
        except Invalid as error:
            refill(form, error)
    acts = queries.allowed_actions(request.user, application)
    return render(
        request,
        "projects/applying/decline.html",
        {
            "application": application,
            "project": application.project,
            "form": form,
            "face": queries.face(application),
            "reason": acts.get("decline", "Only people of the organisation that posted this can answer."),
            "read": application.opened_at is not None,
        },
        status=422 if form.errors else 200,
    )


@login_required
@require_POST
def names(request, public_id: str):
    """The switch of the blind first look."""
    project = project_for(request.user, public_id)
    hide = request.POST.get("hide") == "yes"
    actions.hide_names(by=request.user, project=project, hide=hide)
    messages.info(
        request,
        "Names and schools are hidden until the shortlist."
        if hide
        else "Names and schools are shown. That is kept in the project’s history.",
    )
    return back(request, reverse("applying:board", args=[project.public_id]))
