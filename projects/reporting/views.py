"""The form to report something, and what became of one's reports."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from . import actions, queries
from .forms import ReportForm

WORDS = {"posting": "project", "person": "person", "message": "message"}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request, kind: str, public_id: str):
    target = queries.target_of(request.user, kind, public_id)
    refusal = queries.may_report(request.user, kind, target)
    form, status = ReportForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST" and refusal is None:
        if _made(request, form, kind, target):
            messages.success(request, "Thank you. A moderator answers by the next business day.")
            return redirect("reporting:mine")
        status = 422
    context = {
        "form": form,
        "kind": WORDS[kind],
        "target": target,
        "refusal": refusal,
        "back": _back(kind, target),
    }
    return render(request, "projects/reporting/new.html", context, status=status if refusal is None else 409)


def _made(request, form: ReportForm, kind: str, target) -> bool:
    if not form.is_valid():
        return False
    try:
        actions.make_report(by=request.user, kind=kind, target=target, **form.cleaned_data)
    except ValidationError as problem:
        for field, words in problem.message_dict.items():
            for word in words:
                form.add_error(field, word)
        return False
    return True


def _back(kind: str, target) -> str:
    if kind == "posting":
        return reverse("search:project", args=[target.public_id])
    return reverse("landing")


@login_required
@require_safe
def mine(request):
    page = Paginator(
        queries.visible_to(request.user).filter(reporter=request.user).select_related("project", "person"),
        20,
    ).get_page(request.GET.get("page"))
    return render(request, "projects/reporting/mine.html", {"page": page})
