from django.contrib.staticfiles.views import serve
from django.http import HttpResponse
from django.urls import path, re_path

from . import control, operator, pages
from .api import accounts, checkout, customers, disputes, lists, operating, payouts, refunds, transfers
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
    api(f"v1/transfers/{ID}/reversals", GET=transfers.reversals, POST=transfers.reverse),
    api(f"v1/transfers/{ID}/reversals/{ID}", GET=transfers.reversal),
    api("v1/refunds", GET=lists.of("refund"), POST=refunds.create),
    api(f"v1/refunds/{ID}", GET=refunds.retrieve),
    api("v1/disputes", GET=lists.of("dispute")),
    api(f"v1/disputes/{ID}", GET=disputes.retrieve, POST=disputes.update),
    api("v1/radar/early_fraud_warnings", GET=disputes.warnings),
    api(f"v1/radar/early_fraud_warnings/{ID}", GET=disputes.retrieve_warning),
    api("v1/customers", GET=lists.of("customer"), POST=customers.create),
    api(f"v1/customers/{ID}", GET=customers.retrieve),
    api(f"v1/customers/{ID}/payment_methods", GET=customers.methods),
    api(f"v1/payment_methods/{ID}", GET=customers.retrieve_method),
    api(f"v1/payment_methods/{ID}/detach", POST=customers.detach),
    api("v1/balance", GET=lists.balance),
    api("v1/balance_transactions", GET=lists.balance_transactions),
    api(f"v1/balance_transactions/{ID}", GET=lists.balance_transaction),
    api("v1/events", GET=lists.of("event")),
    api(f"v1/events/{ID}", GET=lists.retrieve_event),
    api("v1/payouts", GET=lists.of("payout")),
    api(f"v1/payouts/{ID}", GET=payouts.retrieve),
    api(f"v1/topups/{ID}", GET=named("topup")),
    api(f"v1/accounts/{ID}/login_links", POST=accounts.login_link),
    api("v1/webhook_endpoints", GET=operating.endpoints),
    api("v1/balance_settings", GET=operating.balance_settings),
    api("v2/core/event_destinations", GET=operating.destinations),
    api("v2/core/accounts", GET=accounts.list_all, POST=accounts.create),
    api(f"v2/core/accounts/{ID}", GET=accounts.retrieve),
    api("v2/core/account_links", POST=accounts.create_link),
    api("v2/core/events", GET=lists.thin_events),
    api(f"v2/core/events/{ID}", GET=lists.thin_event),
    path("c/pay/<str:session>", pages.pay, name="pay"),
    path("c/pay/<str:session>/confirm", pages.confirm, name="confirm"),
    path("setup/<str:token>", pages.setup, name="setup"),
    path("express/<str:account>", pages.express, name="express"),
    path("operator", operator.page, name="operator"),
    path("_control/sessions/<str:session>/pay", control.pay),
    path("_control/accounts/<str:account>/onboard", control.onboard),
    path("_control/accounts/<str:account>/close", control.close_account),
    path("_control/accounts/<str:account>/change", control.change_account),
    path("_control/accounts/<str:account>/bank", control.bank),
    path("_control/charges/<str:charge>/dispute", control.dispute),
    path("_control/charges/<str:charge>/warn", control.warn),
    path("_control/disputes/<str:dispute>/close", control.close_dispute),
    path("_control/disputes/<str:dispute>/escalate", control.escalate_dispute),
    path("_control/refunds/<str:refund>/fail", control.fail_refund),
    path("_control/refunds/<str:refund>/succeed", control.succeed_refund),
    path("_control/payouts/<str:payout>/fail", control.fail_payout),
    path("_control/platform_payout", control.platform_payout),
    path("_control/balance_line", control.balance_line),
    path("_control/topup", control.topup),
    path("_control/run", control.run),
    path("_control/reset", control.reset),
    path("_control/faults", control.faults),
    path("_control/webhooks", control.webhooks),
    path("_control/replay", control.replay),
    path("_control/counts", control.counts),
    re_path(r"^static/(?P<path>.+)$", serve, {"insecure": True}),
]
