"""Checkout sessions, payment intents and charges."""

from .. import params as read
from ..models import Thing
from ..numbers import card_of
from ..refusal import Refusal
from ..store import add, add_line, get, new_id, now, save, settings_now, tell
from . import disputes
from .customers import card_details, keep

ALLOWED = {
    "mode",
    "client_reference_id",
    "success_url",
    "cancel_url",
    "expires_at",
    "line_items",
    "payment_intent_data",
    "metadata",
    "customer",
    "customer_email",
    "saved_payment_method_options",
    "adaptive_pricing",
    "allowed_payment_method_types",
    "expand",
}
SMALLEST = {"usd": 50, "eur": 50, "gbp": 30, "jpy": 50}
TWO_DAYS = 2 * 86400
TROUBLE = ("dispute", "inquiry", "warning", "bank_dispute")


def create(request, found):
    read.known(found, ALLOWED, ("mode", "line_items", "success_url"))
    total, currency, name = _items(found["line_items"])
    if total < SMALLEST.get(currency, 1):
        raise Refusal("The Checkout Session's total amount is too small.", code="amount_too_small")
    inner = found.get("payment_intent_data") or {}
    read.known(
        inner,
        {"transfer_group", "description", "metadata", "statement_descriptor_suffix", "setup_future_usage"},
        path="payment_intent_data",
    )
    saving = _customer(found, inner)
    expires = read.integer(found["expires_at"], "expires_at") if "expires_at" in found else now() + 86400
    if not 1790 <= expires - now() <= 86410:
        raise Refusal(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from creation.",
            param="expires_at",
        )
    thing = add(
        "checkout.session",
        {
            "mode": found["mode"],
            "status": "open",
            "payment_status": "unpaid",
            "amount_subtotal": total,
            "amount_total": total,
            "currency": currency,
            "client_reference_id": found.get("client_reference_id"),
            "success_url": found["success_url"],
            "cancel_url": found.get("cancel_url"),
            "expires_at": expires,
            "metadata": read.metadata(found),
            "customer": found.get("customer"),
            "customer_email": found.get("customer_email"),
            "saved_payment_method_options": saving,
            "payment_intent": None,
            "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
            "custom_fields": [],
            "custom_text": {
                "after_submit": None,
                "shipping_address": None,
                "submit": None,
                "terms_of_service_acceptance": None,
            },
            "payment_method_types": ["card", "us_bank_account"] if currency == "usd" else ["card"],
            "shipping_options": [],
            "url": None,
        },
        notes={"name": name, "intent": {**inner, "metadata": read.metadata(inner)}},
    )
    thing.due = expires
    return save(thing, url=request.build_absolute_uri(f"/c/pay/{thing.id}")).data


def _customer(found, inner) -> dict | None:
    """The choices about saved payment methods, for a session with a customer."""
    given = found.get("saved_payment_method_options") or {}
    read.known(
        given,
        {"allow_redisplay_filters", "payment_method_save", "payment_method_remove"},
        path="saved_payment_method_options",
    )
    if inner.get("setup_future_usage", "") not in ("", "on_session", "off_session"):
        raise Refusal("Invalid setup_future_usage", param="payment_intent_data[setup_future_usage]")
    if not found.get("customer"):
        if given:
            raise Refusal("`saved_payment_method_options` needs a customer.", param="customer")
        return None
    if found.get("customer_email"):
        raise Refusal("You may only specify one of these parameters: customer, customer_email.")
    if not Thing.objects.filter(kind="customer", id=found["customer"]).exists():
        raise Refusal(f"No such customer: '{found['customer']}'", code="resource_missing", param="customer")
    return {
        "allow_redisplay_filters": ["always"],
        "payment_method_remove": "disabled",
        "payment_method_save": "disabled",
        **given,
    }


def _items(items) -> tuple[int, str, str]:
    if not isinstance(items, list):
        raise Refusal("Invalid array", param="line_items")
    total, currencies, names = 0, set(), []
    for item in items:
        read.known(item, {"quantity", "price_data"}, ("quantity", "price_data"), "line_items")
        price = item["price_data"]
        read.known(
            price,
            {"currency", "unit_amount", "product_data"},
            ("currency", "unit_amount", "product_data"),
            "price_data",
        )
        read.known(price["product_data"], {"name", "description"}, ("name",), "product_data")
        total += read.amount(price["unit_amount"], "unit_amount") * read.amount(item["quantity"], "quantity")
        currencies.add(read.currency(price["currency"]))
        names.append(price["product_data"]["name"])
    if len(currencies) != 1:
        raise Refusal("All line items must be in one currency.")
    return total, currencies.pop(), ", ".join(names)


def retrieve(request, found, session):
    return get("checkout.session", session).data


def expire(request, found, session):
    thing = get("checkout.session", session)
    if thing.data["status"] != "open":
        raise Refusal("Only Checkout Sessions with a status in `open` can be expired.", kept=True)
    return _expire(thing).data


def _expire(thing: Thing) -> Thing:
    thing.due = None
    save(thing, status="expired", url=None)
    tell("checkout.session.expired", thing.data)
    return thing


def wake(thing: Thing) -> None:
    """The page is too old, or a bank debit has come to its end."""
    if thing.data["status"] == "open":
        _expire(thing)
    elif thing.notes.get("debit"):
        finish_debit(thing)


# --- what the person on the page does ---------------------------------------------------------------------


