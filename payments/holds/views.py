"""The page between us and Stripe's payment page while Stripe has not answered yet."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from .models import Funding
from .states import DRAFT, OPEN


@login_required
@require_GET
def checkout(request, public_id):
    """Goes on to Stripe as soon as there is a page to go to; asks again every few seconds until then."""
    mine = Funding.objects.filter(by=request.user).select_related("hold")
    funding = get_object_or_404(mine, public_id=public_id)
    if funding.state == OPEN and funding.url:
        return HttpResponseRedirect(funding.url)
    return render(request, "payments/holds/checkout.html", {"funding": funding, "waiting": funding.state == DRAFT})
