"""What Stripe tells us: doubled, disordered, lost, forged, old, of another mode, and payments that nobody waits for."""

import http.client
import itertools
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from marketplace.ground import clock
from payments.holds import actions
from payments.holds.models import Funding, Refund
from payments.ledger.chart import code
from payments.ledger.models import LedgerTransaction
from payments.ledger.queries import balance
from payments.stripe.models import Event
from tests.payments.test_webhooks import ADDRESS, GOOD, REFUSED, SECRET, event, signature

from . import facts
from .conftest import together
from .worker import SWEEP

pytestmark = pytest.mark.django_db(transaction=True)


def fundings(hold) -> int:
    return LedgerTransaction.objects.filter(kind="funds_secured", ref=f"hold:{hold.uuid}").count()


def deliver(bank, body: bytes, header: str) -> int:
    """The status that the site answers to a raw request."""
    at = urlsplit(bank.site)
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=30)
    try:
        connection.putrequest("POST", ADDRESS)
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(body)))
        connection.putheader("Stripe-Signature", header.encode("latin-1"))
        connection.endheaders()
        try:
            connection.send(body)
        except OSError:  # refused before it was read
            pass
        return connection.getresponse().status
    finally:
        connection.close()


def test_case_01_the_same_webhook_twice_and_ten_times_at_once_is_one_row_and_one_posting(bank, hold):
    bank.sandbox.control("webhooks", duplicate=2)
    bank.secure(hold)
    told = bank.events()
    again = [
        lambda event=event: bank.sandbox.control("replay", event=event["id"])["status"]
        for event in told
        for _ in range(4)
    ]
    assert set(together(*again)) == {200}
    bank.settle()
    assert hold.state == "secured"
    assert Event.objects.count() == len(told)
    assert fundings(hold) == 1
    assert bank.clean()


def test_case_02_events_of_a_bank_debit_end_the_same_in_every_order(bank, make_hold):
    """One hold for each order; each event is applied by the worker before the next one comes."""
    bank.quiet()
    orders = list(itertools.permutations(range(facts.amount(3, 5))))
    holds = {order: make_hold(payer_ref=f"org-{index}") for index, order in enumerate(orders)}
    for hold in holds.values():
        bank.sandbox.pay(bank.open_page(hold).session_id, "bank")
    bank.sandbox.control("run", force=True)
    told = {order: _told_about(bank, hold) for order, hold in holds.items()}
    bank.sandbox.hear(bank.site + ADDRESS)
    for step in range(len(orders[0])):
        for order in orders:
            assert bank.sandbox.control("replay", event=told[order][order[step]])["status"] == 200
        bank.worker.wake("payments.drain_events", "payments.drain_events")
    for hold in holds.values():
        hold.refresh_from_db()
        assert (hold.state, fundings(hold)) == ("secured", 1)
    assert bank.clean()


def _told_about(bank, hold) -> list[str]:
    """Ids of the events about the payment of `hold`, as they were made; the first is left out of the sample."""
    intent = Funding.objects.get(hold=hold).session_id
    intent = bank.sandbox.get(f"/v1/checkout/sessions/{intent}")["payment_intent"]
    about = [
        row["id"]
        for row in bank.events()
        if intent in (row["data"]["object"].get("payment_intent"), row["data"]["object"]["id"])
    ]
    assert len(about) == 5
    return about[-facts.amount(3, 5) :]


@pytest.mark.parametrize("first", ["answer", "event"])
def test_case_02_a_refund_told_before_its_own_answer_ends_the_same(bank, make_hold, first):
    hold = bank.secured(make_hold)
    if first == "event":  # the answer to our call is lost on the way
        bank.sandbox.fault("/v1/refunds", "lost")
    actions.refund_rest(by=None, hold=hold, reason="cancelled")
    bank.settle()
    clock.advance(timedelta(minutes=1))  # what met a busy moment has its next try behind it
    bank.settle()
    refund = Refund.objects.get()
    assert (refund.state, len(bank.refunds())) == ("succeeded", 1)
    assert refund.call.state == "done"
    assert bank.clean()


@pytest.mark.parametrize(
    "way", facts.some(["hourly event list", "return page", "reading old payments again"])
)
def test_case_03_a_webhook_that_never_comes_is_made_up_for_within_the_hour(bank, hold, way):
    bank.sandbox.control("webhooks", drop=100)
    funding = bank.open_page(hold)
    bank.sandbox.pay(funding.session_id)
    bank.worker.rest()
    hold.refresh_from_db()
    assert hold.state == "unfunded"
    if way == "return page":
        actions.refresh_funding(hold)
    elif way == "hourly event list":
        bank.worker.wake("payments.poll_events", "payments.drain_events")
    else:
        clock.advance(timedelta(minutes=11))
        bank.worker.wake("payments.retry_waiting")
    hold.refresh_from_db()
    assert (hold.state, fundings(hold)) == ("secured", 1)
    assert bank.clean()


@pytest.mark.parametrize(
    "name", facts.some([name for name in REFUSED if name not in ("too old", "from the future")], 3)
)
def test_case_04_what_is_not_signed_by_stripe_is_refused_and_not_kept(bank, name):
    body, header_of = REFUSED[name]
    assert deliver(bank, body, header_of(body)) == 400
    assert not Event.objects.exists()


def test_case_04_odd_headers_and_ten_megabytes_are_refused_without_an_error(bank):
    now = signature(GOOD).split(",")[0]
    assert deliver(bank, GOOD, f"{now},v1=\u00e9\u00e9") == 400
    huge = b"x" * (10 * 1024 * 1024)
    assert deliver(bank, huge, signature(huge)) == 413
    assert not Event.objects.exists()


