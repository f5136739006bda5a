"""Calls to Stripe: killed between any two steps, answered wrongly or not at all, each is made exactly
once.
"""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from marketplace.ground import clock
from payments.holds import actions
from payments.holds.models import Release
from payments.ledger.chart import code
from payments.ledger.queries import balance
from payments.stripe import gateway
from payments.stripe.actions import letters, outbox
from payments.stripe.models import Call
from tests.services import environment

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """What SIGKILL does to a process, for one thread: nothing after it runs."""


@pytest.fixture
def released(hold, student, secure, ready):
    """A release written down, its call not yet made."""
    secure(hold)
    ready(student)
    return actions.release_part(by=None, part=hold.parts.first())


def transfers(sandbox):
    return sandbox.all("/v1/transfers")


def exactly_once(sandbox, release):
    release.refresh_from_db()
    assert [row["id"] for row in transfers(sandbox)] == [release.transfer_id]
    assert release.state == "sent"
    assert balance(code("release_in_flight", "USD", release.uuid)) == 0
    assert balance(code("platform_fee", "USD")) == release.fee
    return True


def later(**step):
    clock.advance(timedelta(**step))


def die_in(monkeypatch, where, name, *, after):
    """Make `name` die once, before or after it has done its work."""
    real = getattr(where, name)

    def dying(*args, **kwargs):
        monkeypatch.setattr(where, name, real)
        if after:
            real(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(where, name, dying)


@pytest.mark.parametrize(
    ("where", "name", "after"),
    [
        (outbox, "claim", False),
        (outbox, "_found_or_sent", False),
        (gateway, "send", False),
        (gateway, "send", True),
        (outbox, "close", False),
        (outbox, "close", True),
    ],
    ids=[
        "before the claim",
        "after the claim",
        "before sending",
        "after sending",
        "before closing",
        "after closing",
    ],
)
def test_killed_between_two_steps_the_transfer_is_made_once(
    released, sandbox, work, monkeypatch, where, name, after
):
    die_in(monkeypatch, where, name, after=after)
    with pytest.raises(Killed):
        outbox.perform()
    later(seconds=100)  # the lease of the dead process runs out
    work()
    assert exactly_once(sandbox, released)


def test_killed_inside_the_closing_transaction_nothing_of_it_stays(released, sandbox, work, monkeypatch):
    from payments.holds.actions import releasing

    die_in(monkeypatch, releasing, "post", after=True)
    with pytest.raises(Killed):
        outbox.perform()
    connection.close()
    released.refresh_from_db()
    assert released.state == "queued"
    later(seconds=100)
    work()
    assert exactly_once(sandbox, released)


def test_a_worker_killed_for_real_in_the_middle_of_a_call_loses_and_doubles_nothing(released, sandbox, work):
    sandbox.fault("/v1/transfers", "slow", seconds=1.5)
    worker = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import django; django.setup(); from payments.stripe.tasks import drain_calls; drain_calls()",
        ],
        cwd=Path(__file__).parent.parent.parent,
        env=environment(DJANGO_SETTINGS_MODULE="marketplace.settings", STRIPE_API_BASE=sandbox.base),
    )
    until(lambda: Call.objects.get(operation="transfer").attempts == 1)
    time.sleep(0.3)  # the request is at Stripe now
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    until(lambda: transfers(sandbox))
    released.refresh_from_db()
    assert released.state == "queued"
    later(seconds=100)
    work()
    assert exactly_once(sandbox, released)


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come")


@pytest.mark.parametrize("kind", ["lost", "429", "500_before", "refuse", "500_after"])
def test_a_call_answered_badly_is_made_once(released, sandbox, work, kind):
    sandbox.fault("/v1/transfers", kind)
    work()
    later(minutes=1)
    work()
    assert exactly_once(sandbox, released)


def test_a_call_that_took_effect_before_a_500_is_found_and_not_repeated(released, sandbox, work):
    sandbox.fault("/v1/transfers", "500_after")
    outbox.perform()
    assert exactly_once(sandbox, released)
    assert Call.objects.get(operation="transfer").generation == 1


