"""People and clocks that decide at the same moment, over HTTP and by the product's own verbs."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.employers.models import Membership
from marketplace.ground import clock
from marketplace.ground.errors import Refused
from payments.holds import actions as holds
from payments.holds.models import Refund, Release
from payments.ledger.models import LedgerTransaction
from projects.hiring.models import Milestone
from projects.working import actions
from projects.working.models import ChangeRequest
from tests.projects import engagements as world

from . import facts
from .conftest import together
from .worker import SWEEP

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def amara():
    return world.student("Amara Okafor")


@pytest.fixture
def hana():
    return world.person("Hana Reyes")


@pytest.fixture
def engagement(bank, amara, hana):
    """Paid on Stripe's page, told by webhook, secured by the worker, and started."""
    engagement = world.accepted(amara, hana, world.organisation(hana), milestones=2)
    bank.secure(engagement.hold)
    engagement = world.again(engagement)
    assert engagement.state == "funded"
    return actions.kick_off(by=hana, engagement=engagement)


@pytest.fixture
def step(engagement, amara):
    """The first milestone, handed in."""
    first = world.milestones(engagement)[0]
    world.hand_in(amara, first)
    return world.again(first)


def address(name: str, thing) -> str:
    return reverse(f"working:{name}", args=[thing.public_id])


def statuses(answers) -> list[int]:
    return sorted(answer.status_code for answer in answers)


def test_case_07_double_click_on_approve_makes_one_release_and_shows_the_same_twice(
    bank, browser, step, hana, amara, ready
):
    ready(amara)
    mine = browser(hana)
    answers = together(*[lambda: mine.post(address("approve", step))] * 2)
    answers.append(mine.post(address("approve", step)))  # and once more, later
    assert statuses(answers) == [302, 302, 302]
    assert {answer.headers["Location"] for answer in answers} == {address("workspace", step.engagement)}
    bank.settle()
    assert Release.objects.get().state == "sent"
    assert len(bank.transfers()) == 1
    assert bank.clean()


def test_case_08_two_managers_approve_at_once_and_one_release_is_made(bank, browser, step, hana):
    other = world.person("Omar Diaz")
    Membership.objects.create(organisation=step.engagement.organisation, user=other, role="owner")
    answers = together(
        *[lambda who=who: browser(who).post(address("approve", step)) for who in (hana, other)]
    )
    assert statuses(answers) == [302, 302]
    bank.settle()
    assert Release.objects.count() == 1
    assert bank.clean()


@pytest.mark.parametrize("turn", facts.some(range(3)))
def test_case_08_approval_against_a_request_for_changes_has_one_winner(bank, browser, step, hana, turn):
    mine = browser(hana)
    acts = [
        lambda: mine.post(address("approve", step)),
        lambda: mine.post(address("changes", step), points="Please add the sources."),
    ]
    answers = together(*(acts if turn % 2 else acts[::-1]))
    assert statuses(answers) == [302, 409]
    outcome = (world.again(step).state, Release.objects.count(), ChangeRequest.objects.count())
    assert outcome in (("approved", 1, 0), ("changes_requested", 0, 1))
    bank.settle()
    assert bank.clean()


@pytest.mark.parametrize("turn", facts.some(range(3)))
def test_case_09_silence_against_a_request_for_changes_has_one_winner(bank, browser, step, hana, turn):
    clock.advance(step.review_ends_at - clock.now() + timedelta(seconds=1))
    mine = browser(hana)
    acts = [
        lambda: bank.worker.wake("working.review_clock"),
        lambda: mine.post(address("changes", step), points="Please add the sources."),
    ]
    results = together(*(acts if turn % 2 else acts[::-1]))
    assert not [result for result in results if isinstance(result, Exception)]
    outcome = (world.again(step).state, Release.objects.count(), ChangeRequest.objects.count())
    assert outcome in (("approved", 1, 0), ("changes_requested", 0, 1))
    bank.settle()
    assert bank.clean()


