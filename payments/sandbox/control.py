"""What nobody does at Stripe by hand, and the demo and the tests need: JSON in, JSON out, loopback only."""

import json
from functools import wraps

from django.db import transaction
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt

from . import carry, clockwork, store
from .api import accounts, checkout, disputes, payouts, refunds, topups
from .door import EARLY, LATE
from .models import Delivery, Fault, Key, Line, Setting, Thing
from .numbers import PAYMENTS, REFUSALS
from .refusal import Refusal


def command(function):
    """A POST with a JSON body; runs under the one lock unless it says otherwise."""

    @csrf_exempt
    @wraps(function)
    def view(request, *args, **kwargs):
        if request.method != "POST":
            return JsonResponse({"error": "POST only"}, status=405)
        try:
            body = json.loads(request.body or b"{}")
            return JsonResponse(function(body, *args, **kwargs) or {"ok": True})
        except (Refusal, KeyError, ValueError) as error:
            return JsonResponse({"error": str(error)}, status=getattr(error, "status", 400))

    return view


def locked(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        with transaction.atomic():
            store.lock_everything()
            return function(*args, **kwargs)

    return wrapper


@command
@locked
def pay(body, session):
    method = body.get("method", "success")
    if method not in PAYMENTS:
        raise ValueError(f"method is one of {', '.join(PAYMENTS)}")
    thing = checkout.open_session(session)
    if method in REFUSALS:
        checkout.decline(thing)
        return {"status": "open"}
    checkout.pay(thing, method, save_card=bool(body.get("save")))
    return {
        "status": thing.data["status"],
        "payment_status": thing.data["payment_status"],
        "success_url": thing.data["success_url"].replace("{CHECKOUT_SESSION_ID}", thing.id),
    }


@command
@locked
def onboard(body, account):
    outcome = body.get("outcome", "complete")
    if outcome not in ("complete", "review", "restricted"):
        raise ValueError("outcome is complete, review or restricted")
    accounts.onboard(store.get("v2.core.account", account), outcome, bank_fails=bool(body.get("bank_fails")))


@command
@locked
def close_account(body, account):
    accounts.close(store.get("v2.core.account", account))


@command
@locked
def change_account(body, account):
    """{"status": "restricted"}, or unsupported, pending, active."""
    accounts.change(store.get("v2.core.account", account), body.get("status", "restricted"))


@command
@locked
def bank(body, account):
    """{"fails": true}: the person's bank sends payouts back from now on."""
    accounts.change_bank(store.get("v2.core.account", account), fails=bool(body.get("fails")))


@command
@locked
def dispute(body, charge):
    """Any of reason, amount (all that was not refunded), inquiry (true: no money moves)."""
    made = disputes.open_dispute(
        store.get("charge", charge),
        body.get("reason", "fraudulent"),
        amount=body.get("amount"),
        inquiry=bool(body.get("inquiry")),
    )
    return {"id": made.id}


@command
@locked
def close_dispute(body, dispute):
    """{"status": "won"}, or lost, prevented, warning_closed."""
    disputes.close(store.get("dispute", dispute), body.get("status", "won"))


@command
@locked
def escalate_dispute(body, dispute):
    disputes.escalate(store.get("dispute", dispute))


@command
@locked
def warn(body, charge):
    return {"id": disputes.warn(store.get("charge", charge)).id}


@command
@locked
def fail_refund(body, refund):
    refunds.fail(store.get("refund", refund))


@command
@locked
def succeed_refund(body, refund):
    refunds.succeed(store.get("refund", refund))


@command
@locked
def fail_payout(body, payout):
    """On its way or paid: the bank sends it back."""
    payouts.fail(store.get("payout", payout, None))


@command
@locked
def platform_payout(body):
    """{"amount": 100, "currency": "usd"}: from the platform's balance to the operator's own bank."""
    return {"id": payouts.start_by_hand(int(body["amount"]), body.get("currency", "usd")).id}


@command
@locked
def balance_line(body):
    """{"type": "stripe_fee", "amount": -100, "currency": "usd", "fee": 0}: a line that nobody asked for."""
    line = store.add_line(
        body["type"],
        int(body["amount"]),
        body.get("currency", "usd"),
        body.get("source", ""),
        fee=int(body.get("fee", 0)),
    )
    return {"id": line.id}


@command
@locked
def topup(body):
    """{"amount": 10000, "currency": "usd"}: the operator's bank transfer to the balance has come."""
    amount = int(body["amount"])
    if amount < 1:
        raise ValueError("amount is more than zero")
    return {"id": topups.arrive(amount, body.get("currency", "usd")).id}


@command
def run(body):
    """Do what is due (`force`: all that is under way) and carry every event, until nothing more is taken."""
    done = delivered = 0
    for _ in range(50):
        step = clockwork.tick(force=bool(body.get("force")))
        taken = carry.deliver_due(all_now=True, limit=1000)
        done, delivered = done + step, delivered + taken
        if not step and not taken:
            break
    return {"done": done, "delivered": delivered, "left": Delivery.objects.filter(done=False).count()}


@command
def reset(body):
    """Forget everything."""
    with clockwork.AT_WORK, transaction.atomic():
        store.lock_everything()
        for table in (Delivery, Thing, Line, Key, Fault, Setting):
            table.objects.all().delete()


@command
def faults(body):
    """{"path": "/v1/transfers", "kind": "500_after", "times": 1} or {"clear": true}."""
    if body.pop("clear", False):
        Fault.objects.all().delete()
        return
    if body["kind"] not in (*EARLY, *LATE):
        raise ValueError("unknown kind of fault")
    Fault.objects.create(
        path=body["path"],
        kind=body["kind"],
        method=body.get("method", "POST"),
        seconds=body.get("seconds", 0),
        times=body.get("times", 1),
        share=body.get("share", 1),
    )
    return


@command
def webhooks(body):
    """Any of the settings in `store.DEFAULTS`: how events are carried and how fast money moves."""
    unknown = body.keys() - store.DEFAULTS.keys()
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    return store.change_settings(**body)


@command
def replay(body):
    """Send an event once more, as it is or as an old one: {"event": "evt_...", "age": 0}."""
    event = store.get("event", body["event"], None)
    url = store.settings_now()["url"] or carry.settings.WEBHOOK_URL
    return {"status": carry.post(url, event.data, age=body.get("age", 0))}


@command
def counts(body):
    """How much there is of everything, to be compared with the books."""
    kinds = Thing.objects.values_list("kind", flat=True)
    found: dict[str, int] = {}
    for kind in kinds:
        found[kind] = found.get(kind, 0) + 1
    lines = Line.objects.filter(account="")
    return {"things": found, "net": sum(line.amount - line.fee for line in lines)}
