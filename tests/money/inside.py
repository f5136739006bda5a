"""The offline Stripe without a socket, for the machine that lives through thousands of days.

The product's gateway, its SDK and its HTTP client are the real ones up to the last layer; there an adapter hands
the request to the views that the offline Stripe's own process serves. The cases and the crash test use that
process over HTTP; this is the same code, some five times faster.
"""

import json
from urllib.parse import urlencode, urlsplit

import requests
from django.test import RequestFactory
from django.urls import resolve

from payments.stripe import gateway
from payments.stripe.views import webhook
from tests.payments.test_webhooks import ADDRESS, signature

BASE = "http://localhost:9"
URLS = "payments.sandbox.urls"
_factory = RequestFactory()


class Line:
    """In place of the socket that a fault may cut."""

    cut = False

    def shutdown(self, how) -> None:
        self.cut = True


def ask(method: str, address: str, body: bytes | str = b"", headers=None):
    """Django's answer to one request, or None when the line was cut."""
    parts, line = urlsplit(address), Line()
    headers = dict(headers or {})
    request = _factory.generic(
        method,
        parts.path + (f"?{parts.query}" if parts.query else ""),
        body or b"",
        content_type=headers.pop("Content-Type", "application/json"),
        headers={name: value for name, value in headers.items() if name != "Content-Length"},
        **{"sandbox.connection": line, "SERVER_NAME": "localhost"},
    )
    found = resolve(parts.path, urlconf=URLS)
    answer = found.func(request, *found.args, **found.kwargs)
    return None if line.cut else answer


class Adapter(requests.adapters.BaseAdapter):
    """The last layer of the SDK's HTTP client."""

    def send(self, request, **options):
        body = request.body.encode() if isinstance(request.body, str) else request.body
        answer = ask(request.method, request.url, body, request.headers)
        if answer is None:
            raise requests.ConnectionError("the line was cut")
        response = requests.Response()
        response.status_code, response.request, response.url = answer.status_code, request, request.url
        response.headers.update(answer.headers)
        response._content = answer.content
        return response

    def close(self) -> None:
        """There is nothing to close."""


def session(base: str) -> requests.Session:
    made = requests.Session()
    made.mount("http://", Adapter())
    return made


def connect(monkeypatch, settings) -> None:
    """From now on this process talks to the offline Stripe inside it."""
    settings.STRIPE_API_BASE = BASE
    settings.STRIPE_SECRET_KEY = "sk_test_offline"
    monkeypatch.setattr(gateway, "_session", session)
    monkeypatch.setattr(gateway, "_clients", gateway.threading.local())


def control(what: str, **body) -> dict:
    """One of the controls; None when it refuses (a page that has closed, a dispute that is decided)."""
    answer = ask("POST", f"/_control/{what}", json.dumps(body).encode())
    return json.loads(answer.content) if answer.status_code == 200 else None


def by_hand(path: str, **form) -> None:
    """Somebody does it in the dashboard, or is refused there."""
    headers = {
        "Authorization": "Bearer sk_test_dashboard",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    ask("POST", BASE + path, urlencode(form).encode(), headers)


def get(path: str, **headers) -> dict:
    headers = {"Authorization": "Bearer sk_test_reader", **headers}
    return json.loads(ask("GET", BASE + path, headers=headers).content)


def all_of(path: str) -> list[dict]:
    """Every object of a list, newest first."""
    found: list[dict] = []
    after = ""
    while True:
        page = get(f"{path}{'&' if '?' in path else '?'}limit=100{after}")
        found += page["data"]
        if not page["has_more"]:
            return found
        after = f"&starting_after={found[-1]['id']}"


def tell(body: dict) -> int:
    """One event to the site's webhook address, signed; the status that it answers."""
    raw = json.dumps(body).encode()
    request = _factory.post(
        ADDRESS, raw, content_type="application/json", headers={"Stripe-Signature": signature(raw)}
    )
    return webhook(request).status_code
