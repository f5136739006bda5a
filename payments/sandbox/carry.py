"""Carrying events to the webhook address: signed, repeated until taken, and disturbed when told to."""

import hashlib
import hmac
import json
import random
import time
import urllib.error
import urllib.request

from django.conf import settings
from django.db import transaction

from .models import Delivery
from .store import settings_now

MAX_ATTEMPTS = 12
TIMEOUT_SECONDS = 15

# Straight to the address: a proxy of the machine has nothing to do with a loopback address.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def deliver_due(*, all_now=False, limit=100) -> int:
    """Try the deliveries that are due, or all that are open; returns how many were taken.

    Where nobody listens, one try is enough for now: the site is down and will want everything later.
    """
    how = settings_now()
    if how["paused"] and not all_now:
        return 0
    rows = Delivery.objects.filter(done=False, attempts__lt=MAX_ATTEMPTS)
    if not all_now:
        rows = rows.filter(due__lte=time.time())
    ids = list(rows.order_by("due", "id").values_list("id", flat=True)[:limit])
    if how["reorder"]:
        random.shuffle(ids)
    taken = 0
    for pk in ids:
        status = _deliver(pk, how["url"] or settings.WEBHOOK_URL)
        if status is None:
            break
        taken += 200 <= status < 300
    return taken


def _deliver(pk: int, url: str) -> int | None:
    """The answer's status (0 when another thread has it), or None when nobody answered."""
    with transaction.atomic():
        rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        row = rows.select_related("event").filter(pk=pk, done=False).first()
        if row is None:
            return 0
        row.attempts += 1
        row.due = time.time() + min(2**row.attempts, 600)
        row.save(update_fields=["attempts", "due"])
    status = post(url, row.event.data, corrupt=row.corrupt)
    if status is None:  # a site that is down does not use up its tries
        Delivery.objects.filter(pk=pk).update(attempts=row.attempts - 1, due=time.time() + 5)
        return None
    Delivery.objects.filter(pk=pk).update(done=200 <= status < 300, last_status=status)
    return status


def post(url: str, event: dict, *, corrupt=False, age=0) -> int | None:
    """Send one signed event; the answer's status, or None when nobody answered."""
    body = json.dumps(event).encode()
    request = urllib.request.Request(
        url,
        body,
        {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": sign(
                body, int(time.time()) - age, "whsec_wrong" if corrupt else settings.WEBHOOK_SECRET
            ),
        },
    )
    try:
        with _opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError):
        return None


def sign(body: bytes, at: int, secret: str) -> str:
    digest = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
