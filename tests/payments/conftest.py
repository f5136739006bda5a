"""Money's own fixtures: people, a hold, the offline Stripe, and the worker's work done here and now."""

import itertools

import pytest
from django.contrib.auth import get_user_model

from payments.connect.queries import payee_of
from payments.holds import actions
from payments.holds import tasks as hold_tasks
from payments.stripe import tasks as stripe_tasks
from tests.sandbox import SandboxProcess

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def sandbox_process(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        process = SandboxProcess().start()
    yield process
    process.stop()


@pytest.fixture
def sandbox(sandbox_process, transactional_db, settings):
    """The offline Stripe, empty, with the app pointed at it. Nobody hears its events until
    `sandbox.hear(url)`.
    """
    settings.STRIPE_API_BASE = sandbox_process.base
    settings.STRIPE_SECRET_KEY = "sk_test_offline"
    yield sandbox_process
    sandbox_process.control("reset")  # at rest before the tables are emptied


@pytest.fixture
def heard(sandbox, live_server):
    """The offline Stripe tells this test's live server what happens."""
    sandbox.hear(f"{live_server.url}/payments/stripe/webhook/")
    return sandbox


@pytest.fixture
def make_person(db):
    def make(name="Ada Student"):
        number = next(_numbers)
        return get_user_model().objects.create_user(
            email=f"person{number}@example.com", password=None, name=name
        )

    return make


@pytest.fixture
def student(make_person):
    return make_person()


@pytest.fixture
def employer(make_person):
    return make_person("Erin Employer")


@pytest.fixture
def make_hold(student):
    def make(parts=((20_000, 2_000), (30_000, 3_000)), **more):
        number = next(_numbers)
        given = [(f"m{index}", price, fee) for index, (price, fee) in enumerate(parts, 1)]
        defaults = {
            "payer_ref": "org-1",
            "payee": student,
            "currency": "USD",
            "description": "Survey of three markets",
        }
        return actions.open_hold(ref=f"engagement:{number}", parts=given, **{**defaults, **more})

    return make


@pytest.fixture
def hold(make_hold):
    return make_hold()


URLS = {"success_url": "http://localhost:8000/done/", "cancel_url": "http://localhost:8000/back/"}


@pytest.fixture
def work():
    """What a worker does when it is woken: calls, events, what waits."""

    def run():
        stripe_tasks.drain_calls()
        stripe_tasks.drain_events()
        hold_tasks.release_due()
        hold_tasks.retry_waiting()
        stripe_tasks.drain_calls()

    return run


@pytest.fixture
def secure(sandbox, employer):
    """Pay for a hold on the hosted page and let the app read it."""

    def run(hold, method="success"):
        funding = actions.start_checkout(by=employer, hold=hold, **URLS)
        actions.funding_url(funding)
        funding.refresh_from_db()
        sandbox.pay(funding.session_id, method)
        actions.refresh_funding(hold)
        hold.refresh_from_db()
        return funding

    return run


@pytest.fixture
def ready(sandbox):
    """A student whose Stripe account can receive."""
    from payments.connect import actions as connect

    def run(student):
        connect.start_onboarding(
            by=student, return_url="http://localhost/r/", refresh_url="http://localhost/f/"
        )
        payee = payee_of(student)
        sandbox.onboard(payee.stripe_id)
        return connect.sync_account(payee)

    return run
