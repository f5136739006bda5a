"""Workers killed by SIGKILL between any two steps, and within them, again and again: no cent is lost or doubled."""

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest

from marketplace.ground import clock
from marketplace.ground.errors import Refused
from payments.holds import actions
from payments.holds.models import Funding, Part, Refund, Release
from payments.stripe.models import Call, Event
from tests.payments.conftest import URLS
from tests.services import environment

from . import audit, facts
from .nursery import POINTS
from .worker import ROOT, SWEEP

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(facts.amount(300, 7_200))]

#: What a worker does when it dies at a step, and whether it can die in the middle of it.
WORK = ("calls", "events", "due", "waiting")
FAULTS = ("500_before", "500_after", "lost", "500_stored", "429")


class Nursery:
    """Forks workers that die where they are told to."""

    def __init__(self, base: str):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.money.nursery"],
            cwd=ROOT,
            env=environment(STRIPE_API_BASE=base, NO_PROXY="localhost,127.0.0.1", LOG_LEVEL="CRITICAL"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout.readline() == "ready\n"

    def order(self, *work: str, **more) -> tuple[str, str] | None:
        """Let a worker do `work`; the trap in which it was killed on the way, if it was."""
        self.process.stdin.write(json.dumps({"work": work, **more}) + "\n")
        self.process.stdin.flush()
        died = json.loads(self.process.stdout.readline())["died"]
        return died and tuple(died)

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)


@pytest.fixture
def nursery(sandbox):
    running = Nursery(sandbox.base)
    yield running
    running.stop()


