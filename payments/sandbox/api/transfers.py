"""Transfers to connected accounts, and their reversals."""

from .. import params as read
from ..models import Thing
from ..refusal import Refusal, missing
from ..store import add, add_line, balance_of, get, now, save, settings_now, tell
from .accounts import can_receive
from .checkout import transferred_from
from .lists import page_of

ALLOWED = {
    "amount",
    "currency",
    "destination",
    "transfer_group",
    "source_transaction",
    "description",
    "metadata",
    "expand",
}


def create(request, found):
    read.known(found, ALLOWED, ("amount", "currency", "destination"))
    amount, currency = read.amount(found["amount"]), read.currency(found["currency"])
    account = Thing.objects.filter(kind="v2.core.account", id=found["destination"]).first()
    if account is None:
        raise Refusal(
            f"No such destination: '{found['destination']}'", code="resource_missing", param="destination"
        )
    if not can_receive(account):
        raise Refusal(
            "Your destination account needs to have at least one of the following capabilities enabled:"
            " transfers, crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
            kept=True,
        )
    source = found.get("source_transaction")
    if source:
        _bounded_by(source, amount, currency)
    elif balance_of("", currency) < amount:
        raise Refusal(
            "You have insufficient available funds in your Stripe account.",
            code="balance_insufficient",
            kept=True,
        )
    transfer = add(
        "transfer",
        {
            "amount": amount,
            "amount_reversed": 0,
            "currency": currency,
            "destination": account.id,
            "reversed": False,
            "description": found.get("description"),
            "metadata": read.metadata(found),
            "source_transaction": source,
            "source_type": "card",
            "transfer_group": found.get("transfer_group"),
            "reversals": {"object": "list", "data": [], "has_more": False, "total_count": 0, "url": ""},
        },
    )
    line = add_line("transfer", -amount, currency, transfer.id)
    payment = _arrive(account, transfer, amount, currency)
    save(
        transfer,
        balance_transaction=line.id,
        destination_payment=payment.id,
        reversals={**transfer.data["reversals"], "url": f"/v1/transfers/{transfer.id}/reversals"},
    )
    tell("transfer.created", transfer.data)
    return transfer.data


def _bounded_by(source: str, amount: int, currency: str) -> None:
    charge = Thing.objects.filter(kind="charge", id=source, account="").first()
    if charge is None:
        raise Refusal(f"No such charge: '{source}'", code="resource_missing", param="source_transaction")
    if charge.data["currency"] != currency:
        raise Refusal("The currency of source_transaction differs from the transfer's.", param="currency")
    left = charge.data["amount"] - charge.data["amount_refunded"] - transferred_from(source)
    if amount > left:
        raise Refusal(
            "Transfers using this transaction as a source must not exceed the source amount of"
            f" {charge.data['amount']}.",
            param="amount",
            kept=True,
        )


def _arrive(account: Thing, transfer: Thing, amount: int, currency: str) -> Thing:
    """The student's side of the transfer: a payment on their account, and a payout that will follow."""
    payment = add(
        "charge",
        {
            "amount": amount,
            "amount_captured": amount,
            "amount_refunded": 0,
            "captured": True,
            "currency": currency,
            "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
            "disputed": False,
            "metadata": {},
            "paid": True,
            "refunded": False,
            "status": "succeeded",
            "source_transfer": transfer.id,
        },
        account=account.id,
        prefix="payment",
    )
    line = add_line(
        "payment",
        amount,
        currency,
        payment.id,
        account=account.id,
        available_in=settings_now()["transfer_available_after"],
    )
    save(payment, balance_transaction=line.id)
    account.due = account.due or now() + settings_now()["payout_after"]
    account.save(update_fields=["due"])
    return payment


def retrieve(request, found, transfer):
    return get("transfer", transfer).data


def reversals(request, found, transfer):
    get("transfer", transfer)
    read.known(found, {"limit", "starting_after", "ending_before", "expand"})
    rows = Thing.objects.filter(kind="transfer_reversal", data__transfer=transfer)
    return page_of(rows, found, f"/v1/transfers/{transfer}/reversals")


def reversal(request, found, transfer, reversal):
    thing = get("transfer_reversal", reversal)
    if thing.data["transfer"] != transfer:
        raise missing("transfer reversal", reversal)
    return thing.data


def reverse(request, found, transfer):
    read.known(found, {"amount", "metadata", "description", "expand"})
    thing = get("transfer", transfer)
    left = thing.data["amount"] - thing.data["amount_reversed"]
    amount = read.amount(found["amount"]) if "amount" in found else left
    if amount > left or not left:
        raise Refusal(
            "The reversal is larger than what is left of the transfer.",
            code="transfer_already_reversed" if not left else None,
            param="amount",
            kept=True,
        )
    account, currency = thing.data["destination"], thing.data["currency"]
    if balance_of(account, currency, available_only=False) < amount:
        raise Refusal("Insufficient funds in the connected account.", code="balance_insufficient", kept=True)
    reversal = add(
        "transfer_reversal",
        {"amount": amount, "currency": currency, "transfer": thing.id, "metadata": read.metadata(found)},
    )
    line = add_line("transfer_refund", amount, currency, reversal.id)
    add_line("payment_refund", -amount, currency, thing.data["destination_payment"], account=account)
    del reversal.data["livemode"]
    save(reversal, balance_transaction=line.id, source_refund=None, destination_payment_refund=None)
    taken = thing.data["amount_reversed"] + amount
    recent = Thing.objects.filter(kind="transfer_reversal", data__transfer=thing.id).order_by("-order")
    listed = {
        **thing.data["reversals"],
        "data": [row.data for row in recent[:10]],
        "has_more": recent.count() > 10,
        "total_count": recent.count(),
    }
    save(thing, amount_reversed=taken, reversed=taken == thing.data["amount"], reversals=listed)
    tell("transfer.reversed", thing.data)
    return reversal.data
