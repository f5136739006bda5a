"""The employer's list of students who fit, and the invitation as both sides see it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organisation
from accounts.users.views import add_errors
from marketplace.ground import policy
from marketplace.ground.errors import Invalid, WrongMoment
from marketplace.ground.models import StateChange
from projects.matching.queries import fit_of
from projects.posting import queries as postings
from projects.posting.models import Project
from projects.search.panels import panels_for

from . import actions, finding, queries
from .forms import InviteForm, NoForm


def project_for(user, public_id: str) -> Project:
    """A published posting of the organisations of `user`; else 404. Moderators have the admin for this."""
    rows = postings.mine(user).filter(published_at__isnull=False)
    return get_object_or_404(rows.prefetch_related("project_skills__skill"), public_id=public_id)


@login_required
@require_safe
def students(request, public_id: str):
    """Students who fit, without names, and what became of those who were asked."""
    project = project_for(request.user, public_id)
    closed = finding.why_not_find(project)
    found = None if closed else finding.listed(project, request.user)
    asked = list(queries.of_project(project)[:200])
    context = {
        "project": project,
        "closed": closed,
        "verified": finding.is_verified(project.organisation),
        "found": found,
        "asked": asked,
        "full": closed or queries.why_not_invite(project),
        "most": policy.current().invitations_per_project,
    }
    return render(request, "projects/inviting/students.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request, public_id: str, key: str, place: int):
    """Ask the student who stands at `place` of a list that was shown to this employer."""
    project = project_for(request.user, public_id)
    profile = finding.student_at(project, key, place)
    if profile is None:
        raise Http404
    form, why = InviteForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            sent = actions.invite(by=request.user, project=project, student=profile, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        except WrongMoment as refusal:
            why = refusal.reason
        else:
            messages.success(
                request, f"{sent.student.name} is invited, and has until {sent.expires_at:%d %B} to answer."
            )
            return redirect("inviting:students", project.public_id)
    else:
        why = queries.why_not_invite(project) or queries.why_not_ask(project, profile)
    fit = fit_of(project, profile)
    face = finding.faces(project, [(profile, fit)])[0] if fit else None
    context = {"project": project, "face": face, "place": place, "form": form, "why": why}
    status = 409 if why and request.method == "POST" else 422 if form.errors else 200
    return render(request, "projects/inviting/invite.html", context, status=status)


@login_required
@require_safe
def mine(request):
    """A student's invitations, and the employers who may send no more."""
    page = Paginator(queries.received(request.user), queries.PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "blocks": list(queries.blocked_by(request.user)[:100])}
    return render(request, "projects/inviting/mine.html", context)


@login_required
@require_safe
def invitation(request, public_id: str):
    return _show(request, get_object_or_404(queries.visible_to(request.user), public_id=public_id))


def _show(request, row, form=None):
    student = row.student_id == request.user.pk
    context = {
        "invitation": row,
        "project": row.project,
        "is_student": student,
        "net": postings.net(row.project),
        "acts": queries.allowed_actions(request.user, row),
        "apply": panels_for(request, row.project).get("apply") if student else None,
        "form": form or NoForm(),
        "story": StateChange.of(row),
    }
    bad = form is not None and form.errors
    return render(request, "projects/inviting/invitation.html", context, status=422 if bad else 200)


@login_required
@require_POST
def decline(request, public_id: str):
    row = get_object_or_404(queries.visible_to(request.user), public_id=public_id)
    form = NoForm(request.POST)
    if not form.is_valid():
        return _show(request, row, form)
    actions.decline(by=request.user, invitation=row, **form.cleaned_data)
    messages.info(request, "Your no is sent. Thank you for answering.")
    return redirect("inviting:mine")


@login_required
@require_POST
def withdraw(request, public_id: str):
    row = get_object_or_404(queries.visible_to(request.user), public_id=public_id)
    actions.withdraw(by=request.user, invitation=row)
    messages.info(request, f"The invitation of {row.student.name} is taken back.")
    return redirect("inviting:students", row.project.public_id)


@login_required
@require_POST
def unblock(request, public_id: str):
    organisation = get_object_or_404(Organisation, public_id=public_id, blocked_by__student=request.user)
    actions.unblock(by=request.user, organisation=organisation)
    messages.success(request, f"{organisation.name} may invite you again.")
    return redirect("inviting:mine")