@pytest.mark.parametrize("turn", facts.some(range(2)))
def test_case_09_silence_against_a_stop_of_the_money_has_one_winner(bank, step, turn):
    clock.advance(step.review_ends_at - clock.now() + timedelta(seconds=1))
    hold = step.engagement.hold
    acts = [
        lambda: bank.worker.wake("working.review_clock"),
        lambda: holds.freeze(by=None, hold=hold, why="a complaint"),
    ]
    results = together(*(acts if turn % 2 else acts[::-1]))
    assert not [result for result in results if isinstance(result, Exception)]
    bank.settle(*SWEEP, "working.review_clock")
    state, releases = world.again(step).state, Release.objects.count()
    assert (state, releases) in (("approved", 1), ("submitted", 0))
    assert bank.transfers() == []
    assert bank.clean()


@pytest.mark.parametrize("turn", facts.some(range(3)))
def test_case_10_a_refund_that_races_a_release_never_exceeds_the_funding(
    bank, make_hold, student, ready, turn
):
    hold = bank.secured(make_hold)
    ready(student)
    part = hold.parts.first()
    acts = [
        lambda: holds.release_part(by=None, part=part),
        lambda: holds.refund_rest(by=None, hold=hold, reason="cancelled"),
    ] * 2
    results = together(*(acts if turn % 2 else acts[::-1]))
    refused = [result for result in results if isinstance(result, Exception)]
    assert all(isinstance(result, Refused) and str(result) for result in refused)
    bank.settle()
    figures = hold.figures()
    assert figures["released"] + figures["refunded"] == 50_000
    assert figures["released"] in (0, 20_000)
    out = sum(row["amount"] for row in bank.transfers()) + sum(row["amount"] for row in bank.refunds())
    assert out <= 50_000
    assert bank.clean()


@pytest.mark.parametrize("turn", facts.some(range(3)))
def test_case_11_partial_refund_release_and_dispute_together_keep_the_books_right(
    bank, make_hold, student, ready, turn
):
    hold = bank.secured(make_hold, parts=((20_000, 2_000), (30_000, 3_000), (10_000, 1_000)))
    ready(student)
    first, second, third = hold.parts.all()
    charge = hold.fundings.get().charge_id
    acts = [
        lambda: holds.cancel_part(by=None, part=first, reason="not needed", pay_student_net=5_000),
        lambda: holds.release_part(by=None, part=second),
        lambda: bank.sandbox.control(f"charges/{charge}/dispute"),
    ]
    results = together(*acts[turn:], *acts[:turn])
    refused = [result for result in results if isinstance(result, Exception)]
    assert all(isinstance(result, Refused) for result in refused)
    bank.settle()
    hold.refresh_from_db()
    assert hold.frozen_at
    with pytest.raises(Refused, match="on hold|question|stand"):
        holds.release_part(by=None, part=third)
    bank.settle()
    assert bank.clean()


@pytest.mark.parametrize(
    ("who", "method", "token", "status"),
    [
        ("stranger", "post", "a" * 32, 404),
        ("other employer", "post", "a" * 32, 404),
        ("student", "post", "a" * 32, 403),
        ("employer", "post", "b" * 32, 403),
        ("employer", "get", "", 405),
    ],
)
def test_case_26_who_may_not_decide_or_not_like_that_moves_no_money(
    bank, browser, step, hana, amara, who, method, token, status
):
    people = {"employer": hana, "student": amara, "stranger": world.person()}
    if who == "other employer":
        people[who] = world.person("Ivo Brand")
        world.organisation(people[who], name="Other Kitchen")
    before = LedgerTransaction.objects.count()
    mine = browser(people[who])
    at = address("approve", step)
    answer = mine.get(at) if method == "get" else mine.post(at, token=token)
    assert answer.status_code == status
    assert world.again(step).state == "submitted"
    bank.settle()
    assert LedgerTransaction.objects.count() == before


def test_case_26_money_is_not_found_by_guessing_numbers(bank, browser, step, hana):
    mine = browser(hana)
    for guess in (step.pk, step.pk + 1, "999999999", "abcdefghjkmn"):
        assert mine.post(f"/milestones/{guess}/approve/").status_code == 404
    assert Milestone.objects.filter(state="approved").count() == 0
    assert (Release.objects.count(), Refund.objects.count()) == (0, 0)
