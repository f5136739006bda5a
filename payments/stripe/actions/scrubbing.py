"""Names and addresses leave the outbox and the inbox once they have done their work; the books stay whole.

What remains says what was done to which object of Stripe's and for how much, and whose rows it belongs to.
"""

from datetime import timedelta

from django.db.models import F, Func, Q, TextField
from django.db.models.functions import Cast

from marketplace.ground import clock

from ..models import Call, Event
from ..states import APPLIED, DONE, IGNORED, REJECTED

KEEP = timedelta(days=30)  # as long as Stripe itself lists an event
ENDED = (DONE, REJECTED)
#: What an object keeps: ids, amounts and states. Everything else may name somebody.
PLAIN = {
    "id",
    "object",
    "type",
    "amount",
    "amount_captured",
    "amount_received",
    "amount_refunded",
    "amount_reversed",
    "amount_subtotal",
    "amount_total",
    "actionable",
    "automatic",
    "balance_transaction",
    "charge",
    "created",
    "currency",
    "customer",
    "destination",
    "disputed",
    "latest_charge",
    "livemode",
    "metadata",
    "mode",
    "payment_intent",
    "payment_status",
    "reason",
    "refunded",
    "reversed",
    "source_transaction",
    "status",
    "transfer",
    "transfer_group",
    "unit_amount",
    "quantity",
}
#: Whose contents are looked into.
INSIDE = {"data", "line_items", "payment_intent_data", "price_data", "related_object"}
TOP = {"account", "api_version", "pending_webhooks", "url", "session", "dispute", "payment_method"}
GONE = "(removed)"


def plain(value, keep=PLAIN):
    """`value` with every text removed that is not an id, a state or a code; amounts and ids stand as they were."""
    if isinstance(value, list):
        return [plain(item, keep) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _part(key, item, keep) for key, item in value.items()}


def _part(key, item, keep):
    if key == "metadata" and isinstance(item, dict):
        return item  # our own ids, written by us
    if key in keep or key in TOP:
        return plain(item, keep) if isinstance(item, dict | list) else item
    if key in INSIDE or (key == "object" and isinstance(item, dict)):
        return plain(item, keep)
    return item if item is None or isinstance(item, bool | int | float) else GONE


def scrub_old(limit: int = 2000) -> int:
    """Scrub what has ended and is old, or names somebody who asked to be forgotten. Returns how much it was."""
    before = clock.now() - KEEP
    calls = Call.objects.filter(scrubbed_at=None, state__in=ENDED).filter(
        Q(created_at__lt=before) | Q(forget=True)
    )
    events = Event.objects.filter(scrubbed_at=None, state__in=(APPLIED, IGNORED), received_at__lt=before)
    return _scrub_calls(calls.order_by("id")[:limit]) + _scrub_events(events.order_by("id")[:limit])


def _scrub_calls(calls) -> int:
    rows = list(calls)
    for call in rows:
        call.params, call.scrubbed_at, call.error = plain(call.params), clock.now(), ""
    Call.objects.bulk_update(rows, ["params", "scrubbed_at", "error"], batch_size=500)
    return len(rows)


def _scrub_events(events) -> int:
    rows = list(events)
    for event in rows:
        event.payload, event.scrubbed_at, event.error = plain(event.payload), clock.now(), ""
    Event.objects.bulk_update(rows, ["payload", "scrubbed_at", "error"], batch_size=500)
    return len(rows)


def forget(user) -> None:
    """Somebody is erased: what names them by address goes now, or as soon as the call has ended.

    The parameters of a call on its way stay: Stripe has to get the same ones until it has answered.
    """
    text = Func(Cast(F("body"), TextField()), function="lower")
    address = user.email.lower()

    def naming(rows, column):
        found = rows.filter(scrubbed_at=None).annotate(body=F(column)).annotate(words=text)
        return found.filter(words__contains=address)

    calls = naming(Call.objects.all(), "params")
    calls.exclude(state__in=ENDED).update(forget=True)
    _scrub_calls(calls.filter(state__in=ENDED))
    _scrub_events(naming(Event.objects.all(), "payload"))
