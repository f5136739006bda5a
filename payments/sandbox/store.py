"""Keeping, finding and telling: objects, balance lines and events, all inside the request's transaction."""

import secrets
import string
import time
from datetime import UTC, datetime

from django.db import connection
from django.db.models import Sum

from marketplace.ground import clock

from .models import Delivery, Line, Setting, Thing
from .refusal import missing

API_VERSION = "2026-10-28.endive"
LETTERS = string.ascii_letters + string.digits
PREFIXES = {
    "checkout.session": "cs_test_",
    "payment_intent": "pi_",
    "charge": "ch_",
    "payment": "py_",
    "transfer": "tr_",
    "transfer_reversal": "trr_",
    "refund": "re_",
    "dispute": "du_",
    "payout": "po_",
    "topup": "tu_",
    "event": "evt_",
    "v2.core.account": "acct_",
    "v2.core.account_link": "link_",
    "customer": "cus_",
    "payment_method": "pm_",
    "radar.early_fraud_warning": "issfr_",
    "line": "txn_",
}
DEFAULTS = {
    "delay": 0.0,
    "duplicate": 0,
    "reorder": False,
    "drop": 0,
    "corrupt": 0,
    "paused": False,
    "url": "",
    "payout_after": 20,
    "arrival_after": 40,
    "bank_after": 60,
    "transfer_available_after": 0,
    "trouble_after": 20,
    "refund_after": 40,
    "refund_outcome": "",
    "dispute_fee": 1500,
    "endpoint_version": "",
    "endpoint_events": ["*"],
    "destination_events": ["*"],
    "payout_interval": "manual",
}


def new_id(kind: str) -> str:
    return PREFIXES[kind] + "".join(secrets.choice(LETTERS) for _ in range(24))


def now() -> int:
    return int(clock.now().timestamp())


def stamp(unix: int) -> str:
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def lock_everything() -> None:
    """One writer at a time: the offline Stripe is small, and then it is certainly consistent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7361)")


def next_order() -> int:
    """Strictly rising in the order in which things are made (writers hold the lock)."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT GREATEST((SELECT COALESCE(MAX("order"), 0) FROM sandbox_thing),'
            ' (SELECT COALESCE(MAX("order"), 0) FROM sandbox_line)) + 1'
        )
        return cursor.fetchone()[0]


def settings_now() -> dict:
    row = Setting.objects.filter(pk=1).first()
    return {**DEFAULTS, **(row.data if row else {})}


def change_settings(**changes) -> dict:
    row, _ = Setting.objects.get_or_create(pk=1)
    row.data = {**row.data, **changes}
    row.save()
    return settings_now()


def add(kind: str, data: dict, *, account="", notes=None, prefix=None) -> Thing:
    thing_id = new_id(prefix or kind)
    created = now()
    body = {"id": thing_id, "object": kind, "livemode": False, **data}
    body["created"] = stamp(created) if kind.startswith("v2.") else created
    return Thing.objects.create(
        id=thing_id,
        order=next_order(),
        kind=kind,
        account=account,
        created=created,
        data=body,
        notes=notes or {},
    )


def save(thing: Thing, **changes) -> Thing:
    thing.data = {**thing.data, **changes}
    thing.save(update_fields=["data", "notes", "due"])
    return thing


def get(kind: str, thing_id: str, account: str | None = "") -> Thing:
    found = Thing.objects.filter(kind=kind, id=thing_id)
    if account is not None:
        found = found.filter(account=account)
    thing = found.first()
    if thing is None:
        raise missing(kind.replace(".", " "), thing_id)
    return thing


def add_line(kind, amount, currency, source, *, account="", fee=0, available_in=0) -> Line:
    created = now()
    return Line.objects.create(
        id=new_id("line"),
        order=next_order(),
        account=account,
        kind=kind,
        source=source,
        amount=amount,
        fee=fee,
        currency=currency,
        created=created,
        available_on=created + available_in,
    )


def render_line(line: Line) -> dict:
    details = (
        [
            {
                "amount": line.fee,
                "application": None,
                "currency": line.currency,
                "description": "Stripe processing fees",
                "type": "stripe_fee",
            }
        ]
        if line.fee
        else []
    )
    category = {"payment": "charge", "payment_refund": "refund", "transfer_refund": "transfer_reversal"}
    if line.kind == "adjustment" and line.source.startswith("du_"):
        category["adjustment"] = "dispute" if line.amount < 0 else "dispute_reversal"
    return {
        "id": line.id,
        "object": "balance_transaction",
        "amount": line.amount,
        "available_on": line.available_on,
        "balance_type": "payments",
        "created": line.created,
        "currency": line.currency,
        "description": None,
        "exchange_rate": None,
        "fee": line.fee,
        "fee_details": details,
        "net": line.amount - line.fee,
        "reporting_category": category.get(line.kind, line.kind),
        "source": line.source or None,
        "status": "available" if line.available_on <= now() else "pending",
        "type": line.kind,
    }


def balance_of(account: str, currency: str, *, available_only=True) -> int:
    lines = Line.objects.filter(account=account, currency=currency)
    if available_only:
        lines = lines.filter(available_on__lte=now())
    total = lines.aggregate(amount=Sum("amount"), fee=Sum("fee"))
    return (total["amount"] or 0) - (total["fee"] or 0)


def tell(kind: str, about: dict, *, account="", previous=None) -> None:
    """Record a snapshot event and send it on its way."""
    data = {"object": about}
    if previous:
        data["previous_attributes"] = previous
    event = add(
        "event",
        {
            "type": kind,
            "api_version": API_VERSION,
            "data": data,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            **({"account": account} if account else {}),
        },
        account=account,
    )
    _carry(event)


def tell_thin(kind: str, account: str) -> None:
    """Record a thin event about a v2 account: it carries ids only."""
    event = add("event", {"type": kind}, notes={"thin": True})
    event.data = {
        "id": event.id,
        "object": "v2.core.event",
        "type": kind,
        "livemode": False,
        "created": stamp(event.created),
        "related_object": {"id": account, "type": "v2.core.account", "url": f"/v2/core/accounts/{account}"},
    }
    event.save(update_fields=["data"])
    _carry(event)


def _carry(event: Thing) -> None:
    how = settings_now()
    if how["drop"]:
        change_settings(drop=how["drop"] - 1)
        return
    if how["corrupt"]:
        change_settings(corrupt=how["corrupt"] - 1)
    due = time.time() + how["delay"]
    for copy in range(1 + how["duplicate"]):
        Delivery.objects.create(event=event, due=due + 0.2 * copy, corrupt=bool(how["corrupt"]))
