"""The background worker as `manage.py serve` runs it: Celery, two forked children, the test's database and broker."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.services import environment

from . import counted
from .counted import OPEN, app

#: What beat wakes again and again.
SWEEP = (
    "payments.drain_calls",
    "payments.drain_events",
    "payments.release_due",
    "payments.retry_waiting",
    "payments.wallets",
    "payments.disputes_clock",
    "payments.drain_calls",
)
ROOT = Path(__file__).resolve().parent.parent.parent


class Worker:
    def __init__(self, stripe_base: str):
        self.base = stripe_base
        self.broker = counted.broker()

    def start(self) -> "Worker":
        self.broker.flushdb()  # what other tests have woken nobody for
        counted.count()
        arguments = "--quiet worker --pool prefork --concurrency 2 --without-gossip --without-mingle"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "tests.money.counted", *arguments.split()],
            cwd=ROOT,
            env=environment(STRIPE_API_BASE=self.base, NO_PROXY="localhost,127.0.0.1", LOG_LEVEL="CRITICAL"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        app.send_task("ground.heartbeat")
        self.rest(60)
        return self

    def kill(self) -> None:
        """SIGKILL to the parent and both children."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        counted.count_no_more()

    def pause(self) -> None:
        """Nothing is taken from the broker until `go_on`."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.killpg(self.process.pid, signal.SIGCONT)

    def turn_away(self) -> None:
        """Messages stay at the broker until `take_again`; the worker goes on with what it has."""
        app.control.cancel_consumer("celery", reply=True, timeout=2)
        time.sleep(1.2)  # its last question to the broker runs out

    def take_again(self) -> None:
        app.control.add_consumer("celery", reply=True, timeout=2)

    def send(self, task: str) -> None:
        """Send one task and do not wait."""
        app.send_task(task)

    def wake(self, *tasks: str) -> None:
        """Send tasks as beat does, and wait until they are done."""
        for task in tasks:
            app.send_task(task)
        self.rest()

    def rest(self, seconds: float = 60) -> None:
        """Until everything that was asked for is done."""
        end = time.monotonic() + seconds
        while self.broker.scard(OPEN):
            if self.process.poll() is not None:
                raise AssertionError("the worker has ended")
            if time.monotonic() > end:
                raise AssertionError(f"the worker is still busy after {seconds} s")
            time.sleep(0.02)
