"""The thread of an engagement: newest at the foot, older pages above."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from marketplace.ground import clock, ids
from marketplace.ground.errors import Invalid
from projects.working.forms import add_errors
from projects.working.queries import side_of
from projects.working.queries import visible_to as engagements_visible_to

from . import actions, queries
from .forms import MessageForm

PER_PAGE = 20


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def thread(request, public_id):
    engagement = get_object_or_404(engagements_visible_to(request.user), public_id=public_id)
    form = MessageForm(request.POST or None, initial={"form_token": ids.secret()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.post_message(by=request.user, engagement=engagement, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        else:
            if request.htmx:
                return render(request, "projects/talking/_thread.html", _context(request, engagement, None))
            return redirect("talking:thread", engagement.public_id)
    template = (
        "projects/talking/_thread.html"
        if request.htmx and not request.htmx.boosted
        else ("projects/talking/thread.html")
    )
    return render(request, template, _context(request, engagement, form), status=422 if form.errors else 200)


def _context(request, engagement, form):
    page = Paginator(queries.thread(engagement), PER_PAGE).get_page(request.GET.get("page"))
    messages = list(page.object_list)[::-1]
    if messages and page.number == 1:
        actions.mark_read(by=request.user, engagement=engagement, until=messages[-1].at)
    side = side_of(request.user, engagement)
    return {
        "engagement": engagement,
        "page": page,
        "thread": messages,
        "side": side,
        "today": clock.now(),
        "other": engagement.organisation.name if side == "student" else engagement.student.name,
        "why_not": queries.allowed_actions(request.user, engagement).get("post"),
        "form": form or MessageForm(initial={"form_token": ids.secret()}),
    }
