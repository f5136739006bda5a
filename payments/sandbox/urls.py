from django.contrib.staticfiles.views import serve
from django.http import HttpResponse
from django.urls import path, re_path

from . import control, pages
from .api import accounts, checkout, disputes, lists, payouts, refunds, transfers
from .door import endpoint


def named(kind):
    """A GET by id of the plain kinds."""
    from .store import get

    return lambda request, found, thing: get(kind, thing, request.account).data


def api(route, **handlers):
    return re_path(f"^{route}$", endpoint(**handlers))


ID = r"([A-Za-z0-9_]{1,80})"
urlpatterns = [
    path("healthz", lambda request: HttpResponse("ok")),
    api("v1/checkout/sessions", GET=lists.of("checkout.session"), POST=checkout.create),
    api(f"v1/checkout/sessions/{ID}", GET=checkout.retrieve),
    api(f"v1/checkout/sessions/{ID}/expire", POST=checkout.expire),
    api(f"v1/payment_intents/{ID}", GET=named("payment_intent")),
    api("v1/charges", GET=lists.of("charge")),
    api(f"v1/charges/{ID}", GET=named("charge")),
    api("v1/transfers", GET=lists.of("transfer"), POST=transfers.create),
    api(f"v1/transfers/{ID}", GET=transfers.retrieve),
    api(f"v1/transfers/{ID}/reversals", POST=transfers.reverse),
    api("v1/refunds", GET=lists.of("refund"), POST=refunds.create),
    api(f"v1/refunds/{ID}", GET=refunds.retrieve),
    api("v1/disputes", GET=lists.of("dispute")),
    api(f"v1/disputes/{ID}", GET=disputes.retrieve),
    api("v1/balance", GET=lists.balance),
    api("v1/balance_transactions", GET=lists.balance_transactions),
    api("v1/events", GET=lists.of("event")),
    api(f"v1/events/{ID}", GET=lists.retrieve_event),
    api("v1/payouts", GET=lists.of("payout")),
    api(f"v1/payouts/{ID}", GET=payouts.retrieve),
    api(f"v1/accounts/{ID}/login_links", POST=accounts.login_link),
    api("v2/core/accounts", GET=accounts.list_all, POST=accounts.create),
    api(f"v2/core/accounts/{ID}", GET=accounts.retrieve),
    api("v2/core/account_links", POST=accounts.create_link),
    path("c/pay/<str:session>", pages.pay, name="pay"),
    path("c/pay/<str:session>/confirm", pages.confirm, name="confirm"),
    path("setup/<str:token>", pages.setup, name="setup"),
    path("express/<str:account>", pages.express, name="express"),
    path("_control/sessions/<str:session>/pay", control.pay),
    path("_control/accounts/<str:account>/onboard", control.onboard),
    path("_control/accounts/<str:account>/close", control.close_account),
    path("_control/charges/<str:charge>/dispute", control.dispute),
    path("_control/disputes/<str:dispute>/close", control.close_dispute),
    path("_control/refunds/<str:refund>/fail", control.fail_refund),
    path("_control/run", control.run),
    path("_control/reset", control.reset),
    path("_control/faults", control.faults),
    path("_control/webhooks", control.webhooks),
    path("_control/replay", control.replay),
    path("_control/counts", control.counts),
    re_path(r"^static/(?P<path>.+)$", serve, {"insecure": True}),
]
