"""Events from Stripe: forged, old, doubled, disordered, lost or garbled, the truth is what Stripe answers."""

import itertools
import json
import time
from datetime import timedelta

import pytest
from django.urls import reverse

from marketplace.ground import clock
from payments.holds import actions
from payments.holds.models import Funding
from payments.ledger.chart import code
from payments.ledger.models import LedgerTransaction
from payments.ledger.queries import balance
from payments.stripe import tasks
from payments.stripe.actions import inbox, letters
from payments.stripe.models import Event
from tests.payments.conftest import URLS
from tests.payments.test_ledger import at_once
from tests.payments.test_outbox import Killed, die_in

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "whsec_offline_snapshot_and_thin"
ADDRESS = "/payments/stripe/webhook/"


def signature(body: bytes, at=None, secret=SECRET):
    import hashlib
    import hmac

    at = int(time.time()) if at is None else at
    return f"t={at},v1={hmac.new(secret.encode(), b'%d.' % at + body, hashlib.sha256).hexdigest()}"


def event(number=1, **more):
    return {
        "id": f"evt_{number}",
        "object": "event",
        "type": "unknown.kind",
        "livemode": False,
        "data": {"object": {"id": "x_1"}},
        **more,
    }


def send(client, body, header=None, **more):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    header = signature(body, **more) if header is None else header
    return client.post(ADDRESS, body, content_type="application/json", headers={"Stripe-Signature": header})


def test_a_signed_event_is_kept_once_and_answered_200(client):
    assert reverse("payments:webhook") == ADDRESS
    assert [send(client, event()).status_code for _ in range(3)] == [200, 200, 200]
    assert Event.objects.get().state == "new"


def test_ten_deliveries_at_once_make_one_row(client):
    from django.test import Client

    answers = []
    assert at_once(10, lambda index: answers.append(send(Client(), event()).status_code)) == []
    assert answers == [200] * 10
    assert Event.objects.count() == 1


GOOD = json.dumps(event()).encode()


