"""A student sets up payouts on Stripe's pages and comes back; the site says what Stripe says."""

from datetime import timedelta

import pytest
from django.urls import reverse

from marketplace.ground import clock
from payments import signals
from payments.connect import actions as connect
from payments.connect.queries import payee_of
from payments.connect.states import need_words
from payments.holds import actions
from payments.holds.models import Funding
from payments.holds.queries import hold_for, payout_banner
from payments.stripe import tasks
from tests.payments.conftest import URLS
from tests.payments.test_ledger import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_home(client, student):
    client.force_login(student)
    return client


def page(client, name="payouts"):
    return client.get(reverse(f"payments:{name}"))


def test_before_anything_the_page_says_what_to_do(at_home):
    answer = page(at_home)
    assert answer.status_code == 200
    assert "Set up payouts with Stripe" in answer.content.decode()


@pytest.mark.parametrize("name", ["payouts", "payouts_return", "payouts_refresh"])
def test_the_pages_are_for_people_who_signed_in(client, db, name):
    answer = page(client, name)
    assert answer.status_code == 302
    assert "login" in answer.url


@pytest.mark.parametrize("name", ["payouts_start", "payouts_dashboard"])
def test_a_link_alone_starts_nothing(at_home, name):
    assert page(at_home, name).status_code == 405


def test_starting_makes_one_account_and_leads_to_stripe(sandbox, at_home, student):
    first = at_home.post(reverse("payments:payouts_start"))
    second = at_home.post(reverse("payments:payouts_start"))
    assert first.status_code == second.status_code == 302
    assert first.url.startswith(f"{sandbox.base}/setup/")
    assert first.url != second.url
    assert len(sandbox.get("/v2/core/accounts?limit=20")["data"]) == 1
    assert payee_of(student).state == "onboarding"


def test_coming_back_ready(sandbox, at_home, student):
    at_home.post(reverse("payments:payouts_start"))
    sandbox.onboard(payee_of(student).stripe_id)
    answer = page(at_home, "payouts_return")
    assert answer.url == reverse("payments:payouts")
    assert "You are ready to be paid" in page(at_home).content.decode()
    assert at_home.post(reverse("payments:payouts_dashboard")).url.startswith(f"{sandbox.base}/express/")


def test_coming_back_too_early_is_no_lie(sandbox, at_home, student):
    at_home.post(reverse("payments:payouts_start"))
    page(at_home, "payouts_return")
    text = page(at_home).content.decode()
    assert "Your set-up is not finished yet" in text
    assert "A bank account" in text
    assert page(at_home, "payouts_refresh").url.startswith(f"{sandbox.base}/setup/")


def test_what_stripe_misses_is_said_in_words(sandbox, at_home, student):
    at_home.post(reverse("payments:payouts_start"))
    sandbox.onboard(payee_of(student).stripe_id, "restricted")
    page(at_home, "payouts_return")
    text = page(at_home).content.decode()
    assert "A photo of an identity document" in text
    assert payee_of(student).state == "restricted"
    assert need_words("something.not_known_yet") == "Not known yet"


def test_a_look_at_the_documents_ends_by_itself(heard, ready, student, client):
    connect.start_onboarding(by=student, return_url="http://localhost/r/", refresh_url="http://localhost/f/")
    payee = payee_of(student)
    heard.onboard(payee.stripe_id, "review")
    connect.sync_account(payee)
    assert payee.state == "onboarding"
    client.force_login(student)
    text = page(client).content.decode()
    assert "There is nothing for you to do" in text
    assert "Being checked" in text
    assert reverse("payments:payouts_start") not in text
    heard.run(force=True)
    tasks.drain_events()
    payee.refresh_from_db()
    assert payee.state == "active"


