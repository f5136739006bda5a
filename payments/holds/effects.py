"""What Stripe's answers and events mean for fundings, releases, refunds and payouts.

An event says where to look; what is taken over is what Stripe answers when the object is read again.
"""

import logging

from django.dispatch import receiver

from marketplace.ground.nudge import nudge

from .. import signals
from ..connect.models import PayeeAccount
from ..stripe import gateway
from ..stripe.actions import outbox
from ..stripe.models import Call
from ..stripe.registry import on_event, operation
from ..stripe.states import DONE, REJECTED
from .actions import freeze, funding, paying_out, refunding, releasing, unfreeze
from .actions.holding import lock_hold
from .models import Funding, Refund, Release

log = logging.getLogger(__name__)

DISPUTED = "the cardholder's bank disputes the payment"


# --- answers ------------------------------------------------------------------------------------------------


def _lock_funding(call):
    lock_hold(Funding.objects.values_list("hold_id", flat=True).get(call=call))


def _lock_release(call):
    lock_hold(Release.objects.values_list("part__hold_id", flat=True).get(call=call))


def _lock_refund(call):
    lock_hold(Refund.objects.values_list("hold_id", flat=True).get(call=call))


def _release_of(call):
    return Release.objects.select_related("part__hold").get(call=call)


operation(
    "checkout",
    lock=_lock_funding,
    done=lambda call, found: funding.session_made(
        Funding.objects.select_related("hold").get(call=call), found
    ),
    refused=lambda call, error: (
        funding.session_refused(Funding.objects.select_related("hold").get(call=call), error) or REJECTED
    ),
)
operation(
    "checkout_expire",
    lock=lambda call: None,
    done=lambda call, found: None,
    refused=lambda call, error: REJECTED,
)  # paid or closed already: its own event tells
operation(
    "transfer",
    lock=_lock_release,
    done=lambda call, found: releasing.transfer_made(_release_of(call), found),
    refused=lambda call, error: releasing.transfer_refused(_release_of(call), error),
)
operation(
    "refund",
    lock=_lock_refund,
    done=lambda call, found: refunding.apply_refund(Refund.objects.get(call=call), found),
    refused=lambda call, error: refunding.refund_refused(
        Refund.objects.select_related("hold").get(call=call), error
    ),
)


# --- events -------------------------------------------------------------------------------------------------


def _about(event) -> dict:
    """The event's own copy of the object: good for finding it, never for what it says."""
    return (event.payload.get("data") or {}).get("object") or {}


def _sync_funding_of_intent(intent: str | None) -> None:
    if not intent:
        return
    found = Funding.objects.filter(intent_id=intent).select_related("call").first()
    if found and found.session_id:
        funding.sync_funding(found)
        return
    for session in gateway.checkouts_of_intent(intent):
        _sync_session(session["id"])


def _sync_session(session_id: str) -> None:
    found = Funding.objects.filter(session_id=session_id).select_related("call").first()
    session = gateway.checkout(session_id)
    if found is None:
        tag = (session.get("metadata") or {}).get("call") or ""
        found = (
            Funding.objects.filter(call__uuid=tag).select_related("call").first() if _is_uuid(tag) else None
        )
    if found:
        funding.sync_funding(found, session)


def _is_uuid(tag: str) -> bool:
    return len(tag) == 36 and tag.count("-") == 4 and all(c in "0123456789abcdef-" for c in tag)


def _call_of(found: dict) -> Call | None:
    tag = (found.get("metadata") or {}).get("call") or ""
    return Call.objects.filter(uuid=tag).first() if _is_uuid(tag) else None


def sync_refunds(intent: str | None) -> None:
    for found in gateway.refunds_of(intent) if intent else ():
        call = _call_of(found)
        if call and call.state not in (DONE, REJECTED):
            outbox.close(call, found)
        refund = Refund.objects.filter(refund_id=found["id"]).first()
        if refund:
            refunding.apply_refund(refund, found)
        else:
            log.error("refund %s was not asked for by us", found["id"])


@on_event("checkout.session.")
def session_changed(event):
    _sync_session(event.object_id)


@on_event("payment_intent.")
def intent_changed(event):
    _sync_funding_of_intent(event.object_id)


@on_event("charge.dispute.")
def dispute_changed(event):
    found = gateway.dispute(event.object_id)
    paid = Funding.objects.filter(charge_id=found["charge"], extra=False).select_related("hold").first()
    if not paid:
        log.error("dispute %s is about a payment that we do not know", found["id"])
        return
    if found["status"] in ("won", "warning_closed", "prevented"):
        if paid.hold.frozen_why == DISPUTED:
            unfreeze(by=None, hold=paid.hold)
    elif not paid.hold.frozen_at:
        freeze(by=None, hold=paid.hold, why=DISPUTED)


@on_event("charge.refunded", "charge.refund.", "refund.")
def refund_changed(event):
    sync_refunds(_about(event).get("payment_intent"))


@on_event("charge.")
def charge_changed(event):
    _sync_funding_of_intent(_about(event).get("payment_intent"))


@on_event("transfer.")
def transfer_changed(event):
    found = gateway.transfer(event.object_id)
    call = _call_of(found)
    if call is None:
        log.error("transfer %s was not asked for by us", found["id"])
    elif call.state not in (DONE, REJECTED):
        outbox.close(call, found)


@on_event("payout.")
def payout_changed(event):
    payee = PayeeAccount.objects.filter(stripe_id=event.account).first() if event.account else None
    if payee:
        paying_out.sync_payout(payee, event.object_id)


@receiver(signals.payee_changed)
def money_may_go_now(sender, payee, old, new, **kwargs):
    nudge("payments.retry_waiting")
