"""The hosted pages: paying, onboarding, and a person's own dashboard. In the site's look, and plainly
marked as a test.
"""

import re
from urllib.parse import urlsplit

from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import render

from marketplace.ground.money import show

from . import store
from .api import accounts, checkout, customers
from .models import Line, Thing
from .numbers import BANKS, CARDS, REFUSALS, grouped
from .refusal import Refusal


def _page(request, template, context, *, status=200, leads_to=""):
    """A page whose forms may lead back to the site that sent the person here."""
    answer = render(request, f"payments/sandbox/{template}", context, status=status)
    parts = urlsplit(leads_to)
    if parts.scheme in ("http", "https"):
        answer._csp_update = {"form-action": [f"{parts.scheme}://{parts.netloc}"]}
    answer["Cache-Control"] = "no-store"
    return answer


def _gone(request, words, status=404):
    return _page(request, "gone.html", {"words": words}, status=status)


def _session(session):
    return Thing.objects.filter(kind="checkout.session", id=session).first()


def pay(request, session):
    thing = _session(session)
    if thing is None:
        return _gone(request, "There is no such payment page.")
    if thing.data["status"] != "open":
        return _gone(request, "This payment page has been paid or has expired.", 410)
    if request.method != "POST":
        return _pay_page(request, thing)
    return _try_payment(request, thing)


def _pay_page(request, thing, *, error="", field="", status=200):
    options = thing.data["saved_payment_method_options"] or {}
    numbers = [(grouped(number), card.words) for number, card in CARDS.items()]
    usd = thing.data["currency"] == "usd"
    return _page(
        request,
        "pay.html",
        {
            "session": thing.data,
            "name": thing.notes["name"],
            "error": error,
            "field": field,
            "typed": request.POST if request.method == "POST" else {},
            "bank": usd,
            "numbers": numbers + ([(number, words) for number, (_, words) in BANKS.items()] if usd else []),
            "saved": _saved(thing),
            "may_save": options.get("payment_method_save") == "enabled",
            "amount": _money(thing.data["amount_total"], thing.data["currency"]),
        },
        status=status,
        leads_to=thing.data["success_url"],
    )


def _saved(thing) -> list[Thing]:
    """The cards that the customer let Stripe keep and show again."""
    if not thing.data["customer"]:
        return []
    filters = (thing.data["saved_payment_method_options"] or {}).get("allow_redisplay_filters") or ["always"]
    rows = customers.saved_for(thing.data["customer"]).filter(data__allow_redisplay__in=filters)
    return list(rows.order_by("-order")[:10])


def _try_payment(request, thing):
    way = request.POST.get("way", "card")
    typed = re.sub(r"[\s-]", "", request.POST.get("account_number" if way == "bank" else "card_number", ""))
    if way == "saved":
        chosen = next((row for row in _saved(thing) if row.id == request.POST.get("method")), None)
        typed = chosen.notes["number"] if chosen else ""
    if way == "bank":
        method = BANKS[typed][0] if typed in BANKS else None
    else:
        method = CARDS[typed].outcome if typed in CARDS else None
    if method is None:
        words = {
            "bank": "Use one of the test account numbers below.",
            "saved": "This card is no longer saved. Use another one.",
        }.get(way, "Your card number is not a test card. Use one of the numbers below.")
        return _pay_page(request, thing, error=words, field=way, status=422)
    if method in REFUSALS:
        return _pay_page(request, thing, error=REFUSALS[method], field="card", status=402)
    save_card = way == "card" and request.POST.get("save") == "yes"
    if method == "3ds":
        return _page(
            request,
            "confirm.html",
            {
                "session": thing.data,
                "save": save_card,
                "amount": _money(thing.data["amount_total"], thing.data["currency"]),
            },
            leads_to=thing.data["success_url"],
        )
    return _pay(request, thing, method, typed, save_card)


def confirm(request, session):
    """What the bank asks in between: the person agrees, or does not."""
    thing = _session(session)
    if thing is None or request.method != "POST":
        return _gone(request, "There is no such payment page.")
    if request.POST.get("answer") != "agree":
        return _pay_page(
            request,
            thing,
            field="card",
            status=402,
            error="Your bank could not confirm that it is you. Try again, or use another card.",
        )
    return _pay(request, thing, "3ds", "", request.POST.get("save") == "yes")


def _pay(request, thing, method, number, save_card):
    try:
        with transaction.atomic():
            store.lock_everything()
            thing = checkout.open_session(thing.id)
            checkout.pay(thing, method, number="" if number in BANKS else number, save_card=save_card)
    except Refusal:
        return _gone(request, "This payment page has been paid or has expired.", 410)
    return HttpResponseRedirect(thing.data["success_url"].replace("{CHECKOUT_SESSION_ID}", thing.id))


def setup(request, token):
    link = Thing.objects.filter(kind="v2.core.account_link", notes__token=token).first()
    if link is None:
        return _gone(request, "There is no such page.")
    onboarding = link.data["use_case"]["account_onboarding"]
    back = onboarding.get("return_url") or onboarding["refresh_url"]
    if request.method != "POST":
        if link.notes["used"] or link.notes["expires"] < store.now():
            return HttpResponseRedirect(onboarding["refresh_url"])
        link.notes["used"] = True  # single use: a second visit gets a new link
        store.save(link)
        account = store.get("v2.core.account", link.data["account"])
        return _page(
            request,
            "setup.html",
            {"account": account.data, "link": link.data, "typed": {}, "back": back},
            leads_to=back,
        )
    return _finish_setup(request, link, back)


def _finish_setup(request, link, back):
    number = re.sub(r"[\s-]", "", request.POST.get("account_number", ""))
    account = store.get("v2.core.account", link.data["account"])
    if number not in BANKS:
        return _page(
            request,
            "setup.html",
            {
                "account": account.data,
                "link": link.data,
                "typed": request.POST,
                "back": back,
                "error": "Use one of the test account numbers below.",
            },
            status=422,
            leads_to=back,
        )
    outcome = request.POST.get("outcome", "complete")
    with transaction.atomic():
        store.lock_everything()
        account = store.get("v2.core.account", link.data["account"])
        accounts.onboard(
            account,
            outcome if outcome in ("review", "restricted") else "complete",
            bank_fails=BANKS[number][0] == "bank_fails",
        )
    return HttpResponseRedirect(back)


def express(request, account):
    thing = Thing.objects.filter(kind="v2.core.account", id=account).first()
    if thing is None:
        return _gone(request, "There is no such account.")
    payouts = Thing.objects.filter(kind="payout", account=account).order_by("-order")[:20]
    rows = [
        {
            "amount": _money(row.data["amount"], row.data["currency"]),
            "status": row.data["status"].replace("_", " "),
            "id": row.id,
        }
        for row in payouts
    ]
    currency = Line.objects.filter(account=account).values_list("currency", flat=True).first() or "usd"
    balance = store.balance_of(account, currency, available_only=False)
    return _page(
        request,
        "express.html",
        {"account": thing.data, "payouts": rows, "balance": _money(balance, currency)},
    )


def _money(amount: int, currency: str) -> str:
    return show(amount, currency)
