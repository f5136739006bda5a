"""The one door to Stripe: nothing else imports the SDK. Offline and live differ by base address and key
alone.

Our currency codes are upper-case, Stripe's lower-case; answers come back as plain dicts. A call ends in an
object, or in one of five refusals that say what is known about its outcome.
"""

import functools
import json
import threading
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import urlsplit

import requests
import stripe
from django.conf import settings

from .trouble import Broken, Busy, KeyReused, Misconfigured, Missing, Refused, StripeTrouble, Unknown

API_VERSION = stripe.api_version
TIMEOUT_SECONDS = 25
MAX_AMOUNT = 99_999_999
EVERYTHING = 1_000_000  # of a list whose end would be missed

stripe.enable_telemetry = False


_clients = threading.local()


def client() -> stripe.StripeClient:
    """One client a thread: its HTTP session is not made for sharing."""
    key = (settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)
    if getattr(_clients, "key", None) != key:
        base = settings.STRIPE_API_BASE.rstrip("/")
        _clients.value = stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            stripe_version=API_VERSION,
            max_network_retries=0,
            base_addresses={"api": base, "connect": base, "files": base, "meter_events": base},
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS, session=_session(base)),
        )
        _clients.key = key
    return _clients.value


def _session(base: str) -> requests.Session:
    """A proxy of the machine has nothing to do with an address on the machine itself."""
    session = requests.Session()
    session.trust_env = urlsplit(base).hostname not in ("localhost", "127.0.0.1", "::1")
    return session


def _translated(function):
    """Turn the SDK's exceptions into ours, by what each says about the outcome."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except stripe.APIConnectionError as error:
            raise Unknown(error.user_message) from error
        except stripe.RateLimitError as error:
            raise Busy(error.user_message, "rate_limit") from error
        except stripe.IdempotencyError as error:
            raise KeyReused(error.user_message, "idempotency") from error
        except (stripe.AuthenticationError, stripe.PermissionError) as error:
            raise Misconfigured(error.user_message, error.code) from error
        except stripe.StripeError as error:
            raise _by_status(error) from error

    return wrapper


def _by_status(error: stripe.StripeError) -> StripeTrouble:
    status = error.http_status
    if status is None:
        return Unknown(error.user_message)
    if status >= 500:
        return Broken(error.user_message, error.code)
    if status in (409, 429) or error.code == "lock_timeout":
        return Busy(error.user_message, error.code)
    if status == 404:
        return Missing(error.user_message, error.code)
    return Refused(error.user_message, error.code)


def amount(value) -> int:
    """`value` when it can be an amount for Stripe; an amount left out would mean "everything" there."""
    if type(value) is not int or not 1 <= value <= MAX_AMOUNT:
        raise ValueError(f"Not an amount for Stripe: {value!r}")
    return value


# --- writes: params are a frozen row's, the key is the row's ------------------------------------------------


#: Operations that ask Stripe for the same thing as another one, and whose answers go to another room.
SAME = {"wallet_checkout": "checkout", "wallet_refund": "refund"}


def asks(operation: str) -> str:
    """What `operation` asks of Stripe: a key of `_writes`."""
    return SAME.get(operation, operation)


def _check(operation: str, params: dict) -> None:
    """Amounts are the one thing the SDK does not look at and Stripe reads generously."""
    operation = asks(operation)
    if operation in ("transfer", "refund", "reversal"):
        amount(params.get("amount"))
    if operation == "checkout":
        for item in params["line_items"]:
            amount(item["price_data"]["unit_amount"])


#: These change something that stands under an id already; the call that made it keeps that id.
CHANGES = frozenset({"checkout_expire", "evidence", "detach"})


def _without(params: dict, name: str) -> dict:
    return {key: value for key, value in params.items() if key != name}


def _writes() -> dict:
    v1, v2 = client().v1, client().v2
    return {
        "checkout": lambda params, options: v1.checkout.sessions.create(params, options),
        "checkout_expire": lambda params, options: v1.checkout.sessions.expire(
            params["session"], {}, options
        ),
        "transfer": lambda params, options: v1.transfers.create(params, options),
        "refund": lambda params, options: v1.refunds.create(params, options),
        "reversal": lambda params, options: v1.transfers.reversals.create(
            params["transfer"], _without(params, "transfer"), options
        ),
        "evidence": lambda params, options: v1.disputes.update(
            params["dispute"], _without(params, "dispute"), options
        ),
        "customer": lambda params, options: v1.customers.create(params, options),
        "detach": lambda params, options: v1.payment_methods.detach(params["payment_method"], {}, options),
        "account": lambda params, options: v2.core.accounts.create(params, options),
    }


@_translated
def send(operation: str, params: dict, key: str, version: str = API_VERSION) -> dict:
    """Make one write at Stripe under idempotency key `key` and return the object.

    version: the API version in which `params` were written down; a repeat after a deploy keeps it.
    """
    _check(operation, params)
    options = {"idempotency_key": key, "stripe_version": version}
    return _writes()[asks(operation)](json.loads(json.dumps(params)), options).to_dict()


@_translated
def onboarding_link(account: str, return_url: str, refresh_url: str) -> str:
    """A single-use address of Stripe's onboarding for `account`; harmless to make twice."""
    onboarding = {"return_url": return_url, "refresh_url": refresh_url}
    params = {
        "account": account,
        "use_case": {"type": "account_onboarding", "account_onboarding": onboarding},
    }
    return client().v2.core.account_links.create(params).url


