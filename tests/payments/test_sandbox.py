"""The offline Stripe keeps to Stripe's published document and rules; its pages are pages, and it never
goes live.
"""

import json
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
import stripe

from payments.connect import actions as connect
from payments.connect.queries import payee_of
from payments.holds import actions
from payments.reconciling import actions as reconcile
from payments.sandbox.models import Thing
from payments.stripe import gateway, tasks
from tests.payments import stripe_spec
from tests.payments.conftest import URLS
from tests.sandbox import free_port
from tests.services import environment

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parent.parent.parent


# --- the published document
# -----------------------------------------------------------------------------------


@pytest.fixture
def recorded(monkeypatch):
    """Every request that leaves through the SDK, and its answer."""
    calls = []
    real = stripe.RequestsClient.request

    def request(self, method, url, headers, post_data=None):
        answer = real(self, method, url, headers, post_data)
        calls.append((method.upper(), url, post_data, answer[1], json.loads(answer[0])))
        return answer

    monkeypatch.setattr(stripe.RequestsClient, "request", request)
    return calls


def walk_everything(sandbox, hold, student, secure, ready, work):
    """The whole road with its side roads: what the gateway can say is said at least once."""
    payee = ready(student)
    secure(hold, "bank")
    sandbox.run(force=True)
    actions.refresh_funding(hold)
    first, second = hold.parts.all()
    actions.release_part(by=None, part=first)
    work()
    refund = actions.refund_rest(by=None, hold=hold, reason="cancelled")
    work()
    refund.refresh_from_db()
    sandbox.run(force=True)
    for found in gateway.payouts_of(payee.stripe_id):
        gateway.payout(found["id"], payee.stripe_id)
        assert gateway.transfers_in_payout(found["id"], payee.stripe_id) == [first.release.transfer_id]
    charge = hold.fundings.get().charge_id
    dispute = sandbox.control(f"charges/{charge}/dispute")["id"]
    gateway.dispute(dispute)
    gateway.charge(charge)
    sandbox.control(f"disputes/{dispute}/close", status="won")
    sandbox.control(f"refunds/{refund.refund_id}/fail")
    gateway.dashboard_link(payee.stripe_id)
    gateway.webhook_endpoints()
    gateway.event_destinations()
    gateway.payout_interval()
    gateway.recent_accounts()
    gateway.recent_checkouts(0)
    gateway.checkouts_of_intent(hold.fundings.get().intent_id)
    walk_side_roads(sandbox, payee)
    tasks.poll_events()
    tasks.drain_events()
    reconcile.run()


def walk_side_roads(sandbox, payee):
    """What the rooms above ask for beside the main road: taking back, disputing, saving cards."""
    customer = gateway.send("customer", {"name": "Acme", "metadata": {"call": "c1"}}, "k-customer")
    session = gateway.send("checkout", session_with(customer["id"]), "k-checkout")
    sandbox.control(f"sessions/{session['id']}/pay", method="dispute", save=True)
    paid = gateway.checkout(session["id"])["payment_intent"]
    charge, taken = paid["latest_charge"]["id"], paid["latest_charge"]["balance_transaction"]["id"]
    assert gateway.balance_line(taken)["amount"] == 5000
    made = gateway.send(
        "transfer",
        {"amount": 800, "currency": "usd", "destination": payee.stripe_id, "source_transaction": charge},
        "k-transfer",
    )
    gateway.send("reversal", {"transfer": made["id"], "amount": 300, "metadata": {"call": "r1"}}, "k-back")
    assert [row["amount"] for row in gateway.reversals_of(made["id"])] == [300]
    assert gateway.transfer(made["id"])["amount_reversed"] == 300
    sandbox.run(force=True)
    dispute = gateway.disputes(0)[0]
    assert dispute["balance_transactions"][0]["net"] == -6500
    evidence = {"product_description": "A survey", "uncategorized_text": "Accepted on 5 March"}
    gateway.send("evidence", {"dispute": dispute["id"], "evidence": evidence, "submit": False}, "k-draft")
    gateway.send(
        "evidence", {"dispute": dispute["id"], "submit": True, "metadata": {"call": "e1"}}, "k-submit"
    )
    sandbox.control(f"disputes/{dispute['id']}/close", status="won")
    sandbox.control(f"charges/{charge}/warn")
    gateway.warning(gateway.warnings_of(charge)[0]["id"])
    gateway.balance()
    gateway.recent_customers(0)
    method = gateway.payment_methods_of(customer["id"])[0]
    gateway.send("detach", {"payment_method": method["id"]}, "k-detach")
    assert gateway.payment_method(method["id"])["customer"] is None


