"""The pages of a dispute: opening one, the dispute itself, and the forms that act on it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketplace.ground import files as uploads
from marketplace.ground import once
from marketplace.ground.errors import Invalid
from projects.working import clocks
from projects.working import queries as working
from projects.working.forms import add_errors
from projects.working.pages import when

from . import actions, pages, queries
from .forms import AppealForm, StatementForm
from .states import DisputeState

FORM = ["GET", "HEAD", "POST"]


def _found(request, public_id):
    return get_object_or_404(queries.with_words(queries.visible_to(request.user)), public_id=public_id)


def _page_of(dispute):
    return redirect("disputing:dispute", dispute.public_id)


@login_required
@require_http_methods(FORM)
def new(request, public_id):
    row = get_object_or_404(working.milestones_visible_to(request.user), public_id=public_id)
    side = working.side_of(request.user, row.engagement)
    form = _statement_form(request, row, "opening", side)

    def act():
        return actions.open_dispute(by=request.user, milestone=row, **form.cleaned_data)

    made = _acted(request, form, act)
    if made == "before":
        return redirect("working:workspace", row.engagement.public_id)
    if made:
        messages.success(
            request,
            f"The dispute is open. The other side answers by {when(made.answer_by)}; every date stands still.",
        )
        return _page_of(made)
    queries.insist(request.user, row, "dispute")
    return render(
        request,
        "projects/disputing/new.html",
        {
            "form": form,
            "milestone": row,
            "engagement": row.engagement,
            "side": side,
            "rules": rules_of(row.engagement),
        },
        status=422 if form.errors else 200,
    )


def rules_of(engagement) -> dict:
    """The days that the agreement gives to each step."""
    names = ("dispute_answer_days", "dispute_decision_days", "dispute_appeal_days")
    return {name: clocks.rule(engagement, name) for name in names}


def _statement_form(request, milestone, kind, side):
    return StatementForm(
        request.POST or None,
        request.FILES or None,
        milestone=milestone,
        kind=kind,
        for_student=side == "student",
    )


def _acted(request, form, act):
    """What the act gave; "before" when this very form was sent already, None when there is something to correct."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        with once.only_once(request):
            return act()
    except once.SentAlready:
        return "before"
    except Invalid as error:
        add_errors(form, error)
    return None


@login_required
@require_safe
def dispute(request, public_id):
    found = _found(request, public_id)
    context = pages.dispute_of(request.user, found)
    return render(
        request, "projects/disputing/dispute.html", {**context, "rules": rules_of(found.engagement)}
    )


@login_required
@require_http_methods(FORM)
def answer(request, public_id):
    found = _found(request, public_id)
    side = working.side_of(request.user, found.engagement)
    form = _statement_form(request, found.milestone, "answer", side)

    def act():
        return actions.answer_dispute(by=request.user, dispute=found, **form.cleaned_data)

    made = _acted(request, form, act)
    if made:
        if made != "before":
            settled = made.state == DisputeState.SETTLED
            messages.success(
                request,
                "You named the same amount, so it is settled."
                if settled
                else f"Answered. If they do not accept it by {when(made.agree_by)}, a moderator decides.",
            )
        return _page_of(found)
    queries.insist(request.user, found, "answer")
    return render(
        request,
        "projects/disputing/answer.html",
        {**pages.dispute_of(request.user, found), "form": form, "rules": rules_of(found.engagement)},
        status=422 if form.errors else 200,
    )


@login_required
@require_http_methods(FORM)
def appeal(request, public_id):
    found = _found(request, public_id)
    form = AppealForm(request.POST or None)

    def act():
        return actions.appeal(by=request.user, dispute=found, text=form.cleaned_data["text"])

    made = _acted(request, form, act)
    if made:
        if made != "before":
            messages.success(request, f"Another moderator decides by {when(made.decide_by)}.")
        return _page_of(found)
    queries.insist(request.user, found, "appeal")
    return render(
        request,
        "projects/disputing/appeal.html",
        {**pages.dispute_of(request.user, found), "form": form},
        status=422 if form.errors else 200,
    )


def _press(request, public_id, act, done: str):
    found = _found(request, public_id)
    try:
        with once.only_once(request):
            act(found)
    except once.SentAlready:
        return _page_of(found)
    messages.success(request, done)
    return _page_of(found)


@login_required
@require_POST
def accept(request, public_id):
    typed = request.POST.get("amount", "")
    amount = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 12 else None

    def act(found):
        try:
            actions.accept_amount(by=request.user, dispute=found, amount=amount)
        except Invalid as error:
            raise Http404 from error  # the page's own button always says which amount

    return _press(request, public_id, act, "Settled. The money is on its way.")


@login_required
@require_POST
def withdraw(request, public_id):
    return _press(
        request,
        public_id,
        lambda found: actions.withdraw_dispute(by=request.user, dispute=found),
        "Withdrawn. Everything goes on, and every date has moved by as long as it stood still.",
    )


@login_required
@require_POST
def accept_decision(request, public_id):
    return _press(
        request,
        public_id,
        lambda found: actions.accept_decision(by=request.user, dispute=found),
        "You have accepted the decision.",
    )


@login_required
@require_safe
def download(request, public_id):
    row = get_object_or_404(queries.files_visible_to(request.user), public_id=public_id)
    if not row.file.storage.exists(row.file.name):
        raise Http404
    return uploads.send(row.file, row.name)
