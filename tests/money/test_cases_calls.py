"""What we ask of Stripe: answered wrongly, late or never, by a worker that is woken twice or not at all."""

import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import transaction

from marketplace.ground import clock
from payments.connect import actions as connect
from payments.connect.queries import payee_of
from payments.holds import actions
from payments.holds.models import Release
from payments.holds.states import PART_WORDS
from payments.stripe import gateway
from payments.stripe.models import Call, Install

from . import facts
from .worker import SWEEP

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def secured(bank, hold):
    bank.secure(hold)
    return hold


@pytest.fixture
def payee(ready, student):
    return ready(student)


def later(**step):
    clock.advance(timedelta(**step))


def paid_once(bank, release: Release, generation=None) -> bool:
    release.refresh_from_db()
    assert release.state == "sent"
    assert [row["id"] for row in bank.transfers()] == [release.transfer_id]
    assert generation in (None, release.call.generation)
    return bank.clean()


def approve(hold, number=0) -> Release:
    return actions.release_part(by=None, part=hold.parts.all()[number])


def test_case_13_a_500_after_the_transfer_was_made_is_adopted_and_not_repeated(bank, secured, payee):
    bank.sandbox.fault("/v1/transfers", "500_after")
    release = approve(secured)
    bank.settle()
    assert paid_once(bank, release, generation=1)


def test_case_13_a_500_on_the_same_key_for_ever_is_left_behind_without_a_second_transfer(
    bank, secured, payee
):
    bank.sandbox.fault("/v1/transfers", "500_stored")
    release = approve(secured)
    for _ in range(4):
        bank.settle()
        assert len(bank.transfers()) <= 1
        later(minutes=8)
    bank.settle()
    assert paid_once(bank, release, generation=2)


@pytest.mark.parametrize("kind", facts.some(["lost", "refuse", "429", "500_before"]))
def test_case_14_an_answer_lost_on_the_way_is_asked_for_again_under_the_same_key(bank, secured, payee, kind):
    bank.sandbox.fault("/v1/transfers", kind)
    release = approve(secured)
    bank.settle()
    later(minutes=1)
    bank.settle()
    assert paid_once(bank, release, generation=1)


def test_case_14_a_day_later_when_the_key_is_forgotten_stripe_is_asked_first(bank, secured, payee):
    bank.sandbox.fault("/v1/transfers", "lost")
    bank.quiet()
    release = approve(secured)
    bank.worker.rest()
    assert (Call.objects.get(operation="transfer").state, len(bank.transfers())) == ("pending", 1)
    later(hours=25)
    bank.worker.wake("payments.drain_calls")
    assert paid_once(bank, release)


def test_case_15_short_of_funds_it_waits_and_goes_once_under_a_new_key(bank, secured, payee):
    """A transfer that names no charge needs an available balance; ours is on its way there for two days."""
    with transaction.atomic():
        release = approve(secured)
        call = release.call
        params = {name: value for name, value in call.params.items() if name != "source_transaction"}
        Call.objects.filter(pk=call.pk).update(params=params)
    bank.settle()
    release.refresh_from_db()
    assert (release.state, release.call.state, bank.transfers()) == ("waiting_funds", "waiting", [])
    later(minutes=11)
    bank.settle()
    assert bank.transfers() == []
    later(days=2)
    bank.settle()
    assert paid_once(bank, release)
    assert release.call.generation > 1


def test_case_16_a_deploy_between_two_tries_changes_nothing_of_what_is_sent(bank, secured, payee):
    bank.sandbox.fault("/v1/transfers", "lost")
    bank.quiet()
    release = approve(secured)
    bank.worker.rest()
    call = Call.objects.get(operation="transfer")
    before = (call.params, call.api_version)
    type(secured).objects.filter(pk=secured.pk).update(description="Renamed by a new release", fee=1)
    Release.objects.filter(pk=release.pk).update(reason="other words")
    later(minutes=1)
    bank.worker.wake("payments.drain_calls")
    type(secured).objects.filter(pk=secured.pk).update(fee=5_000)
    call.refresh_from_db()
    assert (call.params, call.api_version) == before
    assert (call.state, call.error_code) == ("done", "")
    assert bank.transfers()[0]["description"] == "Survey of three markets"
    assert paid_once(bank, release, generation=1)