def test_stripe_away_is_said_and_loses_nothing(sandbox, at_home, student, settings):
    settings.STRIPE_API_BASE = "http://localhost:9"
    answer = at_home.post(reverse("payments:payouts_start"))
    assert answer.status_code == 409
    assert "Stripe does not answer" in answer.content.decode()
    settings.STRIPE_API_BASE = sandbox.base
    clock.advance(timedelta(minutes=2))
    tasks.drain_calls()
    answer = at_home.post(reverse("payments:payouts_start"))
    assert answer.status_code == 302
    assert len(sandbox.get("/v2/core/accounts?limit=20")["data"]) == 1


def test_a_closed_account_may_be_followed_by_another(sandbox, ready, student, at_home):
    payee = ready(student)
    old = payee.stripe_id
    sandbox.control(f"accounts/{old}/close")
    connect.sync_account(payee)
    assert payee.state == "closed"
    at_home.post(reverse("payments:payouts_start"))
    payee.refresh_from_db()
    assert payee.stripe_id != old
    assert payee.state == "onboarding"


def test_ten_visits_at_once_make_one_account(sandbox, student):
    at_once(
        10,
        lambda index: connect.start_onboarding(
            by=student, return_url="http://localhost/r/", refresh_url="http://localhost/f/"
        ),
    )
    assert len(sandbox.get("/v2/core/accounts?limit=20")["data"]) == 1


def test_money_that_waits_is_said_with_the_sum(secure, hold, student, at_home):
    secure(hold)
    actions.release_part(by=None, part=hold.parts.first())
    banner = payout_banner(student)
    assert (banner["waiting"], banner["state"]) == (18_000, "none")
    assert "$180" in page(at_home).content.decode()


def test_a_payout_that_the_bank_sends_back_is_told(heard, secure, hold, student, work, at_home):
    failed = []

    def listen(sender, user, amount, why, **facts):
        failed.append((user, amount, why))

    signals.payout_failed.connect(listen)
    try:
        connect.start_onboarding(
            by=student, return_url="http://localhost/r/", refresh_url="http://localhost/f/"
        )
        heard.onboard(payee_of(student).stripe_id, bank_fails=True)
        connect.sync_account(payee_of(student))
        secure(hold)
        actions.release_part(by=None, part=hold.parts.first())
        work()
        heard.run(force=True)
        work()
    finally:
        signals.payout_failed.disconnect(listen)
    assert failed == [(student, 18_000, "The bank account could not be found.")]
    assert hold.figures()["paid_out"] == 0
    assert "could not be found" in page(at_home).content.decode()


def test_paid_out_is_said_when_it_has_arrived(heard, secure, hold, student, ready, work, at_home):
    ready(student)
    secure(hold)
    actions.release_part(by=None, part=hold.parts.first())
    work()
    assert hold_for(hold.ref).parts.first().status == "released"
    heard.run(force=True)
    work()
    assert hold_for(hold.ref).parts.first().status == "paid_out"
    assert "Paid out" in page(at_home).content.decode()


def test_the_waiting_page_is_for_whoever_pays(sandbox, client, hold, employer, student, settings):
    settings.STRIPE_API_BASE = "http://localhost:9"
    funding = actions.start_checkout(by=employer, hold=hold, **URLS)
    address = actions.funding_url(funding)
    client.force_login(student)
    assert client.get(address).status_code == 404
    client.force_login(employer)
    answer = client.get(address)
    assert answer.status_code == 200
    assert "Opening the payment page" in answer.content.decode()
    again = {"HX-Request": "true"}
    assert client.get(address, headers=again).status_code == 204
    settings.STRIPE_API_BASE = sandbox.base
    clock.advance(timedelta(minutes=2))
    tasks.drain_calls()
    assert client.get(address).url.startswith(f"{sandbox.base}/c/pay/")
    assert client.get(address, headers=again)["HX-Redirect"].startswith(f"{sandbox.base}/c/pay/")
    Funding.objects.update(state="failed")
    assert client.get(address, headers=again)["HX-Refresh"] == "true"
