"""The page between a sponsor and Stripe's payment page."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from ..stripe.waiting import wait_or_go_on
from .models import Lot


@login_required
@require_GET
def top_up_wait(request, public_id):
    lot = get_object_or_404(Lot.objects.filter(by=request.user), public_id=public_id)
    return wait_or_go_on(request, lot, "payments/wallets/wait.html", "lot")