#: name -> (body, how its header is made at the moment of sending)
REFUSED = {
    "no header": (GOOD, lambda body: ""),
    "garbage": (GOOD, lambda body: "garbage"),
    "empty fields": (GOOD, lambda body: "t=,v1="),
    "no number": (GOOD, lambda body: "t=abc,v1=00"),
    "wrong secret": (GOOD, lambda body: signature(body, secret="whsec_other")),
    "other body": (GOOD, lambda body: signature(b"another body")),
    "too old": (GOOD, lambda body: signature(body, at=int(time.time()) - 310)),
    "from the future": (GOOD, lambda body: signature(body, at=int(time.time()) + 330)),
    "other scheme": (GOOD, lambda body: signature(body).replace("v1=", "v0=")),
    "bad UTF-8": (b"\xff\xfe\x00", signature),
    "no JSON": (b"not json", signature),
    "list": (b"[]", signature),
    "null": (b"null", signature),
    "empty": (b"{}", signature),
    "numeric id": (b'{"id": 5, "type": "a"}', signature),
    "odd data": (b'{"id": "evt_1", "type": "a", "data": "x"}', signature),
    "NUL": (b'{"id": "evt_1", "type": "a", "x": "\\u0000"}', signature),
    "deep": (b"[" * 100_000, signature),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_a_signed_event_of_now_is_refused_and_not_kept(client, name):
    client.raise_request_exception = False
    body, header_of = REFUSED[name]
    answer = client.post(
        ADDRESS, body, content_type="application/json", headers={"Stripe-Signature": header_of(body)}
    )
    assert answer.status_code == 400
    assert not Event.objects.exists()


def test_a_header_that_is_not_ascii_is_refused(client):
    answer = client.post(
        ADDRESS,
        GOOD,
        content_type="application/json",
        HTTP_STRIPE_SIGNATURE=f"t={int(time.time())},v1=\u00e9\u00e9",
    )
    assert answer.status_code == 400


def test_a_body_that_is_too_large_is_refused_unread(client):
    assert send(client, b"x" * (512 * 1024 + 1)).status_code == 413
    assert send(client, b"x" * (10 * 1024 * 1024)).status_code == 413


def test_only_posts_are_taken(client):
    assert client.get(ADDRESS).status_code == 405


def test_either_of_two_secrets_is_good(client, settings):
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", SECRET]
    assert send(client, event(1)).status_code == 200
    assert send(client, event(2), secret="whsec_new").status_code == 200


def test_without_a_secret_there_is_no_such_address(client, settings):
    settings.STRIPE_WEBHOOK_SECRETS = []
    assert send(client, event()).status_code == 404


def test_an_event_of_the_other_mode_is_kept_and_ignored(client):
    send(client, event(livemode=True))
    tasks.drain_events()
    kept = Event.objects.get()
    assert (kept.state, kept.error) == ("ignored", "from the other mode")


# --- what events do -----------------------------------------------------------------------------------------


@pytest.fixture
def paid(sandbox, hold, employer):
    """Paid on the hosted page, and nobody has told us."""
    sandbox.control("webhooks", paused=True)
    funding = actions.start_checkout(by=employer, hold=hold, **URLS)
    actions.funding_url(funding)
    funding.refresh_from_db()
    sandbox.pay(funding.session_id)
    return funding


def events_of(sandbox):
    return list(reversed(sandbox.all("/v1/events")))


def deliver(client, *bodies):
    for body in bodies:
        assert send(client, body).status_code == 200
    tasks.drain_events()


def secured_once(hold):
    hold.refresh_from_db()
    assert hold.state == "secured"
    assert balance(code("stripe_balance", "USD")) == 50_000 - 1_480
    assert LedgerTransaction.objects.filter(kind="funds_secured").count() == 1
    return True


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_events_about_a_payment_end_the_same_in_any_order(paid, sandbox, hold, client, order):
    bodies = events_of(sandbox)
    assert len(bodies) == 3
    deliver(client, *(bodies[index] for index in order))
    assert secured_once(hold)


def test_each_event_twice_and_the_return_page_too_secure_once(paid, sandbox, hold, client):
    bodies = events_of(sandbox)
    deliver(client, *bodies, *bodies)
    actions.refresh_funding(hold)
    for kept in Event.objects.all():
        letters.replay_event(by=None, event=kept)
    tasks.drain_events()
    assert secured_once(hold)


def test_webhook_and_return_page_at_once_secure_once(paid, sandbox, hold, client):
    for body in events_of(sandbox):
        send(client, body)
    errors = at_once(6, lambda index: tasks.drain_events() if index % 2 else actions.refresh_funding(hold))
    tasks.drain_events()
    assert errors == []
    assert secured_once(hold)


def test_a_webhook_that_never_comes_is_made_up_for_by_asking(paid, hold):
    tasks.poll_events()
    tasks.drain_events()
    assert secured_once(hold)
    assert set(Event.objects.values_list("source", flat=True)) == {"poll"}
    assert inbox.poll() == 0


def test_the_first_look_goes_as_far_back_as_stripe_keeps_events(paid, hold):
    """Neither a webhook nor beat has come through since the site was set up."""
    clock.advance(timedelta(days=29))
    tasks.poll_events()
    tasks.drain_events()
    assert secured_once(hold)


def test_an_answer_that_was_lost_is_adopted_from_the_event(sandbox, hold, employer, client):
    sandbox.control("webhooks", paused=True)
    sandbox.fault("/v1/checkout/sessions", "lost")
    funding = actions.start_checkout(by=employer, hold=hold, **URLS)
    assert actions.funding_url(funding) == f"/payments/checkout/{funding.public_id}/"
    session = sandbox.all("/v1/checkout/sessions")[0]
    sandbox.pay(session["id"])
    deliver(client, *events_of(sandbox))
    assert secured_once(hold)
    assert Funding.objects.get().call.state == "done"


def test_a_wrongly_told_amount_in_an_event_changes_nothing(paid, sandbox, hold, client):
    """The body may say what it likes: only what Stripe answers counts."""
    body = events_of(sandbox)[-1]
    body["data"]["object"].update(amount_total=1, payment_status="unpaid")
    deliver(client, body)
    assert secured_once(hold)


def test_an_event_about_nothing_of_ours_is_applied_without_effect(sandbox, client):
    deliver(
        client,
        event(1, type="checkout.session.completed"),
        event(2, type="charge.refunded"),
        event(3, type="payout.paid", account="acct_x"),
        event(4, type="payment_intent.succeeded"),
    )
    assert Event.objects.filter(state="applied").count() >= 2
    assert not LedgerTransaction.objects.exists()


def test_an_event_that_cannot_be_applied_reaches_a_person_in_the_end(sandbox, client):
    send(client, event(1, type="transfer.created"))
    kept = Event.objects.get()
    for _ in range(inbox.MAX_TRIES):
        Event.objects.update(due_at=kept.received_at)
        tasks.drain_events()
    kept.refresh_from_db()
    assert (kept.state, kept.attempts) == ("stuck", inbox.MAX_TRIES)


def test_killed_while_applying_an_event_it_is_applied_later(paid, sandbox, hold, client, monkeypatch):
    from payments.holds.actions import funding

    send(client, events_of(sandbox)[-1])
    die_in(monkeypatch, funding, "post", after=True)
    with pytest.raises(Killed):
        tasks.drain_events()
    tasks.drain_events()
    assert Event.objects.get().state == "new"  # somebody may still be at work on it
    clock.advance(timedelta(minutes=3))
    tasks.drain_events()
    assert secured_once(hold)


def test_a_request_killed_before_its_call_is_made_up_for_by_a_worker(sandbox, hold, employer):
    funding = actions.start_checkout(by=employer, hold=hold, **URLS)
    tasks.drain_calls()
    funding.refresh_from_db()
    assert funding.state == "draft"  # the request is still given its moment
    clock.advance(timedelta(seconds=31))
    tasks.drain_calls()
    assert "/c/pay/" in actions.funding_url(funding)


def test_the_sandbox_tells_a_live_site_by_itself(heard, hold, employer):
    funding = actions.start_checkout(by=employer, hold=hold, **URLS)
    actions.funding_url(funding)
    funding.refresh_from_db()
    heard.pay(funding.session_id)
    assert heard.run()["left"] == 0
    tasks.drain_events()
    assert secured_once(hold)


def test_disturbed_webhooks_change_nothing(heard, hold, employer):
    heard.control("webhooks", duplicate=2, reorder=True, corrupt=1)
    funding = actions.start_checkout(by=employer, hold=hold, **URLS)
    actions.funding_url(funding)
    funding.refresh_from_db()
    heard.pay(funding.session_id)
    heard.run()
    tasks.drain_events()
    assert secured_once(hold)