def session_with(customer):
    price = {"currency": "usd", "unit_amount": 5000, "product_data": {"name": "Survey"}}
    return {
        "mode": "payment",
        "success_url": "http://localhost/done/",
        "line_items": [{"quantity": 1, "price_data": price}],
        "customer": customer,
        "saved_payment_method_options": {"payment_method_save": "enabled"},
        "payment_intent_data": {"transfer_group": "g1", "metadata": {"call": "s1"}},
        "metadata": {"call": "s1"},
    }


def test_every_request_and_answer_is_as_stripe_publishes_it(
    sandbox, recorded, make_hold, hold, student, employer, secure, ready, work
):
    walk_everything(sandbox, hold, student, secure, ready, work)
    other = make_hold()
    actions.funding_url(actions.start_checkout(by=employer, hold=other, **URLS))
    actions.cancel_hold(by=employer, hold=other)
    work()
    wrong = []
    for method, url, body, status, answer in recorded:
        path = urllib.parse.urlsplit(url).path
        given = json.loads(body) if body and path.startswith("/v2/") else body
        wrong += stripe_spec.request_problems(method, url, given)
        wrong += [
            f"answer to {method} {path}: {problem}"
            for problem in stripe_spec.answer_problems(method, path, status, answer)
        ]
    assert wrong == []
    assert {
        re.sub(r"/[a-z]{2,5}_(?:test_)?\w{20,}", "/:id", urllib.parse.urlsplit(url).path)
        for _, url, *_ in recorded
    } >= {
        "/v1/checkout/sessions",
        "/v1/checkout/sessions/:id",
        "/v1/checkout/sessions/:id/expire",
        "/v1/transfers",
        "/v1/refunds",
        "/v1/payouts/:id",
        "/v1/disputes/:id",
        "/v1/events",
        "/v1/balance",
        "/v1/balance_transactions",
        "/v1/balance_transactions/:id",
        "/v1/customers",
        "/v1/customers/:id/payment_methods",
        "/v1/payment_methods/:id",
        "/v1/payment_methods/:id/detach",
        "/v1/radar/early_fraud_warnings",
        "/v1/transfers/:id/reversals",
        "/v2/core/accounts",
        "/v2/core/accounts/:id",
        "/v2/core/account_links",
    }


def test_every_event_body_is_as_stripe_publishes_it(sandbox, hold, student, secure, ready, work):
    walk_everything(sandbox, hold, student, secure, ready, work)
    schemas = stripe_spec.document()["components"]["schemas"]
    wrong, kinds = [], set()
    for row in Thing.objects.filter(kind="event"):
        kinds.add(row.data["type"])
        thin = row.data["object"] == "v2.core.event"
        wrong += stripe_spec.problems(schemas["v2.core.event" if thin else "event"], row.data)
        if not thin:
            about = row.data["data"]["object"]
            wrong += [
                f"{row.data['type']}: {problem}"
                for problem in stripe_spec.problems(schemas[about["object"]], about)
            ]
    assert wrong == []
    assert kinds >= {
        "charge.dispute.funds_reinstated",
        "charge.dispute.updated",
        "customer.created",
        "payment_method.attached",
        "payment_method.detached",
        "radar.early_fraud_warning.created",
        "refund.failed",
        "transfer.reversed",
    }
    assert len(kinds) >= 24


def test_an_independent_client_reads_the_balance_as_published(sandbox, hold, secure):
    secure(hold)
    body = sandbox.get("/v1/balance")
    assert stripe_spec.answer_problems("GET", "/v1/balance", 200, body) == []
    assert body["pending"][0]["amount"] == 50_000 - 1_480


# --- idempotency, as documented
# ---------------------------------------------------------------------------------


