"""What Stripe's answers and events mean for a sponsor's money."""

import logging

from ..stripe import gateway
from ..stripe.actions import outbox
from ..stripe.models import Call
from ..stripe.registry import on_event, operation
from ..stripe.states import DONE, REJECTED
from .actions import banking, by_hand, keeping, paying_back, topping_up
from .models import Lot, Payback

log = logging.getLogger(__name__)


def _lot_of(call) -> Lot:
    return Lot.objects.select_related("wallet", "call").get(call=call)


def _payback_of(call) -> Payback:
    return Payback.objects.select_related("lot__wallet").get(call=call)


operation(
    "wallet_checkout",
    lock=lambda call: keeping.lock_wallet(_lot_of(call).wallet),
    done=lambda call, found: topping_up.session_made(_lot_of(call), found),
    refused=lambda call, error: topping_up.session_refused(_lot_of(call), error) or REJECTED,
)
operation(
    "wallet_refund",
    lock=lambda call: keeping.lock_wallet(_payback_of(call).lot.wallet),
    done=lambda call, found: paying_back.apply_payback(_payback_of(call), found),
    refused=lambda call, error: paying_back.payback_refused(_payback_of(call), error),
)


def _about(event) -> dict:
    return (event.payload.get("data") or {}).get("object") or {}


def _lot_by(**fields) -> Lot | None:
    return Lot.objects.select_related("wallet", "call").filter(**fields).first()


@on_event("checkout.session.")
def session_changed(event):
    lot = _lot_by(session_id=event.object_id)
    if lot is None:  # our own answer may have been lost: the session says which call made it
        tag = (_about(event).get("metadata") or {}).get("call") or ""
        call = Call.objects.filter(operation="wallet_checkout", uuid=tag).first() if len(tag) == 36 else None
        lot = _lot_by(call=call) if call else None
    if lot:
        topping_up.sync_lot(lot, gateway.checkout(event.object_id))


@on_event("payment_intent.", "charge.succeeded", "charge.failed", "charge.updated")
def payment_changed(event):
    about = _about(event)
    intent = event.object_id if event.kind.startswith("payment_intent.") else about.get("payment_intent")
    lot = _lot_by(intent_id=intent) if intent else None
    if lot and lot.session_id:
        topping_up.sync_lot(lot)


@on_event("charge.refunded", "charge.refund.", "refund.")
def refund_changed(event):
    intent = _about(event).get("payment_intent")
    lot = _lot_by(intent_id=intent) if intent else None
    if lot is None:
        return
    for found in gateway.refunds_of(intent):
        tag = (found.get("metadata") or {}).get("call") or ""
        call = Call.objects.filter(operation="wallet_refund", uuid=tag).first() if len(tag) == 36 else None
        if call and call.state not in (DONE, REJECTED):
            outbox.close(call, found)
        paying_back.apply_payback(by_hand.adopt_payback(lot, found), found)


@on_event("topup.")
def topup_changed(event):
    banking.sync_topup(event.object_id)
