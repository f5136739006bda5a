"""The switch that keeps calls from going out: by a currency when the books and Stripe part ways, or all of them
when Stripe does not take our key.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.nudge import nudge
from marketplace.ground.states import record

from .. import alarms, gateway
from ..models import Stop

log = logging.getLogger(__name__)

#: Calls that move money. A stop of a currency holds these; removing a card or answering a bank goes on.
MOVING = ("checkout", "transfer", "refund", "reversal")
MONEY = (*MOVING, *(name for name, same in gateway.SAME.items() if same in MOVING))
KEY_RETRY = timedelta(minutes=1)


def stop(*, currency: str, why: str, by=None, kind: str = Stop.Kind.BOOKS) -> Stop:
    """Hold the calls of `currency` (upper case; empty for all) until somebody lifts it. Twice is once."""
    with transaction.atomic():
        found, made = Stop.objects.get_or_create(
            currency=currency, kind=kind, lifted_at=None, defaults={"why": why[:300], "by": by}
        )
        if made:
            record(found, "stopped", by=by, note=why)
            log.error("calls to Stripe are stopped (%s): %s", currency or "all", why)
            alarms.raise_alarm(found, f"Payments in {currency or 'all currencies'} are stopped", why)
    return found


def stop_by_hand(*, by, currency: str, why: str) -> Stop:
    """A moderator pulls the switch. Raises `Invalid` without a reason or for what is no currency."""
    _need_staff(by)
    if not why.strip():
        raise Invalid({"reasons": ["Say why, for whoever has to lift it."]})
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise Invalid({"currency": ["Three letters, for example USD; leave it empty for all."]})
    return stop(currency=currency.upper(), why=why, by=by, kind=Stop.Kind.HAND)


def lift(*, by, stop: Stop, why: str) -> None:
    """Let the calls go again; who did it and why is on record. Raises `WrongMoment` when it is lifted already."""
    _need_staff(by)
    if not why.strip():
        raise Invalid({"reasons": ["Say what you found, for the record."]})
    _lift(stop, by, why)


def _need_staff(by) -> None:
    if by is None or not by.is_staff:
        raise NotAllowed("Only a moderator can do this.")


def _lift(stop: Stop, by, why: str) -> None:
    with transaction.atomic():
        row = Stop.objects.select_for_update().get(pk=stop.pk)
        if row.lifted_at:
            raise WrongMoment("Somebody has lifted this already.")
        Stop.objects.filter(pk=row.pk).update(lifted_at=clock.now(), lifted_by=by, lifted_why=why[:300])
        record(row, "lifted", by=by, note=why, old="stopped")
        nudge("payments.drain_calls")


def stopped() -> Q | None:
    """Which calls may go now: a filter, or None when none may.

    A refused key lets one call through a minute, which finds out whether it is taken again.
    """
    allowed = Q()
    for row in Stop.objects.filter(lifted_at=None):
        if row.kind == Stop.Kind.KEY:
            if row.retry_at and row.retry_at > clock.now():
                return None
        elif not row.currency:
            return None
        else:
            allowed &= ~Q(operation__in=MONEY, currency__in=(row.currency, ""))
    return allowed


def key_refused(error) -> None:
    """Stripe does not take our key (401, 403): nothing goes out until it does."""
    found = stop(currency="", why=f"Stripe refuses our key: {error}", kind=Stop.Kind.KEY)
    Stop.objects.filter(pk=found.pk).update(retry_at=clock.now() + KEY_RETRY)


def key_taken() -> None:
    for row in Stop.objects.filter(kind=Stop.Kind.KEY, lifted_at=None):
        try:
            _lift(row, None, "Stripe takes our key again.")
        except WrongMoment:
            log.debug("another worker lifted it")
