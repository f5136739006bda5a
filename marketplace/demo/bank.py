"""What people and banks do at Stripe in the demo world: over HTTP, at the offline Stripe's own controls."""

import json
import urllib.request

from django.conf import settings

from payments.connect import actions as connect
from payments.connect.queries import payee_of
from payments.holds import actions as holds
from payments.holds import tasks as hold_tasks
from payments.stripe import tasks
from projects.hiring import actions as hiring

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
HERE = "http://localhost/"


def control(what: str, **body) -> dict:
    request = urllib.request.Request(
        f"{settings.STRIPE_API_BASE}/_control/{what}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with _opener.open(request, timeout=60) as answer:
        return json.load(answer)


def onboard(user) -> None:
    """The student goes through Stripe's set-up."""
    connect.start_onboarding(by=user, return_url=HERE, refresh_url=HERE)
    payee = payee_of(user)
    control(f"accounts/{payee.stripe_id}/onboard", outcome="complete")
    connect.sync_account(payee)


def pay(by, engagement) -> None:
    """The employer pays the whole price by card."""
    funding = hiring.start_funding(by=by, engagement=engagement, success_url=HERE, cancel_url=HERE)
    holds.funding_url(funding)
    funding.refresh_from_db()
    control(f"sessions/{funding.session_id}/pay", method="success")
    holds.refresh_funding(funding.hold)


def settle() -> None:
    """A day's work at the bank: what is due there happens, and we hear of it by reading Stripe's list of events."""
    tasks.drain_calls()
    control("run")
    tasks.poll_events()
    tasks.drain_events()
    hold_tasks.retry_waiting()  # payouts belong to the student's account, not to our list of events
