"""Both sides, a moderator and the clocks at the same moment: a dispute has one outcome, and its money moves once."""

from datetime import timedelta

import pytest

from marketplace.ground import clock
from marketplace.ground.models import StateChange
from payments.holds.models import Refund, Release
from projects.disputing import actions
from projects.disputing.models import Dispute, Statement
from projects.hiring.models import Milestone
from projects.working import actions as working

from . import engagements as world
from .test_races_working import together, won

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def monday():
    world.go_to("2027-03-01 10:00")


@pytest.fixture
def amara():
    return world.student("Amara Okafor")


@pytest.fixture
def hana():
    return world.person("Hana Reyes")


@pytest.fixture
def mo():
    return world.person("Mo Deshmukh", is_staff=True)


@pytest.fixture
def step(amara, hana):
    engagement = world.active(amara, hana, world.organisation(hana), milestones=2)
    first = world.milestones(engagement)[0]
    world.hand_in(amara, first)
    return world.again(first)


@pytest.fixture
def dispute(step, hana):
    return actions.open_dispute(by=hana, milestone=step, amount=4_000, text="Half is missing.")


def again(dispute) -> Dispute:
    return Dispute.objects.get(pk=dispute.pk)


def moved() -> int:
    """All that left the hold, minor units."""
    return sum(r.gross for r in Release.objects.all()) + sum(r.amount for r in Refund.objects.all())


def accept(by, dispute, amount=4_000):
    return lambda: actions.accept_amount(by=by, dispute=again(dispute), amount=amount)


def test_both_sides_open_one_at_once_and_the_clocks_stop_once(step, amara, hana):
    results = together(
        *[
            lambda by=by: actions.open_dispute(
                by=by, milestone=Milestone.objects.get(pk=step.pk), amount=1_000, text="Because."
            )
            for by in (amara, hana, amara, hana)
        ]
    )
    assert len(won(results)) == 1
    assert StateChange.of(step.engagement).filter(to_state="disputed").count() == 1


def test_an_approval_and_a_dispute_at_once_leave_one_of_the_two(step, amara, hana):
    results = together(
        lambda: working.approve_milestone(by=hana, milestone=Milestone.objects.get(pk=step.pk)),
        lambda: actions.open_dispute(
            by=amara, milestone=Milestone.objects.get(pk=step.pk), amount=1_000, text="Because."
        ),
    )
    assert len(won(results)) == 1
    assert (Release.objects.count(), Dispute.objects.count()) in ((1, 0), (0, 1))


@pytest.mark.parametrize("turn", range(3))
def test_accept_withdraw_and_decide_at_once_have_one_outcome(dispute, amara, hana, mo, turn):
    clock.advance(timedelta(days=5))
    actions.pass_to_moderator(dispute)
    acts = [
        accept(amara, dispute),
        lambda: actions.withdraw_dispute(by=hana, dispute=again(dispute)),
        lambda: actions.decide(by=mo, dispute=again(dispute), amount=5_000, text="The middle."),
    ]
    results = together(*acts[turn:], *acts[:turn])
    assert len(won(results)) == 1
    state = again(dispute).state
    assert moved() == (dispute.milestone.price if state == "settled" else 0)
    assert state in ("settled", "withdrawn", "decided")


def test_a_double_click_settles_and_pays_once(dispute, amara):
    results = together(*[accept(amara, dispute)] * 5)
    assert len(won(results)) == 1
    assert (Release.objects.count(), Refund.objects.count(), moved()) == (1, 1, dispute.milestone.price)


def test_an_answer_and_the_clock_at_once(dispute, amara):
    clock.advance(timedelta(days=4) - timedelta(seconds=1))
    together(
        lambda: actions.answer_dispute(by=amara, dispute=again(dispute), amount=6_000, text="No."),
        lambda: clock.advance(timedelta(seconds=2)) and actions.pass_to_moderator(again(dispute)),
    )
    found = again(dispute)
    assert (found.state, found.offered) in (("answered", 6_000), ("deciding", None))
    assert Statement.objects.count() == (2 if found.state == "answered" else 1)


def test_both_appeal_both_accept_and_the_clock_comes_too(dispute, amara, hana, mo):
    clock.advance(timedelta(days=5))
    actions.pass_to_moderator(dispute)
    actions.decide(by=mo, dispute=again(dispute), amount=5_000, text="The middle.")
    clock.advance(timedelta(days=4) - timedelta(hours=1))
    acts = [
        act
        for by in (amara, hana)
        for act in (
            lambda by=by: actions.appeal(by=by, dispute=again(dispute), text="No."),
            lambda by=by: actions.accept_decision(by=by, dispute=again(dispute)),
        )
    ]
    together(*acts, lambda: actions.settle_decided(again(dispute)))
    found = again(dispute)
    appeals = Statement.objects.filter(kind="appeal").count()
    assert (found.state, appeals, moved()) in (
        ("appealed", 1, 0),
        ("settled", 0, dispute.milestone.price),
    )


def test_the_clock_runs_in_two_workers_at_once(dispute, mo):
    clock.advance(timedelta(days=5))
    assert len(won(together(*[lambda: actions.pass_to_moderator(again(dispute))] * 3))) == 1
    actions.decide(by=mo, dispute=again(dispute), amount=0, text="Nothing was done.")
    clock.advance(timedelta(days=6))
    assert len(won(together(*[lambda: actions.settle_decided(again(dispute))] * 3))) == 1
    assert (Release.objects.count(), moved()) == (0, dispute.milestone.price)
