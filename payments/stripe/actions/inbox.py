"""The inbox: an event is stored once, then applied by re-reading what it is about."""

import logging
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction

from marketplace.ground import clock
from marketplace.ground.nudge import nudge
from marketplace.ground.states import move

from .. import alarms, gateway
from ..models import Cursor, Event
from ..registry import handlers_of, is_our_account
from ..states import APPLIED, IGNORED, NEW, STUCK

log = logging.getLogger(__name__)

MAX_TRIES = 20
LEASE = timedelta(seconds=120)
OVERLAP = timedelta(hours=2)
KEPT_BY_STRIPE = timedelta(days=30)
OTHER_MODE = "It is kept and changes nothing. Look at the address and the key of the endpoint at Stripe."
OTHER_ACCOUNT = "It is kept and changes nothing. If the account is one of yours, apply the event again."


class BadEvent(ValueError):
    """The body is no event."""


def store(body: dict, source: str = "webhook") -> bool:
    """Keep the event `body` (parsed JSON); False when it was known. Raises `BadEvent` for anything else."""
    if not isinstance(body, dict):
        raise BadEvent("not an object")
    event_id, kind = body.get("id"), body.get("type")
    if not (_short(event_id) and _short(kind)):
        raise BadEvent("no id or type")
    thin = body.get("object") == "v2.core.event"
    data = body.get("related_object") if thin else body.get("data")
    about = data if thin or not isinstance(data, dict) else data.get("object")
    if not isinstance(about, dict | None):
        raise BadEvent("no object")
    account, about_id = body.get("account") or "", (about or {}).get("id") or ""
    if not (isinstance(account, str) and isinstance(about_id, str) and len(account + about_id) <= 240):
        raise BadEvent("bad ids")
    # The unique event id decides who was first; two deliveries at once make one row.
    _, made = Event.objects.get_or_create(
        event_id=event_id,
        defaults={
            "kind": kind,
            "thin": thin,
            "account": account[:120],
            "object_id": about_id[:120],
            "livemode": body.get("livemode") is True,
            "api_version": str(body.get("api_version") or "")[:40],
            "payload": body,
            "source": source,
        },
    )
    if made:
        nudge("payments.drain_events")
    return made


def _short(value) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 120 and value.isascii() and value.isprintable()


def apply_next() -> Event | None:
    """Claim one due event and apply it; None when none is due."""
    now = clock.now()
    with transaction.atomic():
        due = Event.objects.filter(state=NEW, due_at__lte=now).order_by("due_at", "id")
        event = due.select_for_update(skip_locked=True).first()
        if event is None:
            return None
        event.attempts, event.due_at = (
            event.attempts + 1,
            now + LEASE,
        )  # should this process die, it is due again
        event.save(update_fields=["attempts", "due_at"])
    apply(event)
    return event


def apply(event: Event) -> None:
    """Run the handlers; whatever goes wrong, the event is tried again later and a person sees it in the
    end.
    """
    handlers = handlers_of(event.kind)
    try:
        if event.livemode != is_live():
            log.error("event %s is from the other mode (live: %s)", event.event_id, event.livemode)
            alarms.raise_alarm(event, "An event of the other mode arrived from Stripe", OTHER_MODE)
            return _finish(event, IGNORED, "from the other mode")
        if event.account and not is_our_account(event.account):
            log.error("event %s is from an account that is not ours: %s", event.event_id, event.account)
            alarms.raise_alarm(event, "An event of an unknown account arrived from Stripe", OTHER_ACCOUNT)
            return _finish(event, IGNORED, "from another account")
        if event.api_version and event.api_version != gateway.API_VERSION:
            log.warning(
                "event %s was rendered in API version %s, we speak %s",
                event.event_id,
                event.api_version,
                gateway.API_VERSION,
            )
        if not handlers:
            return _finish(event, IGNORED)
        for handler in handlers:
            handler(event)
    except Exception as error:
        log.warning(
            "event %s not applied: %s",
            event.event_id,
            error,
            exc_info=not isinstance(error, gateway.StripeTrouble),
        )
        return _later(event, error)
    return _finish(event, APPLIED)


def is_live() -> bool:
    return settings.STRIPE_SECRET_KEY.startswith(("sk_live", "rk_live"))


def _finish(event, state, error="") -> None:
    move(event, state, applied_at=clock.now(), error=error)


def _later(event, error) -> None:
    if event.attempts >= MAX_TRIES:
        move(event, STUCK, error=str(error)[:500])
        alarms.raise_alarm(
            event, "An event from Stripe needs a person", f"{event.kind} could not be applied: {error}"
        )
        return
    wait = timedelta(seconds=min(5 * 2 ** min(event.attempts, 9), 900))
    Event.objects.filter(pk=event.pk).update(due_at=clock.now() + wait, error=str(error)[:500])


def poll() -> int:
    """Feed the events that no webhook brought through the same door. Returns how many were new."""
    return _poll("events", gateway.events) + _poll("thin events", gateway.thin_events)


def _poll(name: str, read) -> int:
    cursor = Cursor.objects.filter(name=name).first()
    start = clock.now()
    since = cursor.at - OVERLAP if cursor else start - KEPT_BY_STRIPE
    fresh = sum(store(body, source="poll") for body in read(int(since.timestamp())))
    Cursor.objects.update_or_create(name=name, defaults={"at": start})
    return fresh


def at(unix: int | None) -> datetime | None:
    return datetime.fromtimestamp(unix, UTC) if unix else None