def post(sandbox, path, body, key="", **headers):
    """(status, body, headers) of a form POST."""
    request = urllib.request.Request(
        sandbox.base + path,
        urllib.parse.urlencode(body).encode(),
        {"Authorization": "Bearer sk_test_x", **({"Idempotency-Key": key} if key else {}), **headers},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, json.load(error), error.headers


@pytest.fixture
def intent(hold, secure):
    secure(hold)
    return hold.fundings.get().intent_id


def test_the_same_key_gives_the_same_answer(sandbox, intent):
    body = {"payment_intent": intent, "amount": 100}
    first, second = post(sandbox, "/v1/refunds", body, "k1"), post(sandbox, "/v1/refunds", body, "k1")
    assert first[:2] == second[:2]
    assert second[2]["Idempotent-Replayed"] == "true"
    assert len(sandbox.all("/v1/refunds")) == 1


def test_other_parameters_under_the_same_key_are_refused(sandbox, intent):
    post(sandbox, "/v1/refunds", {"payment_intent": intent, "amount": 100}, "k1")
    status, body, _ = post(sandbox, "/v1/refunds", {"payment_intent": intent, "amount": 101}, "k1")
    assert (status, body["error"]["type"]) == (400, "idempotency_error")


def test_a_500_is_kept_under_its_key(sandbox, intent):
    sandbox.fault("/v1/refunds", "500_stored")
    body = {"payment_intent": intent, "amount": 100}
    assert [post(sandbox, "/v1/refunds", body, key)[0] for key in ("k1", "k1", "k2")] == [500, 500, 200]


def test_failed_validation_is_not_kept(sandbox, intent):
    assert post(sandbox, "/v1/refunds", {"payment_intent": intent, "amount": -1}, "k1")[0] == 400
    assert post(sandbox, "/v1/refunds", {"payment_intent": intent, "amount": 100}, "k1")[0] == 200


def test_two_at_once_under_one_key_are_one(sandbox, intent):
    sandbox.fault("/v1/refunds", "slow", seconds=0.4)
    answers = []

    def go():
        answers.append(post(sandbox, "/v1/refunds", {"payment_intent": intent, "amount": 100}, "k1")[0])

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {200, 409}
    assert len(sandbox.all("/v1/refunds")) == 1


@pytest.mark.parametrize("amount", ["0", "-5", "1.5", "NaN", "1e3", "10" * 12, "", "1,000"])
def test_odd_amounts_are_refused(sandbox, intent, amount):
    status, body, _ = post(sandbox, "/v1/refunds", {"payment_intent": intent, "amount": amount})
    assert (status, body["error"]["param"]) == (400, "amount")


def test_an_unknown_parameter_is_refused(sandbox, intent):
    status, body, _ = post(sandbox, "/v1/refunds", {"payment_intent": intent, "amuont": 100})
    assert (status, body["error"]["code"]) == (400, "parameter_unknown")


def test_more_than_was_paid_is_never_given_back_or_passed_on(sandbox, intent, student, ready, hold):
    payee = ready(student)
    charge = hold.fundings.get().charge_id
    sent = {"amount": 50_001, "currency": "usd", "destination": payee.stripe_id, "source_transaction": charge}
    assert post(sandbox, "/v1/refunds", {"payment_intent": intent, "amount": 50_001})[0] == 400
    assert post(sandbox, "/v1/transfers", sent)[0] == 400
    assert post(sandbox, "/v1/transfers", {**sent, "amount": 40_000})[0] == 200
    assert post(sandbox, "/v1/transfers", {**sent, "amount": 10_001})[0] == 400


def test_without_a_source_a_transfer_needs_available_money(sandbox, intent, student, ready):
    payee = ready(student)
    status, body, _ = post(
        sandbox, "/v1/transfers", {"amount": 100, "currency": "usd", "destination": payee.stripe_id}
    )
    assert (status, body["error"]["code"]) == (400, "balance_insufficient")


def test_a_transfer_is_reversed_up_to_what_is_there(sandbox, intent, student, ready, hold):
    payee = ready(student)
    _, made, _ = post(
        sandbox,
        "/v1/transfers",
        {
            "amount": 1000,
            "currency": "usd",
            "destination": payee.stripe_id,
            "source_transaction": hold.fundings.get().charge_id,
        },
    )
    address = f"/v1/transfers/{made['id']}/reversals"
    assert post(sandbox, address, {"amount": 400})[0] == 200
    assert post(sandbox, address, {"amount": 601})[0] == 400
    sandbox.run(force=True)  # paid out to the bank: nothing is left to take back
    assert post(sandbox, address, {"amount": 600})[1]["error"]["code"] == "balance_insufficient"


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer sk_live_x", "Basic sk_test_x", "Bearer pk_test_x"])
def test_a_key_is_asked_for_and_a_live_one_refused(sandbox, key):
    request = urllib.request.Request(
        sandbox.base + "/v1/balance", headers={"Authorization": key} if key else {}
    )
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request)
    assert error.value.code == 401


