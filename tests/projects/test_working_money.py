"""Approved work and the real offline Stripe: from the click to the bank, and back to the employer after a cancellation."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.notifications.models import Notification
from marketplace.ground import clock
from payments.connect.queries import payee_of
from payments.holds import actions as holds
from payments.holds.actions import paying_out
from payments.holds.models import Refund
from payments.ledger.queries import trial_balance
from payments.stripe import gateway
from projects.working import actions, tasks
from tests.payments.conftest import ready, sandbox, sandbox_process, work  # noqa: F401

from . import engagements as world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def amara():
    return world.student("Amara Okafor")


@pytest.fixture
def hana():
    return world.person("Hana Reyes")


@pytest.fixture
def engagement(sandbox, amara, hana):  # noqa: F811
    """Paid on Stripe's page, and started."""
    engagement = world.accepted(amara, hana, world.organisation(hana), milestones=2)
    funding = holds.start_checkout(
        by=hana, hold=engagement.hold, success_url="http://localhost/yes/", cancel_url="http://localhost/no/"
    )
    holds.funding_url(funding)
    funding.refresh_from_db()
    sandbox.pay(funding.session_id)
    holds.refresh_funding(engagement.hold)
    engagement = world.again(engagement)
    assert engagement.state == "funded"
    return actions.kick_off(by=hana, engagement=engagement)


@pytest.mark.parametrize("typed", ["AMARA.{}", "mara Ok", "{organisation}", "nobody at all", "am", "%"])
def test_the_ledger_finds_the_work_of_a_person_or_an_organisation(client, engagement, amara, typed):
    moderator = world.person("Mo Derator")
    moderator.is_staff = moderator.is_superuser = True
    moderator.save()
    client.force_login(moderator)
    typed = amara.email.upper() if "{}" in typed else typed.format(organisation=engagement.organisation.name)
    page = client.get(reverse("admin:money_ledger"), {"q": typed}).content.decode()
    link = reverse("admin:money_postings", args=[engagement.hold.public_id])
    known = amara.email.upper(), "mara Ok", engagement.organisation.name
    assert (link in page) == (typed in known)
    assert ("Nothing in the books is called" in page) == (typed not in known)


def told(user, kind: str) -> list[str]:
    found = Notification.objects.filter(user=user, kind=kind).order_by("pk")
    return list(found.values_list("title", flat=True))


def money_of(client, user, engagement) -> str:
    """What the money section of the workspace says to `user`."""
    client.force_login(user)
    page = client.get(reverse("working:workspace", args=[engagement.public_id])).content.decode()
    return " ".join(page.split()).split('id="money-h"')[1].split("</section>")[0]


def books_balance() -> bool:
    totals: dict[str, int] = {}
    for currency, _, total in trial_balance():
        totals[currency] = totals.get(currency, 0) + total
    return not any(totals.values())


def test_approved_pay_waits_for_the_student_and_then_reaches_the_bank(
    client,
    sandbox,
    engagement,
    amara,
    hana,
    ready,
    work,  # noqa: F811
):
    first, second = world.milestones(engagement)
    world.hand_in(amara, first)
    actions.approve_milestone(by=hana, milestone=first)
    work()
    assert told(amara, "set_up_payouts") == ["$135.00 waits for your bank details"]
    assert 'Approved, not sent yet <b class="num">$135</b>' in money_of(client, amara, engagement)

    payee = ready(amara)
    work()
    assert told(amara, "released") == ["$135.00 is on its way to your account"]
    assert 'Released to you <b class="num">$135</b>' in money_of(client, amara, engagement)
    shown = money_of(client, hana, engagement)
    assert 'Released <b class="num">$150</b>' in shown
    assert 'Held by Stripe <b class="num">$150</b>' in shown

    world.hand_in(amara, second)
    clock.advance(timedelta(days=9))
    tasks.review_clock()
    work()
    assert world.again(engagement).state == "completed"
    sandbox.run(force=True)
    for found in gateway.payouts_of(payee.stripe_id):
        paying_out.sync_payout(payee, found["id"])
    assert 'Paid out to your bank <b class="num">$270</b>' in money_of(client, amara, engagement)
    assert any("has reached your bank" in title for title in told(amara, "payout"))
    assert books_balance()


def test_a_cancelled_project_pays_what_is_due_and_returns_the_rest(
    client,
    engagement,
    amara,
    hana,
    ready,
    work,  # noqa: F811
):
    ready(amara)
    actions.cancel_engagement(by=hana, engagement=engagement)
    clock.advance(timedelta(hours=49))
    for _ in range(2):
        tasks.cancel_clock()
        work()
    assert payee_of(amara).can_receive
    refund = Refund.objects.get()
    assert (refund.state, refund.amount) == ("succeeded", 22_500)
    shown = money_of(client, hana, engagement)
    assert 'Released <b class="num">$75</b>' in shown
    assert 'Back to you <b class="num">$225</b>' in shown
    assert 'Released to you <b class="num">$67.50</b>' in money_of(client, amara, engagement)
    assert books_balance()
