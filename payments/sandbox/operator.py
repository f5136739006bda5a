"""A page for the person who plays Stripe and the banks: dispute a charge, win or lose it, return a payout,
restrict an account, or let pass what is under way.
"""

from urllib.parse import urlsplit

from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import render

from marketplace.ground.money import show

from . import carry, clockwork, store
from .api import accounts, disputes, payouts, refunds
from .models import Thing
from .refusal import Refusal

ROWS = 15

#: name -> (kind of thing, words on the button, what it does)
ACTS = {
    "dispute": ("charge", "Dispute it", disputes.open_dispute),
    "inquire": ("charge", "Bank inquires", lambda thing: disputes.open_dispute(thing, inquiry=True)),
    "warn": ("charge", "Fraud warning", disputes.warn),
    "win": ("dispute", "The site wins", lambda thing: disputes.close(thing, "won")),
    "lose": ("dispute", "The site loses", lambda thing: disputes.close(thing, "lost")),
    "prevent": ("dispute", "It is stopped", lambda thing: disputes.close(thing, "prevented")),
    "drop": ("dispute", "Comes to nothing", lambda thing: disputes.close(thing, "warning_closed")),
    "escalate": ("dispute", "Becomes a dispute", disputes.escalate),
    "refund_arrives": ("refund", "It arrives", refunds.succeed),
    "refund_fails": ("refund", "It comes back", refunds.fail),
    "payout_fails": ("payout", "The bank returns it", payouts.fail),
    "restrict": ("v2.core.account", "Restrict", lambda thing: accounts.change(thing, "restricted")),
    "restore": ("v2.core.account", "Restore", lambda thing: accounts.change(thing, "active")),
    "close": ("v2.core.account", "Close", accounts.close),
}


def page(request):
    error, status = "", 200
    if request.method == "POST":
        try:
            _act(request)
            return HttpResponseRedirect("/operator")
        except Refusal as refusal:
            error, status = str(refusal), 409
    answer = render(
        request, "payments/sandbox/operator.html", {"sections": _sections(), "error": error}, status=status
    )
    answer["Cache-Control"] = "no-store"
    return answer


def _act(request) -> None:
    origin = request.headers.get("Origin", "")
    if origin and urlsplit(origin).netloc != request.get_host():
        raise Refusal("Only this page itself may ask for that.")
    name = request.POST.get("act", "")
    if name == "pass_time":
        clockwork.tick(force=True)
        carry.deliver_due(all_now=True)
        return
    if name not in ACTS:
        raise Refusal("There is no such act.")
    kind, _, does = ACTS[name]
    with transaction.atomic():
        store.lock_everything()
        does(store.get(kind, request.POST.get("id", ""), None))


def _sections() -> list[dict]:
    """What there is, newest first, each row with the acts that it allows now."""
    return [
        {"title": title, "rows": [_row(thing, acts(thing)) for thing in _latest(kind)]}
        for title, kind, acts in (
            ("Payments", "charge", _charge_acts),
            ("Disputes", "dispute", _dispute_acts),
            ("Refunds", "refund", _refund_acts),
            ("Payouts", "payout", _payout_acts),
            ("Accounts", "v2.core.account", _account_acts),
        )
    ]


def _latest(kind):
    rows = Thing.objects.filter(kind=kind)
    if kind == "charge":
        rows = rows.filter(account="")
    return rows.order_by("-order")[:ROWS]


def _row(thing, names) -> dict:
    body = thing.data
    money = show(body["amount"], body["currency"]) if "amount" in body else body.get("display_name", "")
    state = body.get("status") or ("closed" if body.get("closed") else _capability(thing))
    return {
        "id": thing.id,
        "what": money,
        "about": body.get("description") or body.get("reason") or thing.account or "",
        "state": str(state).replace("_", " "),
        "acts": [(name, ACTS[name][1]) for name in names],
    }


def _capability(thing) -> str:
    recipient = (thing.data.get("configuration") or {}).get("recipient") or {}
    return recipient["capabilities"]["stripe_balance"]["stripe_transfers"]["status"]


def _charge_acts(thing):
    return [] if thing.data["disputed"] else ["dispute", "inquire", "warn"]


def _dispute_acts(thing):
    status = thing.data["status"]
    if status.startswith("warning_") and status != "warning_closed":
        return ["drop", "escalate", "prevent"]
    return ["win", "lose", "prevent"] if status in disputes.OPEN else []


def _refund_acts(thing):
    status = thing.data["status"]
    return {"pending": ["refund_arrives", "refund_fails"], "succeeded": ["refund_fails"]}.get(status, [])


def _payout_acts(thing):
    return ["payout_fails"] if thing.data["status"] != "failed" else []


def _account_acts(thing):
    if thing.data["closed"]:
        return []
    return [*(["restrict"] if accounts.can_receive(thing) else ["restore"]), "close"]
