"""What Stripe's answers and events mean for fundings, releases, refunds and payouts.

An event says where to look; what is taken over is what Stripe answers when the object is read again.
"""

import logging

from django.dispatch import receiver

from marketplace.ground.money import show
from marketplace.ground.nudge import nudge

from .. import signals
from ..connect.models import PayeeAccount
from ..stripe import gateway
from ..stripe.actions import outbox
from ..stripe.lookup import is_uuid, tagged_call
from ..stripe.registry import on_event, operation
from ..stripe.states import DONE, REJECTED
from ..wallets.models import Lot
from .actions import funding, paying_out, refunding, releasing, resending, reversing
from .actions.holding import lock_hold
from .models import Funding, Hold, Refund, Release
from .recovery import Reversal

log = logging.getLogger(__name__)


# --- answers ------------------------------------------------------------------------------------------------


def _lock_funding(call):
    lock_hold(Funding.objects.values_list("hold_id", flat=True).get(call=call))


def _lock_release(call):
    lock_hold(Release.objects.values_list("part__hold_id", flat=True).get(call=call))


def _lock_refund(call):
    lock_hold(Refund.objects.values_list("hold_id", flat=True).get(call=call))


def _lock_reversal(call):
    lock_hold(Reversal.objects.values_list("release__part__hold_id", flat=True).get(call=call))


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
operation(
    "reversal",
    lock=_lock_reversal,
    done=lambda call, found: reversing.reversal_made(Reversal.objects.get(call=call), found),
    refused=lambda call, error: reversing.reversal_refused(Reversal.objects.get(call=call), error),
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
        call = tagged_call(session)
        found = Funding.objects.filter(call=call).select_related("call").first() if call else None
    if found:
        funding.sync_funding(found, session)


def sync_refunds(intent: str | None) -> None:
    if intent and Lot.objects.filter(intent_id=intent).exists():
        return  # a sponsor's own money going back: the wallets see to it
    for found in gateway.refunds_of(intent) if intent else ():
        call = tagged_call(found)
        if call and call.state not in (DONE, REJECTED):
            outbox.close(call, found)
        refund = Refund.objects.filter(refund_id=found["id"]).first()
        if refund:
            refunding.apply_refund(refund, found)
        elif paid := Funding.objects.filter(intent_id=intent).first():
            resending.adopt_refund(paid, found)
        else:
            log.error("refund %s is of a payment that we do not know", found["id"])


@on_event("checkout.session.")
def session_changed(event):
    _sync_session(event.object_id)


@on_event("payment_intent.")
def intent_changed(event):
    _sync_funding_of_intent(event.object_id)


@on_event("charge.refunded", "charge.refund.", "refund.")
def refund_changed(event):
    sync_refunds(_about(event).get("payment_intent"))


@on_event("charge.")
def charge_changed(event):
    _sync_funding_of_intent(_about(event).get("payment_intent"))


@on_event("transfer.")
def transfer_changed(event):
    found = gateway.transfer(event.object_id)
    call = tagged_call(found)
    if call is None:
        _transfer_by_hand(found)
    elif call.state not in (DONE, REJECTED):
        outbox.close(call, found)
    if found["amount_reversed"]:
        reversing.sync_reversals(found["id"])


def _transfer_by_hand(found: dict) -> None:
    """Nothing of ours asked for it: reconciliation puts it on suspense, and staff are told whose hold it names."""
    log.error("transfer %s was not asked for by us", found["id"])
    group = found.get("transfer_group") or ""
    hold = Hold.objects.filter(uuid=group).first() if is_uuid(group) else None
    what = f"{show(found['amount'], found['currency'])} was transferred at Stripe by hand ({found['id']})."
    signals.unexpected_at_stripe.send(sender=Hold, hold=hold, what=what)


@on_event("payout.")
def payout_changed(event):
    payee = PayeeAccount.objects.filter(stripe_id=event.account).first() if event.account else None
    if payee:
        paying_out.sync_payout(payee, event.object_id)


@receiver(signals.payee_changed)
def money_may_go_now(sender, payee, old, new, **kwargs):
    nudge("payments.retry_waiting")


@receiver(signals.topped_up)
def funds_may_do_now(sender, currency, **kwargs):
    releasing.retry_funds()
