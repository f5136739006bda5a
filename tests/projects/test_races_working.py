"""Two people, or a person and a clock, at the same moment: one consistent outcome, money moved once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from marketplace.ground import clock
from marketplace.ground.errors import Refused
from marketplace.ground.models import StateChange
from payments.holds.models import Refund, Release
from projects.hiring.models import Milestone
from projects.reviewing import actions as reviewing
from projects.reviewing.models import Credential, Review
from projects.talking import actions as talking
from projects.talking.models import Message
from projects.working import actions
from projects.working.models import Cancellation, ChangeRequest, Extension, Submission

from . import engagements as world

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
def engagement(amara, hana):
    return world.active(amara, hana, world.organisation(hana), milestones=2)


@pytest.fixture
def steps(engagement):
    return world.milestones(engagement)


def together(*acts) -> list:
    """Run the acts in threads that start at once; each gives its result or the refusal that it met."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            barrier.wait(10)
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for result in results:
        assert result is not None
        assert not isinstance(result, Exception) or isinstance(result, Refused), repr(result)
    return results


def won(results) -> list:
    return [result for result in results if not isinstance(result, Refused)]


def approve(by, step):
    return lambda: actions.approve_milestone(by=by, milestone=Milestone.objects.get(pk=step.pk))


def silence(step):
    return lambda: actions.approve_milestone(
        by=None, milestone=Milestone.objects.get(pk=step.pk), silence=True
    )


def test_a_double_click_approves_and_pays_once(engagement, steps, amara, hana):
    world.hand_in(amara, steps[0])
    results = together(*[approve(hana, steps[0])] * 6)
    assert len(won(results)) == 1
    assert Release.objects.count() == 1
    assert StateChange.of(steps[0]).filter(to_state="approved").count() == 1


@pytest.mark.parametrize("turn", range(3))
def test_approval_changes_and_silence_at_once_leave_one_outcome(engagement, steps, amara, hana, turn):
    world.hand_in(amara, steps[0])
    clock.advance(timedelta(days=6))
    acts = [
        approve(hana, steps[0]),
        silence(steps[0]),
        lambda: actions.request_changes(
            by=hana, milestone=Milestone.objects.get(pk=steps[0].pk), points=["More"]
        ),
    ]
    results = together(*acts[turn:], *acts[:turn])
    assert len(won(results)) == 1
    step = world.again(steps[0])
    assert (step.state, Release.objects.count(), ChangeRequest.objects.count()) in (
        ("approved", 1, 0),
        ("changes_requested", 0, 1),
    )


def test_two_people_who_approve_the_last_two_milestones_complete_it_once(engagement, steps, amara, hana):
    for step in steps:
        world.hand_in(amara, step)
    results = together(approve(hana, steps[0]), approve(hana, steps[1]))
    assert len(won(results)) == 2
    assert world.again(engagement).state == "completed"
    assert (Release.objects.count(), Credential.objects.count()) == (2, 1)


def test_one_version_is_handed_in_however_often_it_is_sent(engagement, steps, amara):
    results = together(*[lambda: world.hand_in(amara, steps[0])] * 5)
    assert len(won(results)) == 1
    assert list(Submission.objects.values_list("version", flat=True)) == [1]


def test_both_sides_start_it_at_once(amara, hana):
    engagement = world.funded(amara, hana, world.organisation(hana))
    results = together(
        lambda: actions.kick_off(by=amara, engagement=world.again(engagement)),
        lambda: actions.kick_off(by=hana, engagement=world.again(engagement)),
        lambda: actions.kick_off(by=None, engagement=world.again(engagement)),
    )
    assert len(won(results)) == 1
    assert StateChange.of(engagement).filter(to_state="active").count() == 1


def test_both_cancel_at_once_and_one_rule_counts(engagement, amara, hana):
    results = together(
        lambda: actions.cancel_engagement(by=amara, engagement=world.again(engagement)),
        lambda: actions.cancel_engagement(by=hana, engagement=world.again(engagement)),
    )
    assert len(won(results)) == 1
    side = Cancellation.objects.get().side
    assert world.again(engagement).state == ("cancelled" if side == "student" else "active")


def test_approval_against_a_students_cancellation_pays_or_refunds_and_never_both(
    engagement, steps, amara, hana
):
    world.hand_in(amara, steps[0])
    together(
        approve(hana, steps[0]),
        lambda: actions.cancel_engagement(by=amara, engagement=world.again(engagement)),
    )
    paid, back = sum(r.gross for r in Release.objects.all()), sum(r.amount for r in Refund.objects.all())
    assert paid + back == engagement.price
    assert paid in (0, steps[0].price)
    assert world.again(engagement).state == "cancelled"


def test_settling_twice_at_once_settles_once(engagement, hana):
    cancellation = actions.cancel_engagement(by=hana, engagement=engagement)
    clock.advance(timedelta(days=3))
    results = together(
        *[lambda: actions.settle_cancellation(Cancellation.objects.get(pk=cancellation.pk))] * 4
    )
    assert len(won(results)) == 1
    assert Refund.objects.count() == 1


def test_a_question_about_time_has_one_answer(engagement, steps, amara, hana):
    extension = actions.ask_extension(
        by=amara, milestone=steps[0], until=clock.now().date() + timedelta(days=17), reason="Late supplier"
    )
    clock.advance(timedelta(days=2))

    def answer(by, grant):
        return lambda: actions.answer_extension(
            by=by, extension=Extension.objects.get(pk=extension.pk), grant=grant
        )

    results = together(answer(hana, False), answer(None, True), answer(hana, True))
    assert len(won(results)) == 1


def test_one_message_comes_of_a_form_that_is_sent_five_times(engagement, amara):
    results = together(
        *[lambda: talking.post_message(by=amara, engagement=engagement, text="Hello", form_token="the-same")]
        * 5
    )
    assert len(won(results)) == 5
    assert len({message.pk for message in results}) == 1
    assert Message.objects.count() == 1


def test_two_reviews_at_once_open_each_other(amara, hana):
    engagement = world.completed(amara, hana, world.organisation(hana), milestones=1)
    results = together(
        lambda: reviewing.write_review(by=amara, engagement=engagement, score=5, again=True),
        lambda: reviewing.write_review(by=hana, engagement=engagement, score=4, again=True),
        lambda: reviewing.write_review(by=hana, engagement=engagement, score=1, again=False),
    )
    assert len(won(results)) == 2
    assert Review.objects.filter(public_at=None).count() == 0
    assert Review.objects.count() == 2