def test_case_05_old_and_future_signatures_are_refused_and_a_fresh_replay_changes_nothing(bank, hold):
    bank.secure(hold)
    event_id = bank.events()[-1]["id"]
    known = Event.objects.count()
    for age, status in ((310, 400), (-330, 400), (0, 200), (250, 200)):
        assert bank.sandbox.control("replay", event=event_id, age=age)["status"] == status
    bank.settle()
    assert (Event.objects.count(), fundings(hold)) == (known, 1)
    assert bank.clean()


def test_case_06_a_signed_event_of_the_other_mode_is_kept_and_ignored(bank, hold):
    bank.quiet()
    funding = bank.open_page(hold)
    bank.sandbox.pay(funding.session_id)
    for number, body in enumerate(bank.events()):
        body |= {"id": f"evt_live_{number}", "livemode": True}
        raw = _json(body)
        assert deliver(bank, raw, signature(raw)) == 200
    bank.worker.wake("payments.drain_events")
    hold.refresh_from_db()
    assert set(Event.objects.values_list("state", "error")) == {("ignored", "from the other mode")}
    assert hold.state == "unfunded"
    assert not LedgerTransaction.objects.exists()


def test_case_06_a_signed_event_of_an_account_that_is_not_ours_changes_nothing(bank):
    raw = _json(event(1, type="payout.paid", account="acct_stranger", data={"object": {"id": "po_1"}}))
    assert deliver(bank, raw, signature(raw, secret=SECRET)) == 200
    bank.worker.wake(*SWEEP)
    assert Event.objects.get().state in ("applied", "ignored")
    assert not LedgerTransaction.objects.exists()


def _json(body: dict) -> bytes:
    import json

    return json.dumps(body).encode()


@pytest.mark.parametrize(
    "asked", [{"amount": 49_999}, {"currency": "EUR"}], ids=["other amount", "other currency"]
)
def test_case_23_a_payment_that_is_not_what_was_asked_for_secures_nothing(bank, hold, asked):
    """We asked for something else than what the session says that it was paid in."""
    funding = bank.open_page(hold)
    Funding.objects.filter(pk=funding.pk).update(**asked)
    bank.sandbox.pay(funding.session_id)
    bank.settle()
    hold.refresh_from_db()
    funding.refresh_from_db()
    assert (hold.state, funding.state) == ("unfunded", "failed")
    assert "another amount or currency" in funding.failure
    assert balance(code("employer_credit", "USD", hold.payer_ref)) == 50_000
    assert bank.clean()


def test_case_23_tampered_metadata_does_not_secure_another_hold(bank, make_hold):
    """Somebody with access to the dashboard points a paid session at a dearer engagement."""
    cheap, dear = make_hold(parts=[(5_000, 500)]), make_hold()
    paid, open_page = bank.open_page(cheap), bank.open_page(dear)
    from payments.sandbox.models import Thing

    row = Thing.objects.get(pk=paid.session_id)
    row.data["metadata"] = {
        **row.data["metadata"],
        "call": str(open_page.call.uuid),
        "hold": dear.public_id,
        "funding": str(open_page.uuid),
    }
    row.save()
    bank.sandbox.pay(paid.session_id)
    bank.settle()
    for hold, state in ((cheap, "secured"), (dear, "unfunded")):
        hold.refresh_from_db()
        assert hold.state == state
    assert bank.clean()


def test_case_25_two_pages_both_paid_secure_once_and_the_second_goes_back_once(bank, hold):
    first = bank.open_page(hold)
    bank.worker.pause()  # nobody closes the first page yet
    Funding.objects.filter(pk=first.pk).update(expires_at=clock.now())
    second = bank.open_page(hold)
    assert first.session_id != second.session_id
    together(*[lambda page=page: bank.sandbox.pay(page.session_id) for page in (first, second)])
    bank.worker.go_on()
    bank.settle()
    _one_went_back(bank, hold, "secured")


def test_case_25_money_for_a_cancelled_hold_goes_back_once(bank, hold):
    bank.quiet()
    page = bank.open_page(hold)
    bank.sandbox.pay(page.session_id)
    actions.cancel_hold(by=None, hold=hold, reason="the time was over")
    bank.sandbox.hear(bank.site + ADDRESS)
    bank.sandbox.control("webhooks", paused=False)
    bank.settle()
    _one_went_back(bank, hold, "cancelled")


def test_case_25_money_that_came_as_the_page_expired_counts(bank, hold):
    """Paid in the last second: we thought that the page had closed, Stripe knows better."""
    page = bank.open_page(hold)
    bank.quiet()
    bank.sandbox.pay(page.session_id)
    Funding.objects.filter(pk=page.pk).update(state="expired")
    bank.sandbox.hear(bank.site + ADDRESS)
    bank.sandbox.control("webhooks", paused=False)
    bank.settle()
    hold.refresh_from_db()
    assert (hold.state, fundings(hold), Refund.objects.count()) == ("secured", 1, 0)
    assert bank.clean()


def _one_went_back(bank, hold, state: str) -> None:
    hold.refresh_from_db()
    assert hold.state == state
    assert (Refund.objects.get().state, len(bank.refunds())) == ("succeeded", 1)
    assert sum(row["amount_refunded"] for row in bank.sandbox.all("/v1/charges")) == 50_000
    assert balance(code("employer_credit", "USD", hold.payer_ref)) == 0
    assert bank.clean()
