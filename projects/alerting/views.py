"""The pages of saved searches."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.users.views import add_errors
from marketplace.ground.errors import Invalid, WrongMoment
from projects.search import filters as filtering

from . import actions, feeds, queries
from .forms import SearchForm


@login_required
@require_safe
def searches(request):
    """One's own, at most twenty, so that one page holds them."""
    rows = list(queries.visible_to(request.user))
    for row in rows:
        row.words_shown = queries.describe(filtering.read(QueryDict(row.query)))
        row.feed = feeds.address("alerting:atom", row.query)
    return render(
        request, "projects/alerting/searches.html", {"searches": rows, "most": actions.MAX_SEARCHES}
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """Keep the filter that stands in the address."""
    filters = filtering.read(request.GET)
    shown = queries.describe(filters)
    form = SearchForm(request.POST or None, initial={"name": shown})
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_search(by=request.user, params=request.GET, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        except WrongMoment as refusal:
            form.add_error(NON_FIELD_ERRORS, refusal.reason)
        else:
            messages.success(request, "Saved. You hear as soon as something new fits it.")
            return redirect("alerting:searches")
    context = {"form": form, "shown": shown, "back": reverse("search:browse") + filtering.address(filters)}
    return render(request, "projects/alerting/search.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request, public_id: str):
    search = get_object_or_404(queries.visible_to(request.user), public_id=public_id)
    form = SearchForm(request.POST or None, initial={"name": search.name, "how": search.how})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_search(search=search, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect("alerting:searches")
    shown = queries.describe(filtering.read(QueryDict(search.query)))
    context = {"form": form, "search": search, "shown": shown, "back": reverse("alerting:searches")}
    return render(request, "projects/alerting/search.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def delete(request, public_id: str):
    search = get_object_or_404(queries.visible_to(request.user), public_id=public_id)
    actions.delete_search(search=search)
    messages.info(request, f"“{search.name}” is deleted.")
    return redirect("alerting:searches")
