"""The outbox: `enqueue` writes a call down, `perform` makes it. Nothing else writes to Stripe.

A call is made in phases (A claim and commit, B look up when that is safer, C call with no transaction open,
D close in one transaction with its effects), so that a process may die between any two of them.
"""

import logging
import random
import uuid as uuids
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q

from marketplace.ground import clock
from marketplace.ground.nudge import nudge
from marketplace.ground.states import move

from .. import alarms, gateway, lookup
from ..models import Call, Install
from ..registry import OPERATIONS
from ..states import DONE, MANUAL, PENDING, REJECTED, WAITING
from . import stopping

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)  # longer than one call can take
KEY_LIFE = timedelta(hours=20)  # Stripe may forget a key after 24 hours
PATIENCE = timedelta(minutes=15)  # how long a 5xx is repeated under one key before a new generation
MAX_GENERATIONS = 3


def environment() -> str:
    return (Install.objects.filter(pk=1).first() or Install.objects.get_or_create(pk=1)[0]).environment


def enqueue(
    operation: str,
    params: dict,
    *,
    held_back: timedelta = timedelta(),
    tagged: bool = True,
    currency: str = "",
) -> Call:
    """Write a call down inside the caller's transaction; a worker is woken when it commits.

    params: exactly what Stripe gets, frozen here. tagged: put the call's uuid into `metadata`, by which it is
    found again. held_back: leave it to the caller for so long, who means to `perform` it at once. currency: of
    the money that it moves, where the parameters do not say it.
    """
    uuid = uuids.uuid4()
    if tagged:
        params = {**params, "metadata": {**params.get("metadata", {}), "call": str(uuid)}}
        if "payment_intent_data" in params:  # Stripe copies no metadata from a session to its payment
            inner = params["payment_intent_data"]
            params["payment_intent_data"] = {**inner, "metadata": params["metadata"]}
    call = Call.objects.create(
        uuid=uuid,
        operation=operation,
        environment=environment(),
        params=params,
        currency=(currency or _currency(params)).upper(),
        api_version=gateway.API_VERSION,
        due_at=clock.now() + held_back,
    )
    if not held_back:
        nudge("payments.drain_calls")
    return call


def _currency(params: dict) -> str:
    items = params.get("line_items") or [{}]
    return params.get("currency") or (items[0].get("price_data") or {}).get("currency") or ""


def claim(call_id: int | None = None) -> Call | None:
    """Phase A: lease one pending call to this process, the given one or whichever is due first.

    Only what this copy of the database has written down: a clone leaves the original's calls to the original.
    And only what is not stopped.
    """
    now, going = clock.now(), stopping.stopped()
    if going is None:
        return None
    free = Call.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now), going, state=PENDING, environment=environment()
    )
    free = free.filter(pk=call_id) if call_id else free.filter(due_at__lte=now).order_by("due_at", "id")
    with transaction.atomic():
        call = free.select_for_update(skip_locked=True).first()
        if call is None:
            return None
        call.lease_until, call.attempts = now + LEASE, call.attempts + 1
        call.first_sent_at = call.first_sent_at or now
        call.save(update_fields=["lease_until", "attempts", "first_sent_at"])
    return call


def perform(call_id: int | None = None) -> Call | None:
    """Make one call, phases A to D. Returns it in its new state, or None when there was none to claim.

    Raises `gateway.Misconfigured` when nothing will work until somebody looks at the key.
    """
    call = claim(call_id)
    if call is None:
        return None
    try:
        stripe_object = _found_or_sent(call)
    except gateway.Refused as error:
        _close_refused(call, error)
    except gateway.Missing as error:
        _close_refused(call, gateway.Refused(error, error.code or "resource_missing"))
    except gateway.KeyReused as error:
        _to_person(call, error)
    except gateway.Broken as error:
        _after_server_error(call, error)
    except (gateway.Unknown, gateway.Busy) as error:
        _try_again(call, error)
    except gateway.Misconfigured as error:
        _hold_back(call, error)
        raise
    else:
        stopping.key_taken()
        close(call, stripe_object)
    call.refresh_from_db()
    return call


def _found_or_sent(call: Call) -> dict:
    """Phases B and C."""
    if call.look_first or clock.now() - call.first_sent_at > KEY_LIFE:
        found = lookup.find(call)
        if found:
            return found
    return gateway.send(call.operation, call.params, call.idempotency_key, call.api_version)