@_translated
def dashboard_link(account: str) -> str:
    """A single-use address of the Express dashboard of `account`."""
    return client().v1.accounts.login_links.create(account).url


# --- reads --------------------------------------------------------------------------------------------------


@_translated
def checkout(session: str) -> dict:
    expand = ["payment_intent.latest_charge.balance_transaction"]
    return client().v1.checkout.sessions.retrieve(session, {"expand": expand}).to_dict()


@_translated
def checkouts_of_intent(intent: str) -> list[dict]:
    return _data(client().v1.checkout.sessions.list({"payment_intent": intent, "limit": 10}))


@_translated
def recent_checkouts(since: int) -> list[dict]:
    """Sessions made at or after the Unix time `since`, newest first, at most 1,000."""
    return _pages(client().v1.checkout.sessions.list, {"created": {"gte": since}}, most=1000)


@_translated
def topup(topup_id: str) -> dict:
    """Money that the operator moved from their bank to the balance at Stripe."""
    return client().v1.topups.retrieve(topup_id).to_dict()


@_translated
def transfer(transfer_id: str) -> dict:
    return client().v1.transfers.retrieve(transfer_id).to_dict()


@_translated
def transfers_in(group: str) -> list[dict]:
    return _pages(client().v1.transfers.list, {"transfer_group": group})


@_translated
def reversals_of(transfer_id: str) -> list[dict]:
    """What was taken back of one transfer, newest first."""
    return _pages(
        lambda params, options: client().v1.transfers.reversals.list(transfer_id, params, options), {}
    )


@_translated
def refunds_of(intent: str) -> list[dict]:
    return _pages(client().v1.refunds.list, {"payment_intent": intent})


@_translated
def charge(charge_id: str) -> dict:
    return client().v1.charges.retrieve(charge_id).to_dict()


@_translated
def dispute(dispute_id: str) -> dict:
    return client().v1.disputes.retrieve(dispute_id).to_dict()


@_translated
def disputes(since: int) -> list[dict]:
    """Disputes opened at or after the Unix time `since`, newest first."""
    return _pages(client().v1.disputes.list, {"created": {"gte": since}}, most=EVERYTHING)


@_translated
def warning(warning_id: str) -> dict:
    """One of Radar's early fraud warnings; `actionable` while the charge is neither refunded nor disputed."""
    return client().v1.radar.early_fraud_warnings.retrieve(warning_id).to_dict()


@_translated
def warnings_of(charge_id: str) -> list[dict]:
    return _data(client().v1.radar.early_fraud_warnings.list({"charge": charge_id, "limit": 10}))


@_translated
def recent_customers(since: int) -> list[dict]:
    """Customers made at or after the Unix time `since`, newest first, at most 1,000."""
    return _pages(client().v1.customers.list, {"created": {"gte": since}}, most=1000)


@_translated
def payment_method(method_id: str) -> dict:
    return client().v1.payment_methods.retrieve(method_id).to_dict()


@_translated
def payment_methods_of(customer: str) -> list[dict]:
    """The payment methods saved for one customer, newest first, at most 100."""
    return _data(client().v1.customers.payment_methods.list(customer, {"limit": 100}))


@_translated
def account(account_id: str) -> dict:
    include = ["configuration.recipient", "identity", "requirements"]
    return client().v2.core.accounts.retrieve(account_id, {"include": include}).to_dict()


