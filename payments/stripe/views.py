"""Where Stripe's webhooks arrive: verify, store once, answer 200, work later."""

import json
import logging
import re
import time

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DataError, transaction
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from . import gateway
from .actions import inbox

log = logging.getLogger(__name__)

MAX_BODY = 512 * 1024
TOLERANCE = 300  # seconds, into the past and into the future


@csrf_exempt
@require_POST
def webhook(request):
    if not settings.STRIPE_WEBHOOK_SECRETS:
        return HttpResponse(status=404)
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
            return HttpResponse(status=413)
        payload = request.body
    except RequestDataTooBig:
        return HttpResponse(status=413)
    except (ValueError, OSError):
        return HttpResponse(status=400)
    if len(payload) > MAX_BODY:
        return HttpResponse(status=413)
    header = request.headers.get("Stripe-Signature", "")
    if not _timely(header) or not any(
        gateway.signed_by_us(payload, header, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS
    ):
        log.warning("a webhook without a valid signature was refused")
        return HttpResponse(status=400)
    try:
        with transaction.atomic():
            inbox.store(json.loads(payload))
    except (ValueError, RecursionError, DataError):  # not JSON, not an event, beyond reason, or not storable
        return HttpResponse(status=400)
    return HttpResponse(status=200)


def _timely(header: str) -> bool:
    """The signature's age both ways, by real time: it is about the transport and not about a deadline."""
    found = re.search(r"(?:^|,)\s*t=([0-9]{1,12})(?:,|$)", header) if header.isascii() else None
    return bool(found) and abs(time.time() - int(found[1])) <= TOLERANCE
