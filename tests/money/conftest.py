"""Money with nothing pretended: a real worker, the offline Stripe as a process of its own, webhooks over HTTP."""

import itertools
import os
import threading

import pytest
import requests
from django.db import connection
from django.test import Client

from payments.holds import actions
from tests.payments.conftest import (  # noqa: F401
    URLS,
    employer,
    hold,
    make_hold,
    make_person,
    ready,
    sandbox,
    sandbox_process,
    student,
)

from . import audit, facts
from .worker import SWEEP, Worker

_numbers = itertools.count(1)


def pytest_collection_modifyitems(items):
    """Everything that uses the worker runs in one process: there is one worker for a database."""
    for item in items:
        if "bank" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("money"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    number = facts.CASE.match(item.name)
    if number and (report.when == "call" or report.failed):
        facts.tell("case", number=int(number[1]), name=item.name, passed=report.passed, took=report.duration)


@pytest.fixture(scope="package")
def worker(sandbox_process):  # noqa: F811
    """A running Celery worker; it ends with the tests of this folder, for others do without one."""
    running = Worker(sandbox_process.base).start()
    yield running
    running.kill()  # it is at rest, and its warm goodbye takes seconds


class Bank:
    """One test's view of everybody: payers, students, Stripe, and the worker behind the site."""

    def __init__(self, sandbox, worker, site: str):  # noqa: F811
        self.sandbox, self.worker, self.site = sandbox, worker, site

    # --- what people do -----------------------------------------------------------------------------------
    def open_page(self, hold, by=None):  # noqa: F811
        """The payer clicks "secure the funds" and is on Stripe's page."""
        funding = actions.start_checkout(by=by, hold=hold, **URLS)
        actions.funding_url(funding)
        funding.refresh_from_db()
        return funding

    def secure(self, hold, method="success"):  # noqa: F811
        """Paid on Stripe's page; the webhook tells, the worker secures."""
        funding = self.open_page(hold)
        self.sandbox.pay(funding.session_id, method)
        self.settle()
        hold.refresh_from_db()
        return funding

    def secured(self, make_hold, **more):  # noqa: F811
        hold = make_hold(**more)  # noqa: F811
        self.secure(hold)
        assert hold.state == "secured"
        return hold

    # --- what happens by itself ---------------------------------------------------------------------------
    def settle(self, *tasks: str) -> None:
        """Until nothing moves: Stripe does what is due and tells it, the worker is woken as beat would."""
        for _ in range(12):
            self.worker.wake(*(tasks or SWEEP))
            moved = self.sandbox.run()
            self.worker.rest()
            if not moved["done"] and not moved["delivered"]:
                return

    def quiet(self) -> None:
        """From now on no webhook is carried."""
        self.sandbox.control("webhooks", paused=True, url="http://127.0.0.1:9/")

    # --- what is looked at --------------------------------------------------------------------------------
    def events(self) -> list[dict]:
        return list(reversed(self.sandbox.all("/v1/events")))

    def transfers(self) -> list[dict]:
        return self.sandbox.all("/v1/transfers")

    def refunds(self) -> list[dict]:
        return self.sandbox.all("/v1/refunds")

    def by_hand(self, path: str, **form) -> dict:
        """Somebody does it in Stripe's dashboard."""
        made = requests.post(
            self.sandbox.base + path,
            data=form,
            headers={"Authorization": "Bearer sk_test_dashboard"},
            proxies={"http": ""},
            timeout=30,
        )
        assert made.status_code == 200, made.text
        return made.json()

    def clean(self) -> bool:
        """The books balance, and to the cent they are what Stripe says."""
        assert audit.everything(self.sandbox.all) == []
        return True


@pytest.fixture
def bank(sandbox, worker, live_server):  # noqa: F811
    sandbox.hear(f"{live_server.url}/payments/stripe/webhook/")
    yield Bank(sandbox, worker, live_server.url)
    sandbox.control("webhooks", paused=True)
    worker.go_on()
    worker.rest()


@pytest.fixture
def moderator(make_person):  # noqa: F811
    person = make_person("Mo Derator")
    person.is_staff = True
    person.save()
    return person


class Browser:
    """Somebody signed in, at the site's own address, over HTTP."""

    def __init__(self, site: str, user):
        signed_in = Client()
        signed_in.force_login(user)
        self.site, self.session = site, requests.Session()
        self.session.trust_env = False
        for name, cookie in signed_in.cookies.items():
            self.session.cookies.set(name, cookie.value)
        self.session.cookies.set("csrftoken", "a" * 32)

    def get(self, path: str):
        return self.session.get(self.site + path, allow_redirects=False, timeout=60)

    def post(self, path: str, token: str = "a" * 32, **data):
        return self.session.post(
            self.site + path,
            data={**data, "csrfmiddlewaretoken": token},
            headers={"Referer": self.site + path},
            allow_redirects=False,
            timeout=60,
        )


@pytest.fixture
def browser(live_server):
    return lambda user: Browser(live_server.url, user)


def together(*acts) -> list:
    """Run the acts in threads that start at once; what each gave, or what it met."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            barrier.wait(30)
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results


def postgres_log() -> str:
    with open(os.path.join(os.environ["FOOTHOLD_TEST_FOLDER"], "postgres.log"), errors="replace") as log:
        return log.read()