def open_session(session: str) -> Thing:
    thing = get("checkout.session", session)
    if thing.data["status"] != "open":
        raise Refusal("This payment page is closed.", code="session_closed")
    return thing


def pay(thing: Thing, method: str, *, number="", save_card=False) -> Thing:
    """The person pays by `method`, one of `numbers.PAYMENTS`. The session is open and locked.

    number: the card's, any that comes to `method` when left out. save_card: the person agreed to keep it.
    """
    number = number or ("" if method.startswith("bank") else card_of(method))
    intent = add(
        "payment_intent",
        {
            "amount": thing.data["amount_total"],
            "amount_received": 0,
            "currency": thing.data["currency"],
            "status": "processing",
            "latest_charge": None,
            "last_payment_error": None,
            "transfer_data": None,
            "description": thing.notes["intent"].get("description"),
            "payment_method_types": ["card"],
            "transfer_group": thing.notes["intent"].get("transfer_group"),
            "metadata": thing.notes["intent"].get("metadata", {}),
            "customer": thing.data["customer"],
            "setup_future_usage": thing.notes["intent"].get("setup_future_usage"),
        },
        notes={"method": method, "number": number},
    )
    thing.due = None
    if method.startswith("bank"):
        thing.notes["debit"] = method
        thing.due = now() + settings_now()["bank_after"]
        save(thing, status="complete", payment_intent=intent.id, url=None)
        tell("payment_intent.processing", intent.data)
        tell("checkout.session.completed", thing.data)
        return thing
    save(thing, status="complete", payment_status="paid", payment_intent=intent.id, url=None)
    charge = _charge(intent, "card")
    _keep_card(thing, charge, number, save_card)
    tell("charge.succeeded", charge.data)
    tell("payment_intent.succeeded", intent.data)
    tell("checkout.session.completed", thing.data)
    return thing


def _keep_card(thing: Thing, charge: Thing, number: str, save_card: bool) -> None:
    customer, options = thing.data["customer"], thing.data["saved_payment_method_options"] or {}
    always = bool(thing.notes["intent"].get("setup_future_usage"))
    agreed = save_card and options.get("payment_method_save") == "enabled"
    if customer and (always or agreed):
        kept = keep(customer, number, "always" if agreed else "limited")
        save(charge, payment_method=kept.id)


def wake_charge(charge: Thing) -> None:
    """What a test number promised: a dispute, an inquiry or a warning, some time after the payment."""
    charge.due = None
    save(charge)
    outcome = charge.notes["outcome"]
    if outcome == "warning":
        disputes.warn(charge)
    else:
        reason = "debit_not_authorized" if outcome == "bank_dispute" else "fraudulent"
        disputes.open_dispute(charge, reason, inquiry=outcome == "inquiry")


def decline(thing: Thing) -> None:
    """A refused card leaves the page open for another try."""
    thing.notes["declined"] = thing.notes.get("declined", 0) + 1
    save(thing)


def finish_debit(thing: Thing) -> None:
    intent = get("payment_intent", thing.data["payment_intent"])
    fails, thing.due = thing.notes.pop("debit") == "bank_fails", None
    if fails:
        save(thing)
        save(
            intent,
            status="requires_payment_method",
            last_payment_error={
                "type": "card_error",
                "code": "payment_intent_payment_attempt_failed",
                "message": "The customer's bank account has insufficient funds to cover this payment.",
            },
        )
        tell("payment_intent.payment_failed", intent.data)
        tell("checkout.session.async_payment_failed", thing.data)
        return
    save(thing, payment_status="paid")
    charge = _charge(intent, "us_bank_account")
    tell("charge.succeeded", charge.data)
    tell("payment_intent.succeeded", intent.data)
    tell("checkout.session.async_payment_succeeded", thing.data)


def _charge(intent: Thing, method: str) -> Thing:
    amount, currency = intent.data["amount"], intent.data["currency"]
    bank, outcome = method == "us_bank_account", intent.notes["method"]
    details = {"type": method}
    if not bank:
        details["card"] = card_details(intent.notes["number"])
    fee = min(amount * 8 // 1000, 500) if bank else min(amount * 29 // 1000 + 30, amount)
    charge = add(
        "charge",
        {
            "amount": amount,
            "amount_captured": amount,
            "amount_refunded": 0,
            "captured": True,
            "currency": currency,
            "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
            "disputed": False,
            "metadata": intent.data["metadata"],
            "paid": True,
            "refunded": False,
            "status": "succeeded",
            "payment_intent": intent.id,
            "transfer_group": intent.data["transfer_group"],
            "description": intent.data["description"],
            "payment_method_details": details,
            "customer": intent.data["customer"],
            "balance_transaction": new_id("line"),
        },
        notes={"outcome": outcome},
        prefix="payment" if bank else "charge",
    )
    line = add_line(
        "payment" if bank else "charge", amount, currency, charge.id, fee=fee, available_in=TWO_DAYS
    )
    if outcome in TROUBLE:
        charge.due = now() + settings_now()["trouble_after"]
    save(charge, balance_transaction=line.id)
    save(intent, status="succeeded", amount_received=amount, latest_charge=charge.id)
    return charge


def transferred_from(charge: str) -> int:
    """How much of a charge has been passed on, reversals taken off."""
    rows = Thing.objects.filter(kind="transfer", data__source_transaction=charge)
    return sum(row.data["amount"] - row.data["amount_reversed"] for row in rows)
