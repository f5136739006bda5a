"""When a bank questions the payment of an engagement, or its money goes back: what people see, and what stands still."""

from datetime import timedelta

import pytest
from django.urls import reverse

from marketplace.ground import clock
from marketplace.ground.errors import WrongMoment
from payments.disputes import actions as disputes
from payments.disputes.models import Dispute
from payments.holds import actions as holds
from payments.holds.models import Release
from payments.holds.recovery import Receivable
from payments.holds.tasks import hold_limits
from payments.stripe import tasks as stripe
from projects.working import actions, queries

from . import engagements as world
from .test_working_money import (  # noqa: F401
    amara,
    engagement,
    hana,
    ready,
    sandbox,
    sandbox_process,
    told,
    work,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mo():
    return world.person("Mo Derator", is_staff=True)


def hear(work):  # noqa: F811
    for _ in range(3):
        stripe.poll_events()
        work()


@pytest.fixture
def question(sandbox, engagement, work, mo):  # noqa: F811
    def run():
        sandbox.control(f"charges/{engagement.hold.fundings.get().charge_id}/dispute")
        hear(work)
        return Dispute.objects.get()

    return run


def page_of(client, user, engagement) -> str:  # noqa: F811
    client.force_login(user)
    answer = client.get(reverse("working:workspace", args=[engagement.public_id]))
    return " ".join(answer.content.decode().split())


def test_everybody_is_told_and_the_answer_to_the_bank_tells_the_whole_story(
    engagement,
    question,
    amara,
    hana,
    mo,
    client,  # noqa: F811
):
    step = world.milestones(engagement)[0]
    world.hand_in(amara, step)
    dispute = question()
    title = f"The payment for “{engagement.title}” is questioned at the bank"
    assert told(amara, "payment_questioned") == told(hana, "payment_questioned") == [title]
    assert told(mo, "money_alert") == [f"A bank questions $300.00 for “{engagement.title}”"]
    said = dispute.evidence
    assert said["customer_name"] == "Civic Kitchen"
    assert said["customer_email_address"] == hana.email
    assert engagement.agreement.digest in said["uncategorized_text"]
    assert "version 1 was handed in" in said["access_activity_log"]
    assert "Funds secured" in said["access_activity_log"] or "funded" in said["access_activity_log"]
    for who in (amara, hana):
        shown = page_of(client, who, engagement)
        assert "The clocks stand still" in shown
        assert "Questioned at the bank" in shown
    with pytest.raises(WrongMoment, match="questioned at the bank"):
        actions.approve_milestone(by=hana, milestone=world.again(step))


def test_won_gives_everybody_the_time_back(engagement, question, amara, hana, sandbox, work):  # noqa: F811
    step, later = world.milestones(engagement)
    world.hand_in(amara, step)
    ends, due = world.again(step).review_ends_at, later.due_at
    dispute = question()
    clock.advance(timedelta(days=5))
    sandbox.control(f"disputes/{dispute.stripe_id}/close", status="won")
    hear(work)
    assert world.again(step).review_ends_at >= ends + timedelta(days=5)
    assert (world.again(later).due_at - due).days >= 5
    assert queries.stands_still(world.again(engagement)) is None
    assert told(amara, "payment_questioned")[-1] == f"The payment for “{engagement.title}” is in order"
    actions.approve_milestone(by=hana, milestone=world.again(step))
    work()
    assert engagement.hold.figures()["releasing"] + engagement.hold.figures()["released"] == 15_000


def test_lost_ends_the_engagement_and_approved_work_stays_paid(
    engagement,
    question,
    amara,
    hana,
    mo,
    sandbox,
    work,
    ready,  # noqa: F811
):
    ready(amara)
    step, later = world.milestones(engagement)
    world.hand_in(amara, step)
    actions.approve_milestone(by=hana, milestone=world.again(step))
    work()
    dispute = question()
    sandbox.control(f"disputes/{dispute.stripe_id}/close", status="lost")
    hear(work)
    row = world.again(engagement)
    assert (row.state, row.end_reason) == ("cancelled", "payment")
    assert [m.state for m in world.milestones(engagement)] == ["approved", "cancelled"]
    figures = row.hold.figures()
    assert (figures["released"], figures["charged_back"]) == (15_000, 15_000)
    assert told(hana, "payment_questioned")[-1] == f"The bank took the payment for “{engagement.title}” back"
    assert any("was lost" in title for title in told(mo, "money_alert"))


def test_a_moderator_releases_what_was_handed_in_and_refunds_the_rest(
    engagement,
    amara,
    hana,
    mo,
    work,
    ready,  # noqa: F811
):
    ready(amara)
    step, later = world.milestones(engagement)
    parts = {part.ref: part for part in engagement.hold.parts.all()}
    with pytest.raises(WrongMoment, match="Nothing has been handed in"):
        holds.decide_release(by=mo, hold=engagement.hold, part=parts[step.part_ref], reason="x")
    assert not Release.objects.exists()
    world.hand_in(amara, step)
    holds.decide_release(
        by=mo, hold=engagement.hold, part=parts[step.part_ref], reason="the employer is gone"
    )
    assert world.again(step).state == "approved"
    holds.decide_refund(by=mo, hold=engagement.hold, reason="nobody answers")
    work()
    row = world.again(engagement)
    assert (row.state, row.end_reason) == ("cancelled", "by_moderator")
    figures = row.hold.figures()
    assert (figures["released"], figures["refunded"]) == (15_000, 15_000)
    assert row.cancellation.refunds == 15_000


def test_a_student_is_told_what_was_taken_back_and_what_they_owe(
    engagement,
    amara,
    hana,
    mo,
    sandbox,
    work,
    ready,
    client,  # noqa: F811
):
    ready(amara)
    step = world.milestones(engagement)[0]
    world.hand_in(amara, step)
    actions.approve_milestone(by=hana, milestone=world.again(step))
    work()
    sandbox.run(force=True)
    sandbox.run(force=True)
    release = Release.objects.get()
    holds.refund_released(by=mo, release=release, amount=15_000, reason="It was copied.")
    work()
    assert told(amara, "taken_back") == [
        "You owe $135.00",
        f"$135.00 of your pay for “{engagement.title}” was taken back",
    ]
    client.force_login(amara)
    shown = client.get(reverse("payments:payouts")).content.decode()
    assert "$135.00" in shown
    assert "It was copied." in shown
    holds.write_off(by=mo, receivable=Receivable.objects.get(), reason="a gesture")
    assert Receivable.objects.get().state == "owed"  # above the limit, a second one agrees
    second = world.person("Second", is_staff=True)
    holds.write_off(by=second, receivable=Receivable.objects.get(), reason="agreed")
    assert told(amara, "taken_back")[-1] == "You owe nothing any more"


def test_moderators_are_warned_before_the_limit_when_work_is_handed_in(engagement, amara, hana, mo):  # noqa: F811
    world.hand_in(amara, world.milestones(engagement)[0])
    clock.advance(timedelta(days=84))
    hold_limits()
    hold_limits()
    near = f"Secured funds of “{engagement.title}” come near their limit"
    assert told(mo, "money_alert") == [near]
    assert told(amara, "payment_questioned") == []


def test_both_sides_are_warned_before_the_limit_when_nothing_is(engagement, amara, hana, mo):  # noqa: F811
    clock.advance(timedelta(days=84))
    hold_limits()
    assert "can be held until" in told(amara, "payment_questioned")[0]
    assert "can be held until" in told(hana, "payment_questioned")[0]
    assert told(mo, "money_alert") == []


def test_a_warning_of_fraud_that_is_refunded_ends_the_engagement(
    engagement,
    sandbox,
    work,
    mo,
    amara,
    hana,  # noqa: F811
):
    sandbox.control(f"charges/{engagement.hold.fundings.get().charge_id}/warn")
    hear(work)
    warning = engagement.hold.fraud_warnings.get()
    assert told(mo, "money_alert") == [f"Fraud is suspected in the payment for “{engagement.title}”"]
    disputes.refund_warned(by=mo, warning=warning, reason="stolen")
    hear(work)
    row = world.again(engagement)
    assert (row.state, row.hold.figures()["refunded"]) == ("cancelled", 30_000)
