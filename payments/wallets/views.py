"""The page between a sponsor and Stripe's payment page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from .models import Lot
from .states import DRAFT, OPEN


@login_required
@require_GET
def top_up_wait(request, public_id):
    """Goes on to Stripe as soon as there is a page to go to; asks again every few seconds until then."""
    lot = get_object_or_404(Lot.objects.filter(by=request.user), public_id=public_id)
    if lot.state == OPEN and lot.url:
        return HttpResponseRedirect(lot.url)
    return render(request, "payments/wallets/wait.html", {"lot": lot, "waiting": lot.state == DRAFT})
