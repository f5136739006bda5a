"""Secured money: who gets what, to the cent, whatever happens at once."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from marketplace.ground import clock, policy
from marketplace.ground.errors import WrongMoment
from marketplace.ground.models import Policy
from payments import signals
from payments.books import earnings
from payments.holds import actions, queries
from payments.holds.models import Funding, Refund, Release
from payments.holds.tasks import hold_limits, release_due, retry_waiting
from payments.ledger.chart import code
from payments.ledger.queries import balance, trial_balance
from payments.reconciling import actions as reconcile
from payments.stripe import tasks
from payments.stripe.models import Call
from tests.payments.conftest import URLS
from tests.payments.test_ledger import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told():
    """Every signal of payments in the order in which it came."""
    heard = []
    names = [name for name in dir(signals) if isinstance(getattr(signals, name), signals.Signal)]
    receivers = {}
    for name in names:

        def listen(sender, name=name, **facts):
            heard.append(name)

        receivers[name] = listen
        getattr(signals, name).connect(listen)
    yield heard
    for name, listen in receivers.items():
        getattr(signals, name).disconnect(listen)


@pytest.fixture(autouse=True)
def the_books_balance_and_agree_with_stripe(request):
    """After every test: the ledger sums to zero, and to the cent it is what Stripe says."""
    if "sandbox" in request.fixturenames:  # taken up first, so that it is still there at the end
        request.getfixturevalue("sandbox")
    yield
    totals = {}
    for currency, _, total in trial_balance():
        totals[currency] = totals.get(currency, 0) + total
    assert not any(totals.values())
    if "sandbox" in request.fixturenames:
        found = reconcile.run(patience=timedelta(0))
        assert [
            row for row in found.differences if not row["what"].startswith(("call", "adjustment"))
        ] == [] or "dispute" in request.node.name


def later(**step):
    clock.advance(timedelta(**step))


def add_up(hold):
    found = hold.figures()
    assert found["secured"] == sum(
        found[name]
        for name in (
            *("held", "releasing", "released", "refunding", "refunded"),
            *("disputed", "recovered", "charged_back", "returned"),
        )
    )
    return found


# --- opening ------------------------------------------------------------------------------------------------


def test_the_same_ref_opens_one_hold(make_hold, student):
    first = make_hold()
    again = actions.open_hold(
        ref=first.ref, payee=student, payer_ref="x", currency="USD", parts=[("a", 1, 0)], description="other"
    )
    assert again == first


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [("a", 0, 0)],
        [("a", -100, 0)],
        [("a", 100, 100)],
        [("a", 100, -1)],
        [("a", 10.5, 1)],
        [("a", "100", 1)],
        [("a", True, 0)],
        [("a", None, 0)],
        [("a", 10**18, 0)],
        [("a", 99_999_999, 0), ("b", 1, 0)],
        [("a", float("nan"), 0)],
    ],
)
def test_amounts_that_cannot_be_are_refused(student, parts):
    with pytest.raises(ValidationError):
        actions.open_hold(ref="r", payee=student, payer_ref="x", currency="USD", parts=parts, description="d")


@pytest.mark.parametrize("currency", ["", "US", "DOLLAR", "U$D", None, 5])
def test_a_currency_is_three_letters(student, currency):
    with pytest.raises(ValidationError):
        actions.open_hold(
            ref="r", payee=student, payer_ref="x", currency=currency, parts=[("a", 100, 10)], description="d"
        )


# --- securing -----------------------------------------------------------------------------------------------


def test_a_second_click_goes_to_the_same_payment_page(sandbox, hold, employer):
    first = actions.start_checkout(by=employer, hold=hold, **URLS)
    second = actions.start_checkout(by=employer, hold=hold, **URLS)
    assert first == second
    assert actions.funding_url(first) == actions.funding_url(second)
    assert actions.funding_url(first).startswith(f"{sandbox.base}/c/pay/cs_test_")
    assert Call.objects.count() == 1


def test_ten_clicks_at_once_open_one_page(sandbox, hold, employer):
    urls = []

    def click(index):
        urls.append(actions.funding_url(actions.start_checkout(by=employer, hold=hold, **URLS)))

    assert at_once(10, click) == []
    assert Funding.objects.count() == 1
    assert len(sandbox.all("/v1/checkout/sessions")) == 1


def test_securing_makes_a_receipt_and_tells_once(secure, hold, told):
    secure(hold)
    assert [name for name in told if name != "hold_locking"] == ["funds_secured"]
    receipt = queries.receipt_for(hold, names={"m1": "Outline", "m2": "Report"})
    assert receipt.number == f"{clock.now().year}-000001"
    assert (receipt.price, receipt.fee, receipt.net) == (50_000, 5_000, 45_000)
    assert [line.name for line in receipt.lines] == ["Outline", "Report"]
    assert receipt.method == "card"


def test_a_secured_hold_is_not_paid_for_again(secure, hold, employer):
    secure(hold)
    with pytest.raises(WrongMoment):
        actions.start_checkout(by=employer, hold=hold, **URLS)


def test_a_declined_card_secures_nothing_and_may_be_tried_again(sandbox, hold, employer):
    funding = actions.start_checkout(by=employer, hold=hold, **URLS)
    actions.funding_url(funding)
    funding.refresh_from_db()
    sandbox.pay(funding.session_id, "declined")
    actions.refresh_funding(hold)
    hold.refresh_from_db()
    assert hold.state == "unfunded"
    sandbox.pay(funding.session_id)
    actions.refresh_funding(hold)
    hold.refresh_from_db()
    assert hold.state == "secured"


def test_a_bank_debit_is_on_its_way_until_it_has_arrived(sandbox, secure, hold, employer, told):
    secure(hold, "bank")
    assert (hold.state, hold.figures()["secured"]) == ("processing", 0)
    with pytest.raises(WrongMoment):
        actions.start_checkout(by=employer, hold=hold, **URLS)
    with pytest.raises(WrongMoment):
        actions.release_part(by=None, part=hold.parts.first())
    sandbox.run(force=True)
    actions.refresh_funding(hold)
    hold.refresh_from_db()
    assert hold.state == "secured"
    assert [name for name in told if name != "hold_locking"] == ["funds_processing", "funds_secured"]


def test_a_bank_debit_that_fails_leaves_the_way_open(sandbox, secure, hold, employer, told):
    secure(hold, "bank_fails")
    sandbox.run(force=True)
    actions.refresh_funding(hold)
    hold.refresh_from_db()
    assert hold.state == "unfunded"
    assert told.count("funds_failed") == 1
    assert "insufficient funds" in hold.fundings.get().failure
    secure(hold)
    assert hold.state == "secured"


def test_an_expired_page_is_followed_by_a_new_one(sandbox, hold, employer, told):
    first = actions.start_checkout(by=employer, hold=hold, **URLS)
    actions.funding_url(first)
    later(hours=24)
    sandbox.run()
    retry_waiting()
    first.refresh_from_db()
    assert first.state == "expired"
    assert "funding_expired" in told
    second = actions.start_checkout(by=employer, hold=hold, **URLS)
    assert second != first
    assert "/c/pay/" in actions.funding_url(second)


def test_money_that_comes_after_the_end_goes_back_by_itself_once(sandbox, hold, employer, work):
    funding = actions.start_checkout(by=employer, hold=hold, **URLS)
    actions.funding_url(funding)
    funding.refresh_from_db()
    sandbox.pay(funding.session_id)
    actions.cancel_hold(by=employer, hold=hold, reason="lapsed")
    tasks.poll_events()
    work()
    tasks.poll_events()
    work()
    refund = Refund.objects.get()
    assert (refund.state, refund.amount) == ("succeeded", 50_000)
    hold.refresh_from_db()
    assert hold.state == "cancelled"
    assert balance(code("employer_credit", "USD", hold.payer_ref)) == 0


def test_cancelling_closes_the_open_page(sandbox, hold, employer, work):
    funding = actions.start_checkout(by=employer, hold=hold, **URLS)
    actions.funding_url(funding)
    actions.cancel_hold(by=employer, hold=hold, reason="lapsed")
    work()
    assert sandbox.all("/v1/checkout/sessions")[0]["status"] == "expired"
    with pytest.raises(WrongMoment):
        actions.start_checkout(by=employer, hold=hold, **URLS)


def test_two_pages_both_paid_secure_once_and_refund_once(sandbox, hold, employer, work):
    """The first page was given up for a second, and somebody paid on both."""
    first = actions.start_checkout(by=employer, hold=hold, **URLS)
    actions.funding_url(first)
    first.refresh_from_db()
    Funding.objects.filter(pk=first.pk).update(expires_at=clock.now())
    second = actions.start_checkout(by=employer, hold=hold, **URLS)
    actions.funding_url(second)
    second.refresh_from_db()
    sandbox.pay(first.session_id)
    sandbox.pay(second.session_id)
    tasks.poll_events()
    work()
    hold.refresh_from_db()
    assert hold.state == "secured"
    assert Refund.objects.get().state == "succeeded"
    assert add_up(hold)["held"] == 50_000
    assert sum(row["amount_refunded"] for row in sandbox.all("/v1/charges")) == 50_000


def test_another_amount_than_was_asked_for_secures_nothing(sandbox, hold, employer, told):
    funding = actions.start_checkout(by=employer, hold=hold, **URLS)
    actions.funding_url(funding)
    funding.refresh_from_db()
    Funding.objects.filter(pk=funding.pk).update(amount=49_999)
    sandbox.pay(funding.session_id)
    actions.refresh_funding(hold)
    actions.refresh_funding(hold)
    hold.refresh_from_db()
    funding.refresh_from_db()
    assert (hold.state, funding.state) == ("unfunded", "failed")
    assert told.count("funds_failed") == 1
    assert balance(code("employer_credit", "USD", hold.payer_ref)) == 50_000


# --- releasing ----------------------------------------------------------------------------------------------


def test_a_release_waits_for_the_account_and_goes_the_moment_it_is_ready(
    secure, hold, student, ready, work, told
):
    secure(hold)
    part = hold.parts.first()
    release = actions.release_part(by=None, part=part)
    work()
    release.refresh_from_db()
    assert (release.state, part.status) == ("waiting_payee", "waiting_payee")
    assert add_up(hold)["releasing"] == 20_000
    ready(student)
    work()
    release.refresh_from_db()
    assert release.state == "sent"
    assert [name for name in told if name.startswith(("release", "part"))] == [
        "release_waiting",
        "part_released",
    ]


def test_an_account_that_stripe_restricts_meanwhile_makes_the_release_wait(
    sandbox, secure, hold, student, ready, work
):
    secure(hold)
    payee = ready(student)
    sandbox.onboard(payee.stripe_id, "restricted")  # nobody tells us
    release = actions.release_part(by=None, part=hold.parts.first())
    work()
    release.refresh_from_db()
    payee.refresh_from_db()
    assert release.state == "waiting_payee"
    assert payee.state == "restricted"
    sandbox.onboard(payee.stripe_id)
    later(minutes=11)
    retry_waiting()
    tasks.drain_calls()
    release.refresh_from_db()
    assert release.state == "sent"
    assert release.call.generation == 2
    assert len(sandbox.all("/v1/transfers")) == 1


def test_an_unproven_employers_release_goes_on_the_day_that_was_said(
    sandbox, secure, make_hold, student, ready, told
):
    hold = make_hold(release_delay_days=7)
    secure(hold)
    ready(student)
    release = actions.release_part(by=None, part=hold.parts.first())
    assert release.due_at.date() == (clock.now() + timedelta(days=7)).date()
    later(days=6, hours=23)
    release_due()
    release.refresh_from_db()
    assert release.state == "scheduled"
    later(hours=2)
    release_due()
    release_due()
    tasks.drain_calls()
    release.refresh_from_db()
    assert release.state == "sent"
    assert told.count("part_released") == 1


def test_ten_approvals_at_once_make_one_release(secure, hold, student, ready, work, sandbox):
    secure(hold)
    ready(student)
    part = hold.parts.first()
    errors = at_once(10, lambda index: actions.release_part(by=None, part=part))
    assert [type(error) for error in errors] == [WrongMoment] * 9
    work()
    assert len(sandbox.all("/v1/transfers")) == 1
    assert add_up(hold)["released"] == 20_000


def test_release_and_refund_at_once_leave_one_outcome(secure, hold, student, ready, work, sandbox):
    secure(hold)
    ready(student)
    part = hold.parts.first()

    def act(index):
        if index % 2:
            actions.release_part(by=None, part=part)
        else:
            actions.refund_rest(by=None, hold=hold, reason="cancelled")

    errors = at_once(8, act)
    assert all(isinstance(error, WrongMoment) for error in errors)
    work()
    found = add_up(hold)
    assert found["released"] in (0, 20_000)
    assert found["refunded"] == 50_000 - found["released"]
    hold.refresh_from_db()
    assert hold.state == "settled"


# --- refunding and splitting --------------------------------------------------------------------------------


def test_what_is_not_released_goes_back_fee_included(secure, hold, student, ready, work, told):
    secure(hold)
    ready(student)
    actions.release_part(by=None, part=hold.parts.first())
    refund = actions.refund_rest(by=None, hold=hold, reason="cancelled by the employer")
    work()
    refund.refresh_from_db()
    assert (refund.amount, refund.state) == (30_000, "succeeded")
    found = add_up(hold)
    assert (found["released"], found["refunded"], found["held"]) == (20_000, 30_000, 0)
    assert "refund_done" in told
    assert queries.receipt_for(hold).refunded == 30_000
    assert [part.status for part in queries.hold_for(hold.ref).parts.all()] == ["released", "refunded"]


@pytest.mark.parametrize(
    ("pay", "released", "refunded"),
    [
        (0, 0, 50_000),
        (1, 1, 49_999),
        (4_500, 5_000, 45_000),
        (18_000, 20_000, 30_000),
        (18_001, 20_001, 29_999),
        (45_000, 50_000, 0),
    ],
)
def test_a_cancellation_pays_the_student_first_and_the_payer_the_rest(
    secure, hold, student, ready, work, pay, released, refunded
):
    secure(hold)
    ready(student)
    actions.refund_rest(by=None, hold=hold, reason="cancelled", pay_student_net=pay)
    work()
    found = add_up(hold)
    assert (found["released"], found["refunded"]) == (released, refunded)
    assert found["net_released"] == pay
    hold.refresh_from_db()
    assert hold.state == "settled"


@pytest.mark.parametrize("pay", [-1, 45_001, 1.5, "100", True, None])
def test_a_share_out_of_range_is_refused_and_changes_nothing(secure, hold, pay):
    secure(hold)
    with pytest.raises(ValidationError):
        actions.refund_rest(by=None, hold=hold, reason="cancelled", pay_student_net=pay)
    assert add_up(hold)["held"] == 50_000
    assert not Release.objects.exists()


def test_one_part_is_cancelled_and_the_others_stay(secure, hold, student, ready, work):
    secure(hold)
    ready(student)
    first, second = hold.parts.all()
    actions.cancel_part(by=None, part=first, reason="not needed", pay_student_net=9_000)
    work()
    found = add_up(hold)
    assert (found["released"], found["refunded"], found["held"]) == (10_000, 10_000, 30_000)
    with pytest.raises(WrongMoment):
        actions.cancel_part(by=None, part=first, reason="again")
    actions.release_part(by=None, part=second)
    work()
    hold.refresh_from_db()
    assert hold.state == "settled"


@pytest.mark.parametrize(
    "parts",
    [
        ((3_333, 500), (3_333, 500), (3_334, 500)),
        ((100, 15), (101, 15)),
        ((50, 0),),
    ],
)
@pytest.mark.parametrize("pay_share", [1, 3, 7])
def test_parts_add_up_to_the_cent_whatever_the_share(
    make_hold, secure, student, ready, work, parts, pay_share
):
    hold = make_hold(parts=parts)
    secure(hold)
    ready(student)
    net = hold.figures()["net_held"]
    actions.refund_rest(by=None, hold=hold, reason="cancelled", pay_student_net=net // pay_share)
    work()
    found = add_up(hold)
    assert found["net_released"] == net // pay_share
    assert found["held"] == found["releasing"] == found["refunding"] == 0


def test_an_unfunded_hold_is_simply_cancelled(hold, employer):
    assert actions.refund_rest(by=employer, hold=hold, reason="lapsed") is None
    assert hold.state == "cancelled"


def test_a_refund_that_the_bank_sends_back_stands_as_the_payers_credit(sandbox, secure, hold, work, told):
    secure(hold)
    refund = actions.refund_rest(by=None, hold=hold, reason="cancelled")
    work()
    refund.refresh_from_db()
    sandbox.control(f"refunds/{refund.refund_id}/fail")
    tasks.poll_events()
    tasks.drain_events()
    refund.refresh_from_db()
    assert refund.state == "failed"
    assert told.count("refund_failed") == 1
    assert balance(code("employer_credit", "USD", hold.payer_ref)) == 50_000


# --- freezing -----------------------------------------------------------------------------------------------


def test_frozen_money_does_not_move_until_it_is_let_go(secure, make_hold, student, ready, work, make_person):
    moderator = make_person("Mo Derator")
    hold = make_hold(release_delay_days=1)
    secure(hold)
    ready(student)
    first, second = hold.parts.all()
    release = actions.release_part(by=None, part=first)
    actions.freeze(by=moderator, hold=hold, why="a moderator looks at it")
    with pytest.raises(WrongMoment, match="moderator looks"):
        actions.release_part(by=None, part=second)
    with pytest.raises(WrongMoment):
        actions.refund_rest(by=None, hold=hold, reason="x")
    later(days=2)
    work()
    release.refresh_from_db()
    assert release.state == "scheduled"
    actions.unfreeze(by=moderator, hold=hold)
    work()
    release.refresh_from_db()
    assert release.state == "sent"


def test_a_dispute_freezes_and_a_won_dispute_lets_go(sandbox, secure, hold, told):
    secure(hold)
    charge = hold.fundings.get().charge_id
    dispute = sandbox.control(f"charges/{charge}/dispute")["id"]
    tasks.poll_events()
    tasks.drain_events()
    hold.refresh_from_db()
    assert hold.frozen_at
    sandbox.control(f"disputes/{dispute}/close", status="won")
    tasks.poll_events()
    tasks.drain_events()
    hold.refresh_from_db()
    assert hold.frozen_at is None
    assert [name for name in told if name.startswith("hold_") and name != "hold_locking"] == [
        "hold_frozen",
        "hold_unfrozen",
    ]


def test_the_limit_of_holding_is_told_once(secure, hold, told):
    secure(hold)
    later(days=89)
    hold_limits()
    assert "hold_limit_reached" not in told
    later(days=2)
    hold_limits()
    hold_limits()
    assert told.count("hold_limit_reached") == 1


# --- reading ------------------------------------------------------------------------------------------------


def test_only_the_two_sides_and_moderators_see_a_hold(hold, student, make_person):
    from accounts.employers.models import Membership, Organisation

    payer = make_person("Payer")
    organisation = Organisation.objects.create(name="Halden", created_by=payer)
    Membership.objects.create(organisation=organisation, user=payer, role="owner")
    type(hold).objects.filter(pk=hold.pk).update(payer_ref=organisation.public_id)
    stranger, moderator = make_person("Stranger"), make_person("Mo")
    moderator.is_staff = True
    seen = {
        name: list(queries.visible_to(person))
        for name, person in {
            "student": student,
            "payer": payer,
            "stranger": stranger,
            "moderator": moderator,
        }.items()
    }
    assert seen == {"student": [hold], "payer": [hold], "stranger": [], "moderator": [hold]}


def test_figures_take_the_same_number_of_queries_for_ten_holds(make_hold, django_assert_num_queries):
    holds = [make_hold() for _ in range(10)]
    with django_assert_num_queries(5):
        queries.figures_of(holds)


def test_a_students_earnings_follow_the_money(secure, hold, student, ready, work):
    secure(hold)
    actions.release_part(by=None, part=hold.parts.first())
    [before] = earnings.standing(student)
    assert (before.released, before.waits, before.held) == (0, 18_000, 27_000)
    ready(student)
    work()
    [after] = earnings.standing(student)
    assert (after.released, after.waits, after.held) == (18_000, 0, 27_000)
    assert [row.net for row in queries.earnings_of(student)] == [18_000]


def test_the_limit_is_the_agreements_whatever_the_policy_becomes(make_hold, secure):
    agreed, usual = make_hold(hold_days=40), make_hold()
    was = policy.current().hold_days
    Policy.objects.update(hold_days=was + 5)
    for hold, days in ((agreed, 40), (usual, was)):
        secure(hold)
        assert hold.limit_at - hold.secured_at == timedelta(days=days)
