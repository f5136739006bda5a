"""Customers, and the payment methods that they let Stripe keep."""

from .. import params as read
from ..models import Thing
from ..numbers import CARDS
from ..refusal import Refusal
from ..store import add, get, save, tell
from .lists import page_of

ALLOWED = {"name", "email", "description", "metadata", "expand"}
EXPIRY = {"exp_month": 12, "exp_year": 2034}


def create(request, found):
    read.known(found, ALLOWED)
    customer = add(
        "customer",
        {
            "name": found.get("name"),
            "email": found.get("email"),
            "description": found.get("description"),
            "metadata": read.metadata(found),
            "balance": 0,
            "currency": None,
            "delinquent": False,
            "invoice_settings": {
                "custom_fields": None,
                "default_payment_method": None,
                "footer": None,
                "rendering_options": None,
            },
            "shipping": None,
        },
    )
    tell("customer.created", customer.data)
    return customer.data


def retrieve(request, found, customer):
    return get("customer", customer).data


def methods(request, found, customer):
    get("customer", customer)
    read.known(found, {"type", "allow_redisplay", "limit", "starting_after", "ending_before", "expand"})
    rows = saved_for(customer)
    for name in ("type", "allow_redisplay"):
        if name in found:
            rows = rows.filter(**{f"data__{name}": found[name]})
    return page_of(rows, found, f"/v1/customers/{customer}/payment_methods")


def saved_for(customer: str):
    return Thing.objects.filter(kind="payment_method", data__customer=customer)


def retrieve_method(request, found, method):
    return get("payment_method", method).data


def detach(request, found, method):
    read.known(found, {"expand"})
    thing = get("payment_method", method)
    if not thing.data["customer"]:
        raise Refusal(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            kept=True,
        )
    before = thing.data["customer"]
    save(thing, customer=None)
    tell("payment_method.detached", thing.data, previous={"customer": before})
    return thing.data


# --- what the person on the page does -----------------------------------------------------------------------


def card_details(number: str) -> dict:
    """Of a test card, as charges and saved methods show it."""
    return {
        "brand": CARDS[number].brand,
        "last4": number[-4:],
        "funding": "credit",
        "country": "US",
        **EXPIRY,
    }


def keep(customer: str, number: str, allow_redisplay: str) -> Thing:
    """Save the card for `customer`: the same one again is the same one."""
    for known in saved_for(customer):
        if known.notes.get("number") == number:
            return known
    thing = add(
        "payment_method",
        {
            "type": "card",
            "card": card_details(number),
            "customer": customer,
            "allow_redisplay": allow_redisplay,
            "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
            "metadata": {},
        },
        notes={"number": number},
    )
    tell("payment_method.attached", thing.data)
    return thing