def test_a_500_frozen_under_the_key_is_left_behind_with_a_new_key_after_a_while(released, sandbox, work):
    sandbox.fault("/v1/transfers", "500_stored")
    work()
    later(minutes=1)
    work()
    call = Call.objects.get(operation="transfer")
    assert (call.state, call.generation) == ("pending", 1)
    later(minutes=20)
    work()
    assert exactly_once(sandbox, released)
    call.refresh_from_db()
    assert call.generation == 2


def test_stripe_broken_for_good_ends_with_a_person_who_can_let_it_go_again(
    released, sandbox, work, make_person
):
    sandbox.fault("/v1/transfers", "500_stored", times=3)
    for _ in range(12):
        work()
        later(minutes=20)
    call = Call.objects.get(operation="transfer")
    assert call.state == "manual"
    assert transfers(sandbox) == []
    moderator = make_person("Mo Derator")
    moderator.is_staff = True
    letters.retry_call(by=moderator, call=call)
    work()
    assert exactly_once(sandbox, released)


def test_a_day_later_stripe_is_asked_before_the_call_is_repeated(released, sandbox, work, monkeypatch):
    """The key is forgotten by then: a blind repeat would pay twice."""
    die_in(monkeypatch, outbox, "close", after=False)
    with pytest.raises(Killed):
        outbox.perform()
    later(hours=25)
    work()
    assert exactly_once(sandbox, released)


def test_what_is_sent_is_frozen_when_the_call_is_written_down(released, sandbox, work, hold):
    sandbox.fault("/v1/transfers", "lost")
    work()
    type(hold).objects.filter(pk=hold.pk).update(description="Renamed meanwhile")
    later(minutes=1)
    work()
    assert exactly_once(sandbox, released)
    assert transfers(sandbox)[0]["description"] == "Survey of three markets"


def test_a_key_used_for_something_else_is_never_bumped_by_itself(released, sandbox, work):
    sandbox.fault("/v1/transfers", "500_stored")
    outbox.perform()
    call = Call.objects.get(operation="transfer")
    Call.objects.filter(pk=call.pk).update(params={**call.params, "amount": 17_999}, due_at=clock.now())
    work()
    call.refresh_from_db()
    assert (call.state, call.generation) == ("manual", 1)
    assert transfers(sandbox) == []


def test_a_key_that_stripe_does_not_accept_stops_the_queue_and_loses_nothing(
    released, sandbox, work, settings
):
    settings.STRIPE_SECRET_KEY = "wrong"
    work()
    call = Call.objects.get(operation="transfer")
    assert call.state == "pending"
    settings.STRIPE_SECRET_KEY = "sk_test_offline"
    later(minutes=2)
    work()
    assert exactly_once(sandbox, released)


def test_a_refusal_for_good_puts_the_money_back_and_may_be_released_anew(
    released, sandbox, work, hold, monkeypatch
):
    refused = gateway.Refused("No such thing", "parameter_invalid")
    monkeypatch.setattr(gateway, "send", lambda *args: (_ for _ in ()).throw(refused))
    work()
    monkeypatch.undo()
    released.refresh_from_db()
    assert released.state == "rejected"
    assert hold.figures()["held"] == 50_000
    again = actions.release_part(by=None, part=hold.parts.first())
    work()
    assert exactly_once(sandbox, again)
    assert again.call_id != released.call_id


def test_two_workers_at_once_take_different_calls(released, sandbox, hold):
    from tests.payments.test_ledger import at_once

    actions.release_part(by=None, part=hold.parts.last())
    assert at_once(4, lambda index: outbox.perform()) == []
    assert len(transfers(sandbox)) == 2
    assert set(Release.objects.values_list("state", flat=True)) == {"sent"}
    assert set(Call.objects.filter(operation="transfer").values_list("attempts", flat=True)) == {1}


@pytest.mark.parametrize("value", [0, -5, -0, 1.5, "100", True, None, 10**9, float("nan"), float("inf")])
def test_no_amount_but_a_positive_whole_number_leaves_the_house(value):
    for operation in ("transfer", "refund", "reversal"):
        with pytest.raises(ValueError, match="Not an amount"):
            gateway.send(operation, {"amount": value}, "key")


def test_keys_name_this_copy_of_the_database(released):
    call = Call.objects.get(operation="transfer")
    assert call.idempotency_key == f"{outbox.environment()}:transfer:{call.uuid}:g1"