class Market:
    """Holds in every stage, so that whichever step is to be died at has something to do."""

    def __init__(self, bank, make_hold, seed: int):
        self.bank, self.make_hold, self.dice = bank, make_hold, random.Random(seed)
        self.opened = []

    def still_open(self):
        return Funding.objects.filter(pk__in=self.opened, state="open").exclude(session_id="").order_by("id")

    def open(self, number: int) -> None:
        for _ in range(number):
            hold = self.make_hold(release_delay_days=self.dice.choice([0, 0, 0, 7]))
            self.opened.append(actions.start_checkout(by=None, hold=hold, **URLS).pk)

    def go_on(self) -> None:
        """People decide whatever can be decided: pay, approve, cancel; a bank sends a refund back."""
        for funding in self.still_open():
            with suppress(AssertionError):  # its page has closed
                self.bank.sandbox.pay(funding.session_id, self.dice.choice(["success", "success", "bank"]))
        parts = Part.objects.filter(hold__state="secured", releases=None, refund_lines=None)
        for part in list(parts.select_related("hold").order_by("id"))[:4]:
            with suppress(Refused):
                if self.dice.random() < 0.6:
                    actions.release_part(by=None, part=part)
                else:
                    actions.cancel_part(
                        by=None, part=part, reason="x", pay_student_net=self.dice.choice([0, 5_000])
                    )
        sent = Release.objects.filter(state="sent", part__hold__frozen_at=None).order_by("?").first()
        if sent and self.dice.random() < 0.4:
            with suppress(Refused):
                actions.refund_released(by=None, release=sent, amount=sent.gross // 2, reason="x")

    def busy(self) -> bool:
        return (
            Call.objects.filter(state__in=("pending", "waiting", "manual")).exists()
            or Event.objects.filter(state="new").exists()
            or Release.objects.exclude(state__in=("sent", "rejected", "reversed")).exists()
            or Refund.objects.filter(state__in=("queued", "pending")).exists()
        )


class Traps:
    """Where workers are to die next: at the steps at which the fewest have died, before, after or in the middle."""

    def __init__(self, dice):
        self.dice, self.killed = dice, Counter()

    def set(self) -> list[tuple[str, str]]:
        """A trap at half of the steps. A step that has nothing to do now lets the worker pass on to the next."""
        each = []
        for at in POINTS:
            whens = self.dice.sample(["before", "after", "during"], 3)
            each.append(min(((at, when) for when in whens), key=self.killed.__getitem__))
        self.dice.shuffle(each)
        each.sort(key=lambda trap: sum(self.killed[trap[0], when] for when in ("before", "after", "during")))
        return each[: len(each) // 2]


def report(bank, kills: int, **more) -> None:
    read = bank.sandbox.all
    lost, doubled = audit.missing(read), audit.doubled(read)
    facts.tell("crash", kills=kills, lost=sum(lost.values()), doubled=sum(doubled.values()), **more)
    assert not any(lost.values())
    assert not any(doubled.values())


@pytest.mark.parametrize("share", range(facts.amount(1, 3)))
def test_case_12_killed_at_every_step_each_operation_is_done_once(
    bank, nursery, make_hold, student, ready, share
):
    """Every worker of this market dies; only the last sweep is made by one that lives."""
    wanted, kills = facts.amount(12, 75), 0
    ready(student)
    market = Market(bank, make_hold, seed=share)
    traps = Traps(market.dice)
    for turn in range(1, wanted * 6):
        if turn % 3 == 1:
            market.open(2)
        market.go_on()
        if turn % 4 == 0:
            bank.sandbox.fault("/v1/", market.dice.choice(FAULTS))
        if turn % 9 == 0:
            clock.advance(timedelta(days=8))
        bank.sandbox.run()
        if died := nursery.order(*WORK, traps=traps.set(), hit=market.dice.choice([1, 1, 2])):
            kills += 1
            traps.killed[died] += 1
            if kills % 25 == 0:
                facts.tell("so far", share=share, killed=kills)
            if kills >= wanted:
                break
        bank.sandbox.rest()  # what it had sent is done before days pass, as it would be at Stripe
        clock.advance(timedelta(seconds=130))  # the dead worker's lease runs out
    assert kills >= wanted
    come_to_rest(bank, market)
    report(bank, kills, points=len(traps.killed))
    assert bank.clean()


def come_to_rest(bank, market) -> None:
    """The real worker, and time: nobody lends a hand."""
    bank.sandbox.control("faults", clear=True)
    for _ in range(40):
        bank.settle()
        if not market.busy():
            return
        clock.advance(timedelta(days=1) if market.dice.random() < 0.3 else timedelta(minutes=16))
    raise AssertionError("the queue does not drain by itself")


def test_celery_itself_killed_at_random_moments_loses_and_doubles_nothing(bank, make_hold, student, ready):
    """The worker of production, parent and children, killed from outside and started again."""
    wanted = facts.amount(1, 12)
    ready(student)
    market = Market(bank, make_hold, seed=7)
    for _ in range(wanted):
        market.open(2)
        for funding in Funding.objects.filter(pk__in=market.opened):
            actions.funding_url(funding)
        market.go_on()
        for kind in market.dice.sample(FAULTS, 2):
            bank.sandbox.fault("/v1/", kind)
        bank.sandbox.run()
        for task in SWEEP:
            bank.worker.send(task)
        time.sleep(market.dice.uniform(0.02, 0.4))
        bank.worker.kill()
        bank.sandbox.rest()
        clock.advance(timedelta(seconds=130))
        bank.worker.start()
        market.go_on()
    come_to_rest(bank, market)
    report(bank, wanted)
    assert bank.clean()


def test_a_fresh_key_for_each_attempt_pays_twice_and_the_audit_sees_it(
    bank, nursery, make_hold, student, ready
):
    """The control: without the keys the same crashes double money, and the books alone would never show it."""
    ready(student)
    hold = bank.secured(make_hold)
    bank.worker.turn_away()
    release = actions.release_part(by=None, part=hold.parts.first())
    for traps in ([("send", "after")], []):
        assert bool(nursery.order("calls", fresh_keys=True, traps=traps)) is bool(traps)
        clock.advance(timedelta(seconds=130))
    bank.worker.broker.flushdb()
    bank.worker.take_again()
    release.refresh_from_db()
    assert release.state == "sent"
    assert audit.books() == []
    assert audit.doubled(bank.sandbox.all) == {"USD": release.net}
    facts.tell("control", doubled=release.net)


@pytest.mark.parametrize("work", ["approve", "refund"])
def test_a_request_killed_before_or_after_its_commit_leaves_all_or_nothing(
    bank, make_hold, student, ready, work
):
    """The web process dies: what was not committed never was, what was committed is done by a worker."""
    ready(student)
    for when, outcome in (("before", 0), ("after", 1)):
        hold = bank.secured(make_hold)
        act = {
            "approve": f"actions.release_part(by=None, part=Part.objects.filter(hold={hold.pk}).first())",
            "refund": f"actions.refund_rest(by=None, hold=Hold.objects.get(pk={hold.pk}), reason='x')",
        }[work]
        died = subprocess.run(
            [sys.executable, "-c", DYING.format(act=act, when=when)],
            cwd=ROOT,
            env=environment(DJANGO_SETTINGS_MODULE="marketplace.settings", STRIPE_API_BASE=bank.sandbox.base),
        )
        assert died.returncode == -signal.SIGKILL
        bank.settle()
        rows = (Release if work == "approve" else Refund).objects
        rows = rows.filter(part__hold=hold) if work == "approve" else rows.filter(hold=hold)
        assert rows.count() == outcome
        assert all(row.state in ("sent", "succeeded") for row in rows)
    assert bank.clean()


DYING = """
import os, signal
import django; django.setup()
from django.db import transaction
from payments.holds import actions
from payments.holds.models import Hold, Part
with transaction.atomic():
    {act}
    if "{when}" == "before":
        os.kill(os.getpid(), signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""
