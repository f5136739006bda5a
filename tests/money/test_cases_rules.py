"""Cents that have to add up, days that are odd, hands that reach into the database, and keys that do not fit."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.ground import clock, money
from payments.holds import actions
from payments.holds.figures import fee_on
from payments.holds.models import Release
from tests.projects import engagements as world
from tests.services import environment

from . import facts
from .conftest import postgres_log

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parent.parent.parent


# --- 30: rounding -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prices", "rate", "kept"),
    facts.some(
        [
            ((10_000, 10_000, 10_000), 1_499, 0),
            ((1, 1, 98), 1_000, 0),
            ((33, 33, 34), 1_499, 0),
            ((10_000, 10_000, 10_000), 1_499, 1),
            ((1, 1, 98), 1_000, 1),
            ((33, 33, 34), 1_499, 1),
        ],
        2,
    ),
)
def test_case_30_parts_add_up_to_the_cent(bank, make_hold, student, ready, prices, rate, kept):
    total = money.fee(sum(prices), rate)
    fees = money.split(total, prices)
    assert sum(fees) == total
    hold = bank.secured(make_hold, parts=tuple(zip(prices, fees, strict=True)))
    ready(student)
    for part in hold.parts.all()[: len(prices) - kept]:
        actions.release_part(by=None, part=part)
    if kept:
        actions.refund_rest(by=None, hold=hold, reason="cancelled", pay_student_net=1)
    bank.settle()
    hold.refresh_from_db()
    figures = hold.figures()
    assert hold.state == "settled"
    assert figures["released"] + figures["refunded"] == sum(prices)
    assert all(row.fee >= 0 and row.net >= 1 for row in Release.objects.all())
    assert bank.clean()


@settings(max_examples=300, deadline=None)
@given(price=st.integers(1, 99_999_999), rate=st.integers(0, 9_999), share=st.fractions(0, 1))
def test_case_30_a_fee_is_never_below_zero_nor_the_whole_price_and_follows_the_share(price, rate, share):
    fee = min(money.fee(price, rate), price - 1)
    paid = int((price - fee) * share)
    part = fee_on(fee, price - fee, paid, "USD")
    assert 0 <= part <= fee
    assert paid + part <= price
    assert fee_on(fee, price - fee, price - fee, "USD") == fee


# --- 31: odd days -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "handed_in",  # the clocks go forward, they go back, and a leap day
    facts.some(["2027-03-12 16:00", "2027-11-05 16:00", "2028-02-25 16:00"]),
)
def test_case_31_silence_approves_once_on_odd_days_and_when_the_clock_moves_back(bank, handed_in):
    world.go_to(handed_in)
    amara, hana = world.student(), world.person("Hana Reyes")
    engagement = world.active(amara, hana, world.organisation(hana), milestones=2)
    step = world.milestones(engagement)[0]
    world.hand_in(amara, step)
    ends = world.again(step).review_ends_at
    assert ends.utcoffset() == timedelta(0)
    clock.advance(ends - clock.now() - timedelta(minutes=1))
    bank.worker.wake("working.review_clock")
    assert world.again(step).state == "submitted"
    clock.advance(timedelta(minutes=2))
    bank.worker.wake("working.review_clock", "working.review_clock")
    clock.advance(-timedelta(hours=2))
    bank.worker.wake("working.review_clock")
    clock.advance(timedelta(hours=3))
    bank.worker.wake("working.review_clock")
    assert world.again(step).state == "approved"
    assert Release.objects.count() == 1


def test_case_31_a_delayed_release_goes_once_although_the_clock_moves_back(bank, make_hold, student, ready):
    hold = bank.secured(make_hold, release_delay_days=7)
    ready(student)
    release = actions.release_part(by=None, part=hold.parts.first())
    for step, state in (
        (timedelta(days=6, hours=23), "scheduled"),
        (timedelta(days=-3), "scheduled"),
        (timedelta(days=3, hours=2), "sent"),
        (timedelta(days=-1), "sent"),
        (timedelta(days=2), "sent"),
    ):
        clock.advance(step)
        bank.settle()
        release.refresh_from_db()
        assert release.state == state
    assert len(bank.transfers()) == 1
    assert bank.clean()


# --- 32: hands in the database ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_ledgerentry SET amount = amount * 2",
        "DELETE FROM payments_ledgerentry",
        "UPDATE payments_ledgertransaction SET note = 'nothing to see'",
        "DELETE FROM payments_ledgertransaction",
        "UPDATE payments_ledgeraccount SET balance = 1000000",
        "DELETE FROM payments_ledgeraccount",
        "TRUNCATE payments_ledgerentry",
        "TRUNCATE payments_ledgertransaction CASCADE",
        "TRUNCATE payments_ledgeraccount CASCADE",
    ],
)
def test_case_32_a_hand_in_the_database_is_refused_and_leaves_a_trace(bank, hold, statement):
    bank.secure(hold)
    seen = len(postgres_log())
    where = connection.get_connection_params()
    other = psycopg2.connect(host=where.get("host"), user=where["user"], dbname=where["dbname"])
    try:
        with pytest.raises(psycopg2.Error, match="append-only|not edited"), other, other.cursor() as cursor:
            cursor.execute(statement)
    finally:
        other.close()
    logged = postgres_log()[seen:]
    assert statement in logged
    assert "ERROR" in logged
    assert bank.clean()


# --- 33: keys and addresses ---------------------------------------------------------------------------------

SITE = [sys.executable, "-c", "import django; django.setup()"]
SERVERS = {
    "web server": [sys.executable, "-c", "import marketplace.wsgi"],
    "worker": [sys.executable, "-m", "celery", "-A", "marketplace.celery", "worker", "--pool", "solo"],
    "offline Stripe": [sys.executable, "-m", "payments.sandbox", "--port", "1"],
}
PRODUCTION = {"DEBUG": "0", "FOOTHOLD_TESTING": "0", "FOOTHOLD_DEMO": "0", "SECRET_KEY": "x" * 60}


@pytest.mark.parametrize(
    ("server", "more", "why"),
    facts.some(
        [
            (
                "web server",
                {"STRIPE_SECRET_KEY": "sk_live_x", "STRIPE_API_BASE": "http://localhost:1"},
                "live",
            ),
            ("worker", {"STRIPE_SECRET_KEY": "sk_live_x", "STRIPE_API_BASE": "http://localhost:1"}, "live"),
            ("offline Stripe", {"STRIPE_SECRET_KEY": "rk_live_x"}, "live"),
            (
                "web server",
                {**PRODUCTION, "STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_API_BASE": "https://api.stripe.com"},
                "test key",
            ),
        ],
        2,
    ),
)
def test_case_33_a_key_that_does_not_fit_the_address_starts_nothing(server, more, why):
    done = subprocess.run(
        SERVERS[server],
        cwd=ROOT,
        env={**environment(DJANGO_SETTINGS_MODULE="marketplace.settings"), **os.environ, **more},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert why in done.stderr.lower()


def test_case_33_the_right_key_at_the_right_address_starts():
    env = {**environment(DJANGO_SETTINGS_MODULE="marketplace.settings"), "STRIPE_SECRET_KEY": "sk_test_x"}
    done = subprocess.run(SITE, cwd=ROOT, env={**env, "STRIPE_API_BASE": "http://localhost:1"}, timeout=60)
    assert done.returncode == 0