# --- refusing to be more than it is -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "changes"),
    [
        (["--port", "1"], {"STRIPE_SECRET_KEY": "sk_live_x"}),
        (["--port", "1", "--host", "0.0.0.0"], {}),
    ],
)
def test_it_does_not_start_beside_a_live_key_or_for_others(arguments, changes):
    done = subprocess.run(
        [sys.executable, "-m", "payments.sandbox", *arguments],
        cwd=ROOT,
        capture_output=True,
        env=environment(**changes),
        timeout=60,
    )
    assert done.returncode != 0
    assert b"refuses" in done.stderr or b"loopback" in done.stderr


# --- the pages ----------------------------------------------------------------------------------------------


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def browse(url, **form):
    """(status, text, headers) of a page; a form is posted."""
    opener = urllib.request.build_opener(NoRedirect)
    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        with opener.open(urllib.request.Request(url, data), timeout=30) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


@pytest.fixture
def pay_page(sandbox, hold, employer):
    return actions.funding_url(actions.start_checkout(by=employer, hold=hold, **URLS))


def test_the_payment_page_takes_test_cards(sandbox, pay_page, hold):
    status, text, headers = browse(pay_page)
    assert status == 200
    assert "Pay $500.00" in text
    assert "Survey of three markets" in text
    status, text, _ = browse(pay_page, way="card", card_number="1234")
    assert (status, "not a test card" in text, 'value="1234"' in text) == (422, True, True)
    status, text, _ = browse(pay_page, way="card", card_number="4000 0000 0000 0002")
    assert (status, "was declined" in text) == (402, True)
    status, text, _ = browse(pay_page, way="card", card_number="4000 0000 0000 9995")
    assert (status, "insufficient funds" in text) == (402, True)
    status, _, headers = browse(pay_page, way="card", card_number="4242 4242 4242 4242")
    assert (status, headers["Location"]) == (302, URLS["success_url"])
    actions.refresh_funding(hold)
    hold.refresh_from_db()
    assert hold.state == "secured"
    assert browse(pay_page)[0] == 410
    assert browse(pay_page, way="card", card_number="4242424242424242")[0] == 410


def test_three_d_secure_asks_in_between(sandbox, pay_page, hold):
    _, text, _ = browse(pay_page, way="card", card_number="4000002760003184")
    assert "Your bank asks" in text
    status, text, _ = browse(f"{pay_page}/confirm", answer="refuse")
    assert status == 402
    again = urllib.parse.urljoin(pay_page, re.search(r'<form method="post" action="([^"]+)"', text)[1])
    assert "Your bank asks" in browse(again, way="card", card_number="4000002760003184")[1]
    assert browse(f"{pay_page}/confirm", answer="agree")[0] == 302
    actions.refresh_funding(hold)
    hold.refresh_from_db()
    assert hold.state == "secured"


def test_the_set_up_page_is_used_once_and_leads_back(sandbox, student):
    url = connect.start_onboarding(
        by=student, return_url="http://localhost/r/", refresh_url="http://localhost/f/"
    )
    assert browse(url)[0] == 200
    assert browse(url)[2]["Location"] == "http://localhost/f/"
    status, text, _ = browse(url, account_number="5")
    assert (status, "test account numbers" in text) == (422, True)
    assert (
        browse(url, account_number="000123456789", outcome="complete")[2]["Location"] == "http://localhost/r/"
    )
    assert connect.sync_account(payee_of(student)).state == "active"
    _, text, _ = browse(connect.dashboard_url(by=student))
    assert "Nothing has been paid out yet" in text


def test_its_pages_carry_the_strict_policy_and_no_inline_anything(sandbox, pay_page, student):
    setup = connect.start_onboarding(
        by=student, return_url="http://localhost/r/", refresh_url="http://localhost/f/"
    )
    for url in (pay_page, setup, f"{sandbox.base}/c/pay/none", f"{sandbox.base}/setup/none"):
        _, text, headers = browse(url)
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=", text)
        assert text.count("<h1>") == 1
    assert browse(f"{sandbox.base}/static/css/foothold.css")[0] == 200


def test_the_management_command_becomes_the_process(sandbox):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sandbox", "--port", str(port)],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == f"offline Stripe on http://127.0.0.1:{port}\n"
        assert browse(f"http://127.0.0.1:{port}/healthz")[0] == 200
    finally:
        process.terminate()
        process.wait(20)
