"""The API's door: key, parameters, faults, and idempotency exactly as Stripe documents it."""

import copy
import hashlib
import json
import logging
import random
import socket
import time

from django.db import IntegrityError, transaction
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt

from . import params, store
from .api.lists import expand
from .models import Fault, Key
from .refusal import Refusal

log = logging.getLogger(__name__)

KEY_LIFE = 86400
ABANDONED = 120  # a first request that has run longer than this has died


def endpoint(**handlers):
    """A view that answers each HTTP method by `handler(request, params, *ids)`, which returns the object."""

    @csrf_exempt
    def view(request, *ids):
        handler = handlers.get(request.method)
        if handler is None:
            return _answer(405, {"error": {"type": "invalid_request_error", "message": "Method not allowed"}})
        try:
            _authenticate(request)
            early = _early(request)
            if early:
                return early
            found = params.read(request)
            run = _write if request.method == "POST" else _read
            return run(request, handler, found, ids)
        except Refusal as refusal:
            return _answer(refusal.status, refusal.body)

    return view


def _authenticate(request) -> None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not key.startswith(("sk_test", "rk_test")):
        raise Refusal("Invalid API Key provided.", status=401)
    request.account = request.headers.get("Stripe-Account", "")


def _read(request, handler, found, ids):
    fault = _take_fault(request, LATE)
    answer = _run(request, handler, found, ids)
    if fault and fault.kind != "lost":
        return _answer(500, SERVER_ERROR)
    if fault:
        _hang_up(request)
    return answer


def _run(request, handler, found, ids):
    body = copy.deepcopy(handler(request, found, *ids))
    return _answer(200, expand(body, found.get("expand")))


def _write(request, handler, found, ids):
    """Run a POST once per key: the same answer to the same question, and 400 to another under the same
    key.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return _locked(request, handler, found, ids)
    asked = hashlib.sha256(json.dumps([request.path, found], sort_keys=True).encode()).hexdigest()
    row, known = _claim(key[:255], request.account, asked)
    if known:
        return known
    try:
        return _first(request, handler, found, ids, row)
    except Refusal as refusal:
        # v1 keeps what was refused after execution had begun; v2 would do the work anew.
        if refusal.kept and not request.path.startswith("/v2/"):
            _keep(row, refusal.status, refusal.body)
        else:
            row.delete()
        raise
    except Exception:
        row.delete()
        raise


def _first(request, handler, found, ids, row):
    """The first request under its key: what comes out, 500s included, is what every repeat will get (v1)."""
    fault = _take_fault(request, LATE)
    kind = fault.kind if fault else ""
    v2 = request.path.startswith("/v2/")
    with transaction.atomic():
        store.lock_everything()
        answer = _answer(500, SERVER_ERROR) if kind == "500_stored" else _run(request, handler, found, ids)
        if kind == "500_after":
            answer = _answer(500, SERVER_ERROR)
        if answer.status_code >= 500 and v2:
            row.delete()
        else:
            _keep(row, answer.status_code, json.loads(answer.content))
    if kind == "lost":
        _hang_up(request)
    return answer


def _locked(request, handler, found, ids):
    with transaction.atomic():
        store.lock_everything()
        return _run(request, handler, found, ids)


def _claim(key: str, account: str, asked: str):
    """(our new row, None), or (None, the answer that is due)."""
    for _ in range(2):
        try:
            with transaction.atomic():
                return Key.objects.create(key=key, account=account, asked=asked, created=store.now()), None
        except IntegrityError:
            row = Key.objects.filter(key=key, account=account).first()
        if row is None:
            continue
        age = store.now() - row.created
        if age > KEY_LIFE or (row.status is None and age > ABANDONED):
            # As it was read: a first request that ends at this very moment keeps its key.
            Key.objects.filter(pk=row.pk, status=row.status).delete()
            continue
        if row.asked != asked:
            raise Refusal(
                "Keys for idempotent requests can only be used with the same parameters they were first"
                " used with.",
                kind="idempotency_error",
            )
        break
    if row is None or row.status is None:
        raise Refusal(
            "There is currently another in-progress request using this Idempotency-Key.",
            status=409,
            code="idempotency_key_in_use",
            kind="idempotency_error",
        )
    answer = _answer(row.status, row.body)
    answer["Idempotent-Replayed"] = "true"
    return None, answer


def _keep(row: Key, status: int, body: dict) -> None:
    row.status, row.body = status, body
    row.save(update_fields=["status", "body"])


# --- faults on purpose --------------------------------------------------------------------------------------

EARLY = ("429", "500_before", "refuse", "slow")
LATE = ("500_stored", "500_after", "lost")
SERVER_ERROR = {"error": {"type": "api_error", "message": "An unexpected error occurred."}}


def _take_fault(request, kinds) -> Fault | None:
    with transaction.atomic():
        rows = Fault.objects.select_for_update().filter(
            method__in=(request.method, "ANY"), kind__in=kinds, times__gt=0
        )
        for fault in rows.order_by("id"):
            if request.path.startswith(fault.path) and random.random() < fault.share:
                fault.times -= 1
                fault.save(update_fields=["times"])
                return fault
    return None


def _early(request):
    """What goes wrong before anything is done or kept; None when nothing does."""
    fault = _take_fault(request, EARLY)
    if fault is None:
        return None
    if fault.kind == "slow":
        time.sleep(fault.seconds)
        return None
    if fault.kind == "refuse":
        _hang_up(request)
        return _answer(503, SERVER_ERROR)
    if fault.kind == "429":
        return _answer(
            429,
            {
                "error": {
                    "type": "invalid_request_error",
                    "code": "rate_limit",
                    "message": "Request rate limit exceeded.",
                }
            },
        )
    return _answer(500, SERVER_ERROR)


def _hang_up(request) -> None:
    connection = request.META.get("sandbox.connection")
    if connection:
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            log.debug("the client had gone already")


def _answer(status: int, body: dict) -> JsonResponse:
    answer = JsonResponse(body, status=status)
    answer["Request-Id"] = store.secrets.token_hex(8)
    return answer