@_translated
def recent_accounts() -> list[dict]:
    return _data(client().v2.core.accounts.list({"limit": 20}))


@_translated
def payout(payout_id: str, account_id: str) -> dict:
    return client().v1.payouts.retrieve(payout_id, {}, {"stripe_account": account_id}).to_dict()


@_translated
def payouts_of(account_id: str) -> list[dict]:
    return _data(client().v1.payouts.list({"limit": 20}, {"stripe_account": account_id}))


@_translated
def transfers_in_payout(payout_id: str, account_id: str) -> list[str]:
    """The ids of the platform's transfers that Stripe counts into this payout."""
    rows = _pages(
        client().v1.balance_transactions.list,
        {"payout": payout_id, "expand": ["data.source"]},
        {"stripe_account": account_id},
    )
    sources = [row.get("source") for row in rows]
    return [
        source["source_transfer"]
        for source in sources
        if isinstance(source, dict) and source.get("source_transfer")
    ]


@_translated
def balance_lines(since: int) -> list[dict]:
    """The platform's balance transactions made at or after the Unix time `since`."""
    return _pages(client().v1.balance_transactions.list, {"created": {"gte": since}}, most=EVERYTHING)


@_translated
def balance() -> dict[str, dict[str, int]]:
    """The platform's balance: {"USD": {"available": 100, "pending": 0}}, minor units; may be below zero."""
    found: dict[str, dict[str, int]] = {}
    answer = client().v1.balance.retrieve().to_dict()
    for side in ("available", "pending"):
        for row in answer[side]:
            slot = found.setdefault(row["currency"].upper(), {"available": 0, "pending": 0})
            slot[side] += row["amount"]
    return found


@_translated
def balance_line(line_id: str) -> dict:
    """One of the platform's balance transactions."""
    return client().v1.balance_transactions.retrieve(line_id).to_dict()


@_translated
def events(since: int) -> list[dict]:
    """Events on the platform's account made at or after the Unix time `since`, newest first."""
    return _pages(client().v1.events.list, {"created": {"gte": since}}, most=EVERYTHING)


@_translated
def thin_events(since: int) -> list[dict]:
    """Events about Accounts v2 made at or after the Unix time `since`: they carry ids only."""
    at = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    pages = client().v2.core.events.list({"created": {"gte": at}, "limit": 100})
    return [event.to_dict() for event in islice(pages.auto_paging_iter(), EVERYTHING)]


@_translated
def transfers(since: int):
    """Transfers made at or after the Unix time `since`, newest first."""
    return _pages(client().v1.transfers.list, {"created": {"gte": since}}, most=EVERYTHING)


@_translated
def refunds(since: int):
    """Refunds made at or after the Unix time `since`, newest first."""
    return _pages(client().v1.refunds.list, {"created": {"gte": since}}, most=EVERYTHING)


@_translated
def webhook_endpoints() -> list[dict]:
    return _pages(client().v1.webhook_endpoints.list, {})


@_translated
def event_destinations() -> list[dict]:
    pages = client().v2.core.event_destinations.list({"limit": 100})
    return [row.to_dict() for row in islice(pages.auto_paging_iter(), 1_000)]


@_translated
def payout_interval() -> str:
    """How the platform's own payouts go out: "manual", "daily" ..."""
    payouts = client().v1.balance_settings.retrieve().to_dict()["payments"].get("payouts") or {}
    return (payouts.get("schedule") or {}).get("interval") or ""


def _data(answer) -> list[dict]:
    return answer.to_dict()["data"]


def _pages(function, params, options=None, most=1000) -> list[dict]:
    found: list[dict] = []
    params = {**params, "limit": 100}
    while True:
        page = function(params, options or {}).to_dict()
        found += page["data"]
        if not page.get("has_more") or not page["data"] or len(found) >= most:
            return found
        params["starting_after"] = page["data"][-1]["id"]


# --- webhooks -----------------------------------------------------------------------------------------------


def signed_by_us(payload: bytes, header: str, secret: str) -> bool:
    """Whether `header` is a signature of `payload` under `secret`, of any age (the view judges the age)."""
    try:
        stripe.WebhookSignature.verify_header(payload.decode(), header, secret, tolerance=None)
    except (stripe.SignatureVerificationError, UnicodeError, TypeError, ValueError, AttributeError):
        return False
    return True
