"""Refunds of charges."""

from .. import params as read
from ..models import Thing
from ..refusal import Refusal
from ..store import add, add_line, get, save, tell

ALLOWED = {"payment_intent", "charge", "amount", "reason", "metadata", "expand"}
REASONS = {"duplicate", "fraudulent", "requested_by_customer"}


def create(request, found):
    read.known(found, ALLOWED)
    charge = _charge(found)
    if found.get("reason") not in (None, *REASONS):
        raise Refusal("Invalid reason", param="reason")
    left = charge.data["amount"] - charge.data["amount_refunded"]
    amount = read.amount(found["amount"]) if "amount" in found else left
    if charge.data["disputed"]:
        raise Refusal(
            f"Charge {charge.id} has been charged back; cannot issue a refund.",
            code="charge_disputed",
            kept=True,
        )
    if not left:
        raise Refusal(
            f"Charge {charge.id} has already been refunded.", code="charge_already_refunded", kept=True
        )
    if amount > left:
        raise Refusal(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
            kept=True,
        )
    return make(charge, amount, found.get("reason"), read.metadata(found)).data


def _charge(found) -> Thing:
    if found.get("payment_intent"):
        intent = get("payment_intent", found["payment_intent"])
        if not intent.data["latest_charge"]:
            raise Refusal("This PaymentIntent does not have a successful charge to refund.", kept=True)
        return get("charge", intent.data["latest_charge"])
    if found.get("charge"):
        return get("charge", found["charge"])
    raise Refusal(
        "One of the following params should be provided for this request: payment_intent or charge."
    )


def make(charge: Thing, amount: int, reason, metadata) -> Thing:
    bank = charge.data["payment_method_details"]["type"] == "us_bank_account"
    refund = add(
        "refund",
        {
            "amount": amount,
            "currency": charge.data["currency"],
            "charge": charge.id,
            "metadata": metadata,
            "payment_intent": charge.data["payment_intent"],
            "reason": reason,
            "status": "succeeded",
        },
    )
    line = add_line("payment_refund" if bank else "refund", -amount, charge.data["currency"], refund.id)
    refund.data.pop("livemode")
    save(refund, balance_transaction=line.id)
    total = charge.data["amount_refunded"] + amount
    save(charge, amount_refunded=total, refunded=total == charge.data["amount"])
    tell("refund.created", refund.data)
    tell("charge.refunded", charge.data)
    return refund


def fail(refund: Thing) -> Thing:
    """The payer's bank sends the money back, perhaps days later."""
    charge = get("charge", refund.data["charge"])
    line = add_line("refund_failure", refund.data["amount"], refund.data["currency"], refund.id)
    save(refund, status="failed", failure_reason="lost_or_stolen_card", failure_balance_transaction=line.id)
    save(charge, amount_refunded=charge.data["amount_refunded"] - refund.data["amount"], refunded=False)
    tell("refund.failed", refund.data)
    return refund


def retrieve(request, found, refund):
    return get("refund", refund).data
