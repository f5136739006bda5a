"""Refunds of charges."""

from .. import params as read
from ..models import Thing
from ..refusal import Refusal
from ..store import add, add_line, get, now, save, settings_now, tell
from .disputes import bars_refund, settle_warnings

ALLOWED = {"payment_intent", "charge", "amount", "reason", "metadata", "expand"}
#: How a refund goes that is pending at first; without funds nothing has left the balance yet.
PENDING_REASONS = {
    "pending": "insufficient_funds",
    "processing": "processing",
    "refund_pending": "insufficient_funds",
    "refund_fails_early": "insufficient_funds",
}
REASONS = {"duplicate", "fraudulent", "requested_by_customer"}


def create(request, found):
    read.known(found, ALLOWED)
    charge = _charge(found)
    if found.get("reason") not in (None, *REASONS):
        raise Refusal("Invalid reason", param="reason")
    left = charge.data["amount"] - charge.data["amount_refunded"]
    amount = read.amount(found["amount"]) if "amount" in found else left
    if bars_refund(charge):
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
    """A refund that succeeds at once, is pending for a while, or comes back, as the card or a control says."""
    outcome = settings_now()["refund_outcome"] or charge.notes.get("outcome", "")
    pending = outcome in PENDING_REASONS
    refund = add(
        "refund",
        {
            "amount": amount,
            "currency": charge.data["currency"],
            "charge": charge.id,
            "metadata": metadata,
            "payment_intent": charge.data["payment_intent"],
            "reason": reason,
            "status": "pending" if pending else "succeeded",
            "balance_transaction": None,
        },
        notes={"outcome": outcome},
    )
    refund.data.pop("livemode")
    if pending:
        refund.data["pending_reason"] = PENDING_REASONS[outcome]
    if outcome.startswith("refund_"):
        refund.due = now() + settings_now()["refund_after"]
    if refund.data.get("pending_reason") != "insufficient_funds":
        _pay(refund, charge)
    save(refund)
    total = charge.data["amount_refunded"] + amount
    save(charge, amount_refunded=total, refunded=total == charge.data["amount"])
    tell("refund.created", refund.data)
    tell("charge.refunded", charge.data)
    settle_warnings(charge)
    return refund


def _pay(refund: Thing, charge: Thing) -> None:
    """The money leaves the platform's balance."""
    bank = charge.data["payment_method_details"]["type"] == "us_bank_account"
    kind = "payment_refund" if bank else "refund"
    line = add_line(kind, -refund.data["amount"], refund.data["currency"], refund.id)
    refund.data["balance_transaction"] = line.id


def succeed(refund: Thing) -> Thing:
    """A pending refund arrives."""
    if refund.data["status"] != "pending":
        raise Refusal("Only a pending refund can succeed.")
    refund.due = None
    if not refund.data["balance_transaction"]:
        _pay(refund, get("charge", refund.data["charge"]))
    refund.data.pop("pending_reason", None)
    save(refund, status="succeeded")
    tell("refund.updated", refund.data, previous={"status": "pending"})
    tell("charge.refund.updated", refund.data, previous={"status": "pending"})
    return refund


def fail(refund: Thing) -> Thing:
    """The payer's bank sends the money back, before it arrived or days after it did."""
    if refund.data["status"] == "failed":
        raise Refusal("This refund has failed already.")
    charge = get("charge", refund.data["charge"])
    before, refund.due = refund.data["status"], None
    refund.data.pop("pending_reason", None)
    if refund.data["balance_transaction"]:
        line = add_line("refund_failure", refund.data["amount"], refund.data["currency"], refund.id)
        refund.data["failure_balance_transaction"] = line.id
    save(refund, status="failed", failure_reason="lost_or_stolen_card")
    save(charge, amount_refunded=charge.data["amount_refunded"] - refund.data["amount"], refunded=False)
    tell("refund.updated", refund.data, previous={"status": before})
    tell("refund.failed", refund.data)
    return refund


def wake(refund: Thing) -> None:
    if refund.notes["outcome"] == "refund_pending":
        succeed(refund)
    else:
        fail(refund)


def retrieve(request, found, refund):
    return get("refund", refund).data
