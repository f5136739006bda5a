"""The pages of working together: the list, the workspace, one milestone, and the forms that act on them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketplace.ground import files as uploads
from marketplace.ground.errors import Invalid, WrongMoment
from payments.holds import queries as holds
from projects.hiring.states import MilestoneState

from . import actions, clocks, pages, queries
from .forms import AnswerForm, CancelForm, ChangesForm, ExtensionForm, SubmitForm, add_errors

PER_PAGE = 20
FORM = ["GET", "HEAD", "POST"]


@login_required
@require_safe
def mine(request):
    """Everything one works on, on either side: the next step, who does it, by when."""
    ended = request.GET.get("show") == "ended"
    page = Paginator(queries.mine(request.user, live=not ended), PER_PAGE).get_page(request.GET.get("page"))
    rows = pages.rows_of(request.user, page.object_list)
    return render(
        request,
        "projects/working/mine.html",
        {
            "page": page,
            "rows": rows,
            "ended": ended,
            "yours": sum(row["step"].who == "you" for row in rows),
            "tabs": [
                {"label": "Going on", "url": "?", "current": not ended, "count": None},
                {"label": "Ended", "url": "?show=ended", "current": ended, "count": None},
            ],
        },
    )


@login_required
@require_safe
def workspace(request, public_id):
    engagement = get_object_or_404(queries.whole(request.user), public_id=public_id)
    return render(request, "projects/working/workspace.html", pages.workspace_of(request.user, engagement))


@login_required
@require_safe
def milestone(request, public_id):
    row = get_object_or_404(queries.milestones_visible_to(request.user), public_id=public_id)
    return render(request, "projects/working/milestone.html", pages.milestone_of(request.user, row))


@login_required
@require_http_methods(FORM)
def hand_in(request, public_id):
    row = get_object_or_404(queries.milestones_visible_to(request.user), public_id=public_id)
    queries.insist(request.user, row, "submit")
    rule = queries.ai_rule(row.engagement)
    form = SubmitForm(request.POST or None, request.FILES or None, rule=rule)
    if request.method == "POST" and form.is_valid():
        try:
            actions.submit_work(by=request.user, milestone=row, **form.work())
        except Invalid as error:
            add_errors(form, error)
        else:
            row.refresh_from_db(fields=["review_ends_at"])
            messages.success(
                request,
                f"Handed in. {row.engagement.organisation.name} answers by "
                f"{pages.when(row.review_ends_at)}, or it counts as approved.",
            )
            return redirect("working:milestone", row.public_id)
    return render(
        request,
        "projects/working/hand_in.html",
        {
            **pages.milestone_of(request.user, row),
            "form": form,
            "rule": rule,
        },
        status=422 if form.errors else 200,
    )


@login_required
@require_http_methods(FORM)
def changes(request, public_id):
    row = get_object_or_404(queries.milestones_visible_to(request.user), public_id=public_id)
    queries.insist(request.user, row, "request_changes")
    form = ChangesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change = actions.request_changes(
                by=request.user, milestone=row, points=form.cleaned_data["points"]
            )
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(
                request,
                f"{row.engagement.student.get_short_name()} has your changes and answers by "
                f"{pages.when(change.due_at)}.",
            )
            return redirect("working:milestone", row.public_id)
    return render(
        request,
        "projects/working/changes.html",
        {
            **pages.milestone_of(request.user, row),
            "form": form,
            "rounds": clocks.rule(row.engagement, "revision_rounds"),
            "days": clocks.rule(row.engagement, "revision_days"),
        },
        status=422 if form.errors else 200,
    )


@login_required
@require_POST
def approve(request, public_id):
    row = get_object_or_404(queries.milestones_visible_to(request.user), public_id=public_id)
    try:
        approved = actions.approve_milestone(by=request.user, milestone=row)
    except WrongMoment:
        approved = queries.fresh(row)
        if approved.state != MilestoneState.APPROVED:
            raise
        return redirect("working:workspace", approved.engagement.public_id)  # the second of two clicks
    messages.success(request, f"“{row.title}” is approved, and its pay is on its way.")
    return redirect("working:workspace", approved.engagement.public_id)


@login_required
@require_POST
def approve_all(request, public_id):
    engagement = get_object_or_404(queries.visible_to(request.user), public_id=public_id)
    done = actions.approve_all(by=request.user, engagement=engagement)
    messages.success(
        request, f"Approved: {', '.join(f'“{row.title}”' for row in done)}. The pay is on its way."
    )
    return redirect("working:workspace", engagement.public_id)


@login_required
@require_POST
def start(request, public_id):
    engagement = get_object_or_404(queries.visible_to(request.user), public_id=public_id)
    actions.kick_off(by=request.user, engagement=engagement)
    messages.success(request, "The project has started.")
    return redirect("working:workspace", engagement.public_id)


@login_required
@require_http_methods(FORM)
def more_time(request, public_id):
    row = get_object_or_404(queries.milestones_visible_to(request.user), public_id=public_id)
    queries.insist(request.user, row, "ask_extension")
    first, last = queries.extension_days(row)
    form = ExtensionForm(request.POST or None, first=first, last=last)
    if request.method == "POST" and form.is_valid():
        try:
            asked = actions.ask_extension(by=request.user, milestone=row, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(
                request, f"Asked. Without an answer by {pages.when(asked.answer_by)} it is granted."
            )
            return redirect("working:workspace", row.engagement.public_id)
    return render(
        request,
        "projects/working/more_time.html",
        {**pages.milestone_of(request.user, row), "form": form},
        status=422 if form.errors else 200,
    )


@login_required
@require_POST
def answer(request, public_id):
    extension = get_object_or_404(queries.extensions_visible_to(request.user), public_id=public_id)
    engagement = extension.milestone.engagement
    queries.insist(request.user, extension, "answer")
    form = AnswerForm(request.POST)
    if form.is_valid():
        grant = form.cleaned_data["grant"] == "yes"
        actions.answer_extension(
            by=request.user, extension=extension, grant=grant, note=form.cleaned_data["note"]
        )
        messages.success(request, "More time is granted." if grant else "The date stays as it is.")
        return redirect("working:workspace", engagement.public_id)
    whole = get_object_or_404(queries.whole(request.user), public_id=engagement.public_id)
    return render(
        request,
        "projects/working/workspace.html",
        {**pages.workspace_of(request.user, whole), "form": form, "answering": extension.pk},
        status=422,
    )


@login_required
@require_http_methods(FORM)
def cancel(request, public_id):
    """Says what it comes to before anything happens."""
    engagement = get_object_or_404(queries.whole(request.user), public_id=public_id)
    queries.insist(request.user, engagement, "cancel")
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ending = actions.cancel_engagement(
                by=request.user, engagement=engagement, note=form.cleaned_data["note"]
            )
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(
                request,
                "The project is cancelled."
                if ending.settled_at
                else f"The project ends on {pages.when(ending.settles_at)}.",
            )
            return redirect("working:workspace", engagement.public_id)
    side = queries.side_of(request.user, engagement)
    return render(
        request,
        "projects/working/cancel.html",
        {
            "engagement": engagement,
            "side": side,
            "form": form,
            "preview": queries.cancel_preview(engagement, side),
            "handed_in": [m for m in engagement.milestones.all() if m.state == "submitted"],
        },
        status=422 if form.errors else 200,
    )


@login_required
@require_safe
def receipt(request, public_id):
    engagement = get_object_or_404(
        queries.visible_to(request.user).select_related("hold"), public_id=public_id
    )
    names = {milestone.part_ref: milestone.title for milestone in engagement.milestones.all()}
    found = holds.receipt_for(engagement.hold, names) if engagement.hold_id else None
    if found is None:
        raise WrongMoment("The receipt is written when the funds are secured.")
    side = "student" if queries.side_of(request.user, engagement) == "student" else "employer"
    return render(
        request,
        "projects/working/receipt.html",
        {
            "engagement": engagement,
            "receipt": found,
            "side": side,
            "invoice": None
            if side == "student"
            else engagement.hold.documents.filter(kind="invoice").first(),
        },
    )


@login_required
@require_safe
def download(request, public_id):
    row = get_object_or_404(queries.files_visible_to(request.user), public_id=public_id)
    if not row.file.storage.exists(row.file.name):
        raise Http404
    return uploads.send(row.file, row.name)
