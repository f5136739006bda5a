"""Pages of money: the student's payout set-up, and the page between us and Stripe's payment page."""

import logging

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from marketplace.ground.errors import WrongMoment

from ..connect import actions, queries
from ..connect.states import ACTIVE, CLOSED
from ..stripe import gateway
from ..stripe.waiting import wait_or_go_on
from .models import Funding
from .queries import owed_by_user, payout_banner

log = logging.getLogger(__name__)


@login_required
@require_GET
def payouts(request):
    return _page(request)


def _page(request, status=200, trouble="", checked=False):
    page = Paginator(queries.payouts_of(request.user), 20).get_page(request.GET.get("page"))
    banner = payout_banner(request.user)
    return render(
        request,
        "payments/holds/payouts.html",
        {
            "payee": queries.payee_of(request.user),
            "payouts": page,
            "trouble": trouble,
            "checked": checked,
            "owed": owed_by_user(request.user),
            "waiting": banner if banner and banner["waiting"] else None,
        },
        status=status,
    )


def _to_stripe(request):
    """Off to Stripe's onboarding; a page that says why when Stripe is away."""
    try:
        url = actions.start_onboarding(
            by=request.user,
            return_url=request.build_absolute_uri(reverse("payments:payouts_return")),
            refresh_url=request.build_absolute_uri(reverse("payments:payouts_refresh")),
        )
    except WrongMoment as error:
        return _page(request, 409, trouble=error.reason)
    return HttpResponseRedirect(url)


@login_required
@require_POST
def start(request):
    return _to_stripe(request)


@login_required
@require_GET
def refresh(request):
    """Stripe sends people here when their link was used or too old; they go on with a new one."""
    payee = queries.payee_of(request.user)
    if not payee.stripe_id or payee.state in (ACTIVE, CLOSED):
        return redirect("payments:payouts")
    return _to_stripe(request)


@login_required
@require_GET
def returned(request):
    """Coming back proves nothing: the account is read again, and the page says what Stripe says."""
    try:
        actions.sync_account(queries.payee_of(request.user))
    except gateway.StripeTrouble as error:
        log.warning("account not read: %s", error)
        return _page(request, checked=True)
    return redirect("payments:payouts")


@login_required
@require_POST
def dashboard(request):
    try:
        return HttpResponseRedirect(actions.dashboard_url(by=request.user))
    except WrongMoment as error:
        return _page(request, 409, trouble=error.reason)


@login_required
@require_GET
def checkout(request, public_id):
    mine = Funding.objects.filter(by=request.user).select_related("hold")
    funding = get_object_or_404(mine, public_id=public_id)
    return wait_or_go_on(request, funding, "payments/holds/checkout.html", "funding")
