"""The page of an organisation's saved payment methods."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.employers.queries import membership
from accounts.employers.views import own_organisation
from marketplace.ground.errors import WrongMoment

from . import actions, queries


@require_safe
@own_organisation
def methods(request, organisation):
    return _page(request, organisation)


def _page(request, organisation, *, trouble="", status=200):
    page = Paginator(queries.methods_of(request.user, organisation), 20).get_page(request.GET.get("page"))
    return render(
        request,
        "payments/payers/methods.html",
        {
            "organisation": organisation,
            "methods": page,
            "may_remove": queries.allowed_actions(request.user, organisation)["remove"] is None,
            "mine": membership(request.user, organisation),
            "trouble": trouble,
        },
        status=status,
    )


@require_POST
@own_organisation
def remove(request, organisation, method_id):
    method = get_object_or_404(queries.methods_of(request.user, organisation), public_id=method_id)
    try:
        actions.remove_method(by=request.user, organisation=organisation, method=method)
    except WrongMoment as error:
        return _page(request, organisation, trouble=error.reason, status=409)
    messages.success(request, f"{method.words} is being removed and is not offered any more.")
    return redirect("payments:methods", organisation.public_id)