def test_case_16_a_repeat_is_sent_in_the_version_in_which_it_was_written_down(monkeypatch):
    seen = []

    class Made:
        def to_dict(self):
            return {"id": "tr_1"}

    monkeypatch.setattr(
        gateway, "_writes", lambda: {"transfer": lambda params, options: seen.append(options) or Made()}
    )
    gateway.send("transfer", {"amount": 100}, "key", "2026-09-30.endive")
    assert seen == [{"idempotency_key": "key", "stripe_version": "2026-09-30.endive"}]


def test_case_17_when_the_broker_is_wiped_the_sweep_does_it(bank, secured, payee):
    bank.worker.turn_away()
    release = approve(secured)
    assert bank.worker.broker.llen("celery")
    bank.worker.broker.flushdb()
    bank.worker.take_again()
    time.sleep(0.5)
    assert bank.transfers() == []
    bank.worker.wake("payments.drain_calls")
    assert paid_once(bank, release, generation=1)


def test_case_17_a_message_that_comes_five_times_pays_once(bank, secured, payee):
    bank.worker.pause()
    release = approve(secured)
    from marketplace.celery import app

    for _ in range(5):
        app.send_task("payments.drain_calls")
    bank.worker.go_on()
    bank.worker.rest()
    assert paid_once(bank, release, generation=1)


def test_case_18_without_an_account_it_waits_and_goes_when_there_is_one(bank, secured, student, ready):
    release = approve(secured)
    bank.settle()
    release.refresh_from_db()
    assert (release.state, PART_WORDS[release.status]) == (
        "waiting_payee",
        "Approved, waiting for payout set-up",
    )
    ready(student)
    bank.settle()
    assert paid_once(bank, release)


def test_case_18_restricted_between_approval_and_transfer_it_waits_and_goes_on(bank, secured, payee):
    bank.sandbox.control("webhooks", drop=100)
    bank.sandbox.onboard(payee.stripe_id, "restricted")
    release = approve(secured)
    bank.settle()
    bank.settle()  # the sweep after the refusal reads the account again
    release.refresh_from_db()
    payee.refresh_from_db()
    assert (release.state, payee.state) == ("waiting_payee", "restricted")
    bank.sandbox.control("webhooks", drop=0)
    bank.sandbox.onboard(payee.stripe_id)
    later(minutes=11)
    bank.settle()
    assert paid_once(bank, release)


def test_case_18_an_account_that_is_closed_is_replaced_and_paid(bank, secured, payee, student, ready):
    closed = payee.stripe_id
    bank.sandbox.control(f"accounts/{closed}/close")
    bank.settle()
    release = approve(secured)
    bank.settle()
    payee.refresh_from_db()
    release.refresh_from_db()
    assert (payee.state, release.state) == ("closed", "waiting_payee")
    connect.start_onboarding(by=student, return_url="http://localhost/r/", refresh_url="http://localhost/f/")
    payee = payee_of(student)
    assert payee.stripe_id != closed
    bank.sandbox.onboard(payee.stripe_id)
    bank.settle()
    later(minutes=11)
    bank.settle()
    assert paid_once(bank, release)
    assert bank.transfers()[0]["destination"] == payee.stripe_id


def test_case_28_a_copy_of_the_database_sends_nothing_of_the_original(bank, secured, payee):
    """Under a new name of its own the copy leaves alone what the original has written down."""
    with transaction.atomic():
        release = approve(secured)
        call_command("name_copy", verbosity=0)
        name = Install.objects.get().environment
    bank.settle()
    later(hours=1)
    bank.settle()
    release.refresh_from_db()
    assert (release.state, bank.transfers()) == ("queued", [])
    mine = approve(secured, 1)
    assert mine.call.idempotency_key.startswith(f"{name}:transfer:")
    bank.worker.wake(*SWEEP)
    mine.refresh_from_db()
    assert [row["id"] for row in bank.transfers()] == [mine.transfer_id]