def close(call: Call, stripe_object: dict) -> bool:
    """Phase D: the object exists. Record it with its effects, once; False when another process was first.

    Also the way in for an object that an event showed us before our own answer arrived.
    """
    room = OPERATIONS[call.operation]
    with transaction.atomic():
        room.lock(call)
        row = Call.objects.select_for_update().get(pk=call.pk)
        if row.state in (DONE, REJECTED):
            return False
        # Several calls may answer with one object (a session is made and later closed): the maker keeps
        # the id.
        keep = stripe_object["id"] if call.operation not in gateway.CHANGES else None
        move(row, DONE, stripe_id=keep, done_at=clock.now(), lease_until=None, error="", error_code="")
        room.done(row, stripe_object)
    return True


def _close_refused(call: Call, error: gateway.Refused) -> None:
    room = OPERATIONS[call.operation]
    with transaction.atomic():
        room.lock(call)
        row = Call.objects.select_for_update().get(pk=call.pk)
        if row.state != PENDING:
            return
        state = room.refused(row, error)
        move(row, state, reason=error.code[:60], error=str(error), error_code=error.code, lease_until=None)
    log.warning("Stripe refused %s %s: %s", call.operation, call.uuid, error.code or "no code")


def _to_person(call: Call, error: gateway.StripeTrouble) -> None:
    with transaction.atomic():
        row = Call.objects.select_for_update().get(pk=call.pk)
        if row.state == PENDING:
            move(
                row, MANUAL, reason=error.code[:60], error=str(error), error_code=error.code, lease_until=None
            )
            alarms.raise_alarm(
                row,
                f"A call to Stripe needs a person: {call.operation}",
                f"{error} Look at it, let it go again, or give it up.",
                part=f"g{row.generation}",
            )
    log.error("a call to Stripe needs a person: %s %s (%s)", call.operation, call.uuid, error.code)


def _after_server_error(call: Call, error: gateway.Broken) -> None:
    """The answer is frozen under this key. Look; if it is not there, repeat for a while, then take a new
    key.
    """
    try:
        found = lookup.find(call)
    except gateway.StripeTrouble as trouble:
        return _try_again(call, trouble)
    if found:
        close(call, found)
        return None
    if clock.now() - call.first_sent_at < PATIENCE:
        return _try_again(call, error)
    if call.generation >= MAX_GENERATIONS:
        return _to_person(call, error)
    return _next_generation(call, error)


def _next_generation(call: Call, error: gateway.StripeTrouble | None = None) -> None:
    """A new key, only after it is known that nothing was made under the old one; looks once more before
    sending.
    """
    Call.objects.filter(pk=call.pk, generation=call.generation).exclude(state__in=(DONE, REJECTED)).update(
        generation=call.generation + 1,
        first_sent_at=None,
        look_first=True,
        lease_until=None,
        due_at=clock.now(),
        error=str(error or "")[:500],
    )


def _try_again(call: Call, error: gateway.StripeTrouble, wait: timedelta | None = None) -> None:
    seconds = min(5 * 2 ** min(call.attempts - 1, 10), 600) * random.uniform(0.8, 1.2)
    Call.objects.filter(pk=call.pk, state=PENDING).update(
        lease_until=None,
        due_at=clock.now() + (wait or timedelta(seconds=seconds)),
        error=str(error)[:500],
        error_code=error.code,
    )


def _hold_back(call: Call, error: gateway.StripeTrouble) -> None:
    """It is not the call's fault: the try does not count, and everything waits until Stripe takes our key."""
    Call.objects.filter(pk=call.pk, state=PENDING).update(
        lease_until=None,
        attempts=F("attempts") - 1,
        due_at=clock.now() + stopping.KEY_RETRY,
        error=str(error)[:500],
        error_code=error.code,
    )
    stopping.key_refused(error)


def resume(call: Call) -> None:
    """Let a waiting or given-up call go again under a new key; Stripe is asked first whether it exists."""
    with transaction.atomic():
        row = Call.objects.select_for_update().get(pk=call.pk)
        if row.state not in (WAITING, MANUAL):
            return
        move(
            row,
            PENDING,
            reason="resumed",
            generation=row.generation + 1,
            first_sent_at=None,
            look_first=True,
            attempts=0,
            due_at=clock.now(),
            lease_until=None,
        )
        nudge("payments.drain_calls")
