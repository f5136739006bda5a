"""Finding at Stripe what a call may have made: by the call's uuid in the object's metadata."""

from uuid import UUID

from . import gateway
from .models import Call


def find(call: Call) -> dict | None:
    """The object that `call` made, or None when Stripe has none. Raises `gateway.StripeTrouble` when
    unsure.
    """
    if call.operation == "checkout_expire":
        session = gateway.checkout(call.params["session"])
        return session if session["status"] != "open" else None
    if call.operation == "detach":
        method = gateway.payment_method(call.params["payment_method"])
        return method if not method.get("customer") else None
    tag = str(call.uuid)
    return next((row for row in _candidates(call) if (row.get("metadata") or {}).get("call") == tag), None)


def tagged_call(found: dict) -> Call | None:
    """The call of ours that made the object `found`; None for one that was made by hand."""
    tag = (found.get("metadata") or {}).get("call") or ""
    return Call.objects.filter(uuid=tag).first() if is_uuid(tag) else None


def is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _candidates(call: Call) -> list[dict]:
    operation = gateway.asks(call.operation)
    if operation == "transfer":
        return gateway.transfers_in(call.params["transfer_group"])
    if operation == "refund":
        return gateway.refunds_of(call.params["payment_intent"])
    if operation == "reversal":
        return gateway.reversals_of(call.params["transfer"])
    if operation == "evidence":
        return [gateway.dispute(call.params["dispute"])]
    if operation == "customer":
        return gateway.recent_customers(int(call.created_at.timestamp()) - 600)
    if operation == "checkout":
        return gateway.recent_checkouts(int(call.created_at.timestamp()) - 600)
    return gateway.recent_accounts()
