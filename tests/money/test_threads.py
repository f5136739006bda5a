"""A hundred people at once at one engagement: exactly one outcome."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.employers.models import Membership
from marketplace.ground.errors import refusal_of
from payments.holds import actions as holds
from payments.holds.models import Refund, Release
from payments.ledger.models import LedgerTransaction
from projects.hiring.models import Milestone
from projects.posting.models import Project
from projects.working import actions
from projects.working.models import Cancellation
from tests.projects import engagements as world

from . import facts
from .conftest import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]


@pytest.fixture
def amara():
    return world.student("Amara Okafor")


@pytest.fixture
def hana():
    return world.person("Hana Reyes")


@pytest.fixture
def step(bank, amara, hana, ready):
    """One milestone for the whole price, handed in; the student can be paid."""
    engagement = world.accepted(amara, hana, world.organisation(hana), milestones=1)
    bank.secure(engagement.hold)
    ready(amara)
    actions.kick_off(by=hana, engagement=world.again(engagement))
    step = world.milestones(engagement)[0]
    world.hand_in(amara, step)
    return world.again(step)


def one_outcome(bank, step) -> str:
    """All of it went to the student, or all of it back, or the cancellation's split: once, and it adds up."""
    bank.settle()
    figures = step.engagement.hold.figures()
    assert (Release.objects.count(), Refund.objects.count()) in ((1, 0), (0, 1), (1, 1))
    assert figures["released"] + figures["refunded"] == step.engagement.price
    assert LedgerTransaction.objects.filter(kind="release_queued").count() == Release.objects.count()
    assert LedgerTransaction.objects.filter(kind="refund_queued").count() == Refund.objects.count()
    assert bank.clean()
    return "released" if not Refund.objects.exists() else "refunded"


def test_a_hundred_threads_that_approve_cancel_and_refund_leave_one_outcome(bank, step, hana, amara):
    """Through the product's own verbs, each thread with a database connection of its own."""
    number = facts.amount(24, 100)
    engagement, hold = step.engagement, step.engagement.hold

    def approve():
        return actions.approve_milestone(by=hana, milestone=Milestone.objects.get(pk=step.pk))

    def cancel():
        return actions.cancel_engagement(by=amara, engagement=world.again(engagement))

    def refund():
        return holds.refund_rest(by=None, hold=world.again(hold), reason="a moderator decided")

    acts = [(approve, cancel, refund)[n % 3] for n in range(number)]
    results = together(*acts)
    lost = [result for result in results if isinstance(result, Exception)]
    assert not [error for error in lost if not refusal_of(error)], {type(error) for error in lost}
    won = [result for result in results if result is not None and not isinstance(result, Exception)]
    assert 1 <= len(won) <= 2  # after a refund there is still a project that can be cancelled, for nothing
    outcome = one_outcome(bank, step)
    facts.tell("threads", number=number, outcome=outcome)


def test_whoever_waits_too_long_for_others_is_told_to_try_again(step, hana):
    """On a page and in the API: nothing is changed, and it is nobody's error."""

    def ask(address):
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 200")
        client = Client()
        client.force_login(hana)
        return client.post(address)

    page = reverse("working:approve", args=[step.public_id])
    api = reverse("api:milestones-approve", args=[step.public_id])
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=step.engagement.project_id)
        answers = together(lambda: ask(page), lambda: ask(api))
    assert [answer.status_code for answer in answers] == [409, 409]
    assert all("Others are changing this" in answer.content.decode() for answer in answers)
    assert not Release.objects.exists()
    assert ask(page).status_code == 302


def test_twenty_browsers_that_approve_and_cancel_leave_one_outcome(bank, browser, step, hana):
    others = [world.person(f"Manager {n}") for n in range(3)]
    for person in others:
        Membership.objects.create(organisation=step.engagement.organisation, user=person, role="owner")
    people = [browser(person) for person in (hana, *others)]
    approve = reverse("working:approve", args=[step.public_id])
    cancel = reverse("working:cancel", args=[step.engagement.public_id])
    acts = [
        (lambda who=who: who.post(approve)) if n % 2 else (lambda who=who: who.post(cancel, sure="on"))
        for n, who in enumerate(people * facts.amount(2, 5))
    ]
    answers = together(*acts)
    assert {answer.status_code for answer in answers} <= {302, 409}
    assert Release.objects.count() + Cancellation.objects.count() >= 1
    if not Release.objects.exists():
        bank.worker.wake("working.cancel_clock")
        world.go_to(Cancellation.objects.get().settles_at + timedelta(minutes=1))
        bank.worker.wake("working.cancel_clock")
    one_outcome(bank, step)
