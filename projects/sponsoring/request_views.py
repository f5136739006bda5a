"""Requests: the sponsor's queue and list, one request for both sides, and asking for a project."""

from decimal import Decimal

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.students.models import StudentProfile
from marketplace.ground.errors import Invalid, NotAllowed
from marketplace.ground.models import StateChange
from marketplace.ground.money import rounded
from payments.holds.figures import figures_of
from projects.posting import queries as posting

from . import actions, queries, rules
from .forms import AskForm, DeclineForm
from .models import Draw, Programme
from .views import PAGE, _refill, _wallet


@login_required
@require_safe
def requests(request, public_id: str):
    """What waits for the sponsor's answer, the oldest first, with the facts to decide by."""
    row = _wallet(request, public_id)
    page = Paginator(queries.requests(row), PAGE).get_page(request.GET.get("page"))
    for draw in page:
        draw.net, draw.hourly = posting.net(draw.project), posting.hourly_net(draw.project)
        draw.most = rounded(Decimal(draw.net) * draw.share_bp / 10_000, draw.project.currency)
    return render(
        request,
        "projects/sponsoring/requests.html",
        {"wallet": row, "page": page, "free": queries.free(row)},
    )


@login_required
@require_safe
def sponsored(request, public_id: str):
    """What the sponsor's money has done: every answered request, with how the work stands."""
    row = _wallet(request, public_id)
    page = Paginator(queries.draws(row), PAGE).get_page(request.GET.get("page"))
    found = figures_of([draw.hold for draw in page if draw.hold_id])
    ours = set(
        StudentProfile.objects.filter(
            user__in=[draw.student_id for draw in page if draw.student_id], school=row.school_id
        ).values_list("user", flat=True)
        if row.school_id
        else ()
    )
    for draw in page:
        draw.money = found.get(draw.hold_id)
        # A school reads the names of its own students only.
        draw.whose = draw.student if draw.hold_id and draw.student_id in ours else None
    return render(request, "projects/sponsoring/sponsored.html", {"wallet": row, "page": page})


def _draw(request, public_id: str) -> Draw:
    return get_object_or_404(queries.visible_to(request.user), public_id=public_id)


@login_required
@require_safe
def draw(request, public_id: str):
    return _show(request, _draw(request, public_id), DeclineForm())


def _show(request, row: Draw, form):
    side, wallet = queries.side_of(request.user, row), row.programme.wallet
    project = row.project
    return render(
        request,
        "projects/sponsoring/draw.html",
        {
            "draw": row,
            "project": project,
            "wallet": wallet,
            "side": side,
            "acts": queries.allowed_actions(request.user, row),
            "form": form,
            "net": posting.net(project),
            "hourly": posting.hourly_net(project),
            "problems": rules.why_not_project(row.programme, project) if row.state == "asked" else [],
            "free": queries.free(wallet) if side != "employer" else None,
            "gone": rules.taken(row.programme) if side != "employer" else None,
            "changes": StateChange.of(row),
        },
        status=422 if form.errors else 200,
    )


@login_required
@require_POST
def approve(request, public_id: str):
    row = actions.approve_draw(by=request.user, draw=_draw(request, public_id))
    messages.success(request, f"{row.project.organisation.name} has your yes.")
    return redirect("sponsoring:draw", row.public_id)


@login_required
@require_POST
def decline(request, public_id: str):
    row = _draw(request, public_id)
    if "decline" not in queries.allowed_actions(request.user, row):
        raise NotAllowed("This is for the sponsor to answer.")
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _show(request, row, form)
    row = actions.decline_draw(by=request.user, draw=row, reason=form.cleaned_data["reason"])
    messages.info(request, f"{row.project.organisation.name} has your answer.")
    return redirect("sponsoring:draw", row.public_id)


@login_required
@require_POST
def withdraw(request, public_id: str):
    row = actions.withdraw_request(by=request.user, draw=_draw(request, public_id))
    messages.info(request, "The project goes on without a sponsor.")
    return redirect("posting:manage", row.project.public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request, public_id: str):
    """The programmes that could pay a share of this project; those that do not fit say why."""
    project = get_object_or_404(
        posting.managed_by(request.user).select_related("organisation"), public_id=public_id
    )
    acts = queries.allowed_actions(request.user, project)
    if "ask" not in acts:
        raise NotAllowed("Only people of the organisation ask for a sponsor.")
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        chosen = get_object_or_404(Programme, public_id=form.cleaned_data["programme"], state="open")
        try:
            made = actions.ask_sponsorship(
                by=request.user, project=project, programme=chosen, note=form.cleaned_data["note"]
            )
        except Invalid as error:
            _refill(form, error)
        else:
            messages.success(
                request,
                f"{chosen.wallet.sponsor} sponsors it."
                if made.state == "approved"
                else f"{chosen.wallet.sponsor} has your request.",
            )
            return redirect("sponsoring:draw", made.public_id)
    return render(
        request,
        "projects/sponsoring/ask.html",
        {
            "project": project,
            "form": form,
            "reason": acts["ask"],
            "live": queries.draw_of(project),
            "offers": queries.programmes_for(project) if acts["ask"] is None else [],
            "net": posting.net(project),
        },
        status=422 if form.errors else 200,
    )
