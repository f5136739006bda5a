"""An organisation becomes a customer at Stripe, and what Stripe keeps for it can be removed."""

import logging
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.employers.models import Organisation
from marketplace.ground import clock
from marketplace.ground.errors import NotAllowed, WrongMoment
from marketplace.ground.states import move, record

from ..stripe import gateway
from ..stripe.actions import outbox
from ..stripe.states import REJECTED as CALL_REJECTED
from .models import Payer, PaymentMethod
from .queries import ON_ITS_WAY, allowed_actions
from .states import REMOVED, REMOVING, SAVED

log = logging.getLogger(__name__)


def prepare(ref: str) -> Payer:
    """See to it that the organisation `ref` is a customer at Stripe by the time that it pays."""
    with transaction.atomic():
        payer = _row(ref)
        organisation = Organisation.objects.filter(public_id=ref).first()
        if organisation and not payer.stripe_id and (not payer.call or payer.call.state == CALL_REJECTED):
            payer.call = outbox.enqueue(
                "customer",
                {"name": organisation.name, "metadata": {"organisation": ref, "payer": payer.public_id}},
            )
            payer.closed_at = None
            payer.save(update_fields=["call", "closed_at"])
    return payer


def _row(ref: str) -> Payer:
    try:
        with transaction.atomic():
            Payer.objects.get_or_create(ref=ref)
    except IntegrityError:  # two at once
        log.debug("another request made the payer %s", ref)
    return Payer.objects.select_for_update().get(ref=ref)


def checkout_params(ref: str, by) -> dict:
    """What a payment page is told about who pays.

    With a customer, Stripe shows the cards saved for it and asks whether to keep a new one; until Stripe has
    made it, the person's e-mail address alone.
    """
    payer = prepare(ref)
    if payer.stripe_id and not payer.closed_at:
        return {
            "customer": payer.stripe_id,
            "saved_payment_method_options": {"payment_method_save": "enabled"},
        }
    return {"customer_email": by.email} if by is not None else {}


def customer_made(payer: Payer, customer: dict) -> None:
    """Our call's answer. Runs inside the transaction that closes the call."""
    Payer.objects.filter(pk=payer.pk).update(stripe_id=customer["id"])


def remove_method(*, by, organisation, method: PaymentMethod) -> None:
    """An owner has Stripe forget a saved card or bank account; it is not offered again from now on.

    Raises `NotAllowed` for others and `WrongMoment` when it is on its way already.
    """
    with transaction.atomic():
        row = PaymentMethod.objects.select_for_update().get(pk=method.pk)
        why = allowed_actions(by, organisation, row)["remove"]
        if why == ON_ITS_WAY or row.state == REMOVED:
            raise WrongMoment(why or "This payment method has been removed.")
        if why:
            raise NotAllowed(why)
        _remove(row, by=by)


def _remove(row: PaymentMethod, *, by, reason="") -> None:
    call = outbox.enqueue("detach", {"payment_method": row.stripe_id}, tagged=False)
    move(row, REMOVING, by=by, reason=reason, call=call)


def method_detached(method: PaymentMethod) -> None:
    if method.state != REMOVED:
        move(method, REMOVED)


def close_payer(ref: str) -> None:
    """Nobody acts for the organisation any more: Stripe forgets what it kept for it."""
    with transaction.atomic():
        payer = Payer.objects.select_for_update().filter(ref=ref).first()
        if payer is None:
            return
        Payer.objects.filter(pk=payer.pk).update(closed_at=clock.now())
        for row in payer.methods.select_for_update().filter(state=SAVED):
            _remove(row, by=None, reason="closed")


def sync_methods(payer: Payer) -> None:
    """Read what Stripe keeps for `payer` and take it over. Raises `gateway.StripeTrouble`."""
    if payer.stripe_id:
        asked_at = clock.now()
        apply_methods(payer, gateway.payment_methods_of(payer.stripe_id), asked_at)


def apply_methods(payer: Payer, found: list[dict], asked_at: datetime | None = None) -> None:
    """Take over the list that Stripe gave at `asked_at`. Of two readers at once the later list stays: an older one
    knows nothing of a card that was saved meanwhile, and would take it away.
    """
    asked_at = asked_at or clock.now()
    with transaction.atomic():
        row = Payer.objects.select_for_update().get(pk=payer.pk)
        if row.methods_read_at and asked_at < row.methods_read_at:
            return
        Payer.objects.filter(pk=row.pk).update(methods_read_at=asked_at)
        known = {method.stripe_id: method for method in row.methods.select_for_update()}
        for body in found:
            if body["id"] not in known:
                method = PaymentMethod.objects.create(payer=row, stripe_id=body["id"], **_shown(body))
                record(method, method.state)
                if row.closed_at:
                    _remove(method, by=None, reason="closed")
            elif known[body["id"]].state == REMOVED and known[body["id"]].call is None and not row.closed_at:
                move(known[body["id"]], SAVED, reason="listed_again")
        gone = known.keys() - {body["id"] for body in found}
        for stripe_id in gone:
            method_detached(known[stripe_id])


def _shown(body: dict) -> dict:
    """What may be shown of a payment method: never more than Stripe itself shows on a receipt."""
    kind = body.get("type") or ""
    details = body.get(kind) or {}
    brand = details.get("display_brand") or details.get("brand") or details.get("bank_name") or ""
    return {
        "kind": kind[:40],
        "brand": str(brand)[:40],
        "last4": str(details.get("last4") or "")[:4],
        "exp_month": details.get("exp_month"),
        "exp_year": details.get("exp_year"),
    }
