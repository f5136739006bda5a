"""Payments that a bank questions: before release, after it, after the payout, won, lost, and in any order."""

import itertools
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from marketplace.ground import clock, policy
from marketplace.ground.errors import NotAllowed, WrongMoment
from payments.disputes import actions as disputes
from payments.disputes.actions import evidence
from payments.disputes.models import Dispute, FraudWarning
from payments.disputes.tasks import disputes_clock
from payments.holds import actions
from payments.holds.models import Refund, Release
from payments.holds.recovery import Receivable, Reversal
from payments.ledger.chart import code
from payments.ledger.models import LedgerTransaction
from payments.ledger.queries import balance, trial_balance
from payments.reconciling import actions as reconcile
from payments.stripe import tasks
from payments.stripe.actions import letters
from payments.stripe.models import Call, Event
from tests.payments.test_holds import add_up, later, told  # noqa: F401
from tests.payments.test_ledger import at_once
from tests.payments.test_recovery import emptied, moderator, released, the_worker  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def the_books_are_stripes_to_the_cent(request):
    """After every test: the ledger sums to zero, and each line of Stripe's stands in it."""
    if "sandbox" in request.fixturenames:  # taken up first, so that it is still there at the end
        request.getfixturevalue("sandbox")
    yield
    totals = {}
    for currency, _, total in trial_balance():
        totals[currency] = totals.get(currency, 0) + total
    assert not any(totals.values())
    if "sandbox" in request.fixturenames:
        found = reconcile.run(patience=timedelta(0))
        excused = ("call:", "posting:bt:txn_appeal", "posting:bt:txn_again")  # lines that a test invents
        assert [row for row in found.differences if not row["key"].startswith(excused)] == []


def hear(work):
    for _ in range(3):
        the_worker(work)


@pytest.fixture
def question(sandbox, work):
    """Open a dispute about the payment of a hold, and let the app hear of it."""

    def run(hold, **more):
        charge = hold.fundings.exclude(charge_id=None).get(extra=False).charge_id
        found = sandbox.control(f"charges/{charge}/dispute", **more)["id"]
        hear(work)
        hold.refresh_from_db()
        return Dispute.objects.get(stripe_id=found)

    return run


@pytest.fixture
def decide(sandbox, work):
    def run(dispute, status):
        sandbox.control(f"disputes/{dispute.stripe_id}/close", status=status)
        hear(work)
        dispute.refresh_from_db()

    return run


def books(name, key=None):
    return balance(code(name, "USD", key))


# --- before release -------------------------------------------------------------------------------------------


def test_a_dispute_sets_aside_what_is_left_and_stops_the_hold(secure, hold, question, told):  # noqa: F811
    secure(hold)
    dispute = question(hold)
    assert (dispute.state, dispute.taken, dispute.hold) == ("needs_response", 50_000, hold)
    assert hold.frozen_at
    found = add_up(hold)
    assert (found["disputed"], found["held"]) == (50_000, 0)
    assert (books("dispute_receivable", dispute.uuid), books("dispute_fee")) == (50_000, 1_500)
    assert books("hold_frozen", dispute.uuid) == 50_000
    assert told.count("funds_disputed") == 1
    for act in (
        lambda: actions.release_part(by=None, part=hold.parts.first()),
        lambda: actions.refund_rest(by=None, hold=hold, reason="x"),
    ):
        with pytest.raises(WrongMoment, match="bank disputes"):
            act()


def test_won_the_money_is_back_in_the_hold_and_goes_on(
    secure,
    hold,
    question,
    decide,
    student,
    ready,
    work,
    told,  # noqa: F811
):
    secure(hold)
    ready(student)
    dispute = question(hold)
    decide(dispute, "won")
    hold.refresh_from_db()
    assert (dispute.state, dispute.taken, hold.frozen_at) == ("won", 0, None)
    assert add_up(hold)["held"] == 50_000
    assert books("dispute_receivable", dispute.uuid) == books("hold_frozen", dispute.uuid) == 0
    assert (told.count("dispute_closed"), told.count("hold_unfrozen")) == (1, 1)
    for part in hold.parts.all():
        actions.release_part(by=None, part=part)
    work()
    assert add_up(hold)["released"] == 50_000


def test_lost_before_release_costs_the_platform_the_fee_alone(secure, hold, question, decide):
    secure(hold)
    dispute = question(hold)
    decide(dispute, "lost")
    hold.refresh_from_db()
    assert (dispute.booked_lost, hold.frozen_at, hold.state) == (True, None, "settled")
    assert (books("dispute_loss"), books("dispute_fee")) == (0, 1_500)
    assert add_up(hold)["charged_back"] == 50_000
    assert {part.status for part in hold.parts.all()} == {"charged_back"}
    posting = LedgerTransaction.objects.get(key=f"dispute:{dispute.stripe_id}:lost")
    assert dict(posting.entries.values_list("account__code", "amount")) == {
        dispute.frozen_account: 50_000,
        dispute.account: -50_000,
    }


def test_an_inquiry_stops_the_money_and_moves_none(secure, hold, question, decide, work, sandbox):
    secure(hold)
    dispute = question(hold, inquiry=True)
    assert (dispute.state, dispute.taken) == ("warning_needs_response", 0)
    assert hold.frozen_at
    assert add_up(hold)["held"] == 50_000
    decide(dispute, "warning_closed")
    hold.refresh_from_db()
    assert (dispute.settled_as, hold.frozen_at) == ("withdrawn", None)


def test_an_inquiry_may_become_a_dispute(secure, hold, question, decide, work, sandbox):
    secure(hold)
    dispute = question(hold, inquiry=True)
    sandbox.control(f"disputes/{dispute.stripe_id}/escalate")
    hear(work)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.taken) == ("needs_response", 50_000)
    assert add_up(hold)["disputed"] == 50_000
    decide(dispute, "prevented")
    assert (dispute.settled_as, books("dispute_fee")) == ("withdrawn", 0)
    assert add_up(hold)["held"] == 50_000


def test_a_state_that_nobody_knows_yet_is_open(secure, hold, question):
    secure(hold)
    dispute = question(hold)
    found = {
        "id": dispute.stripe_id,
        "charge": dispute.charge_id,
        "status": "arbitration_needs_coffee",
        "amount": 50_000,
        "currency": "usd",
        "created": 1,
        "balance_transactions": [],
    }
    from payments.disputes.actions.syncing import _take_state_over

    _take_state_over(dispute, found["status"])
    assert (dispute.state, dispute.is_open) == ("other", True)


def test_scheduled_and_queued_releases_stop_and_go_on_after_it(
    secure, make_hold, student, ready, question, decide, work, sandbox
):
    hold = make_hold(release_delay_days=3)
    secure(hold)
    ready(student)
    first = actions.release_part(by=None, part=hold.parts.first())
    dispute = question(hold)
    assert add_up(hold)["disputed"] == 30_000
    later(days=4)
    work()
    first.refresh_from_db()
    assert first.state == "scheduled"
    decide(dispute, "won")
    work()
    first.refresh_from_db()
    assert first.state == "sent"


def test_a_release_that_was_written_down_and_not_sent_is_pulled_back(secure, hold, student, ready, question):
    secure(hold)
    ready(student)
    release = actions.release_part(by=None, part=hold.parts.first())
    assert release.state == "queued"
    actions.freeze(by=None, hold=hold, why="now")
    tasks.drain_calls()
    release.refresh_from_db()
    assert (release.state, release.call.state) == ("scheduled", "waiting")
    actions.unfreeze(by=None, hold=hold)
    from payments.holds.tasks import release_due

    release_due()
    tasks.drain_calls()
    release.refresh_from_db()
    assert release.state == "sent"


def test_lost_with_approved_work_that_was_not_sent_is_still_paid(
    secure, make_hold, student, ready, question, decide, work
):
    """The student's work was approved: what a lost dispute costs of it is the platform's."""
    hold = make_hold(release_delay_days=3)
    secure(hold)
    ready(student)
    release = actions.release_part(by=None, part=hold.parts.first())
    dispute = question(hold)
    decide(dispute, "lost")
    assert books("dispute_loss") == 20_000
    later(days=4)
    work()
    release.refresh_from_db()
    assert release.state == "sent"
    found = add_up(hold)
    assert (found["released"], found["charged_back"]) == (20_000, 30_000)


# --- after release --------------------------------------------------------------------------------------------


def test_after_release_the_student_keeps_it_and_the_platform_loses(released, question, decide):  # noqa: F811
    hold, release = released()
    dispute = question(hold)
    assert add_up(hold)["disputed"] == 30_000
    decide(dispute, "lost")
    assert books("dispute_loss") == 20_000
    found = add_up(hold)
    assert (found["released"], found["charged_back"]) == (20_000, 30_000)
    assert not Reversal.objects.exists()


@pytest.fixture
def from_students(db):
    rules = policy.current()
    rules.disputes_from_students = True
    rules.save()


def test_taking_back_needs_the_operators_rule_and_a_moderator(released, question, moderator, student):  # noqa: F811
    hold, release = released()
    dispute = question(hold)
    with pytest.raises(WrongMoment, match="leave approved pay with the student"):
        disputes.take_back_for(by=moderator, dispute=dispute, release=release, amount=20_000, reason="x")
    with pytest.raises(NotAllowed):
        disputes.take_back_for(by=student, dispute=dispute, release=release, amount=20_000, reason="x")


def test_taken_back_and_won_goes_to_the_student_again_exactly_once(
    released,
    question,
    decide,
    moderator,
    from_students,
    work,
    sandbox,  # noqa: F811
):
    hold, release = released()
    dispute = question(hold)
    disputes.take_back_for(by=moderator, dispute=dispute, release=release, amount=20_000, reason="x")
    hear(work)
    assert add_up(hold)["recovered"] == 20_000
    with pytest.raises((ValidationError, WrongMoment)):
        disputes.take_back_for(by=moderator, dispute=dispute, release=release, amount=1, reason="more")
    decide(dispute, "won")
    for event in Event.objects.filter(kind__startswith="charge.dispute"):
        letters.replay_event(by=moderator, event=event)
    hear(work)
    again = Release.objects.get(reversal__isnull=False)
    assert (again.state, again.net, again.fee) == ("sent", 18_000, 2_000)
    found = add_up(hold)
    assert (found["released"], found["net_released"], found["held"]) == (20_000, 18_000, 30_000)
    assert sum(row["amount"] - row["amount_reversed"] for row in sandbox.all("/v1/transfers")) == 18_000
    assert books("platform_fee") - books("fee_refunded") == 2_000


def test_taken_back_and_lost_covers_it(
    released,
    question,
    decide,
    moderator,
    from_students,
    work,
    sandbox,  # noqa: F811
):
    hold, release = released()
    dispute = question(hold)
    disputes.take_back_for(by=moderator, dispute=dispute, release=release, amount=12_000, reason="x")
    hear(work)
    decide(dispute, "lost")
    assert books("dispute_loss") == 8_000
    found = add_up(hold)
    assert (found["released"], found["charged_back"], found["recovered"]) == (8_000, 42_000, 0)


def test_after_the_payout_the_rest_is_owed_and_forgiven_when_won(
    released,
    question,
    decide,
    moderator,
    from_students,
    work,
    emptied,  # noqa: F811
):
    hold, release = released()
    emptied()
    dispute = question(hold)
    disputes.take_back_for(by=moderator, dispute=dispute, release=release, amount=20_000, reason="x")
    hear(work)
    receivable = Receivable.objects.get()
    assert (receivable.state, receivable.left) == ("owed", 18_000)
    decide(dispute, "won")
    receivable.refresh_from_db()
    assert receivable.state == "forgiven"
    assert books("student_receivable", receivable.payee.party) == 0
    assert not Release.objects.filter(reversal__isnull=False).exists()
    assert add_up(hold)["net_released"] == 18_000
    assert books("fee_refunded") == 0


def test_after_the_payout_lost_the_debt_stays_and_the_loss_is_covered(
    released,
    question,
    decide,
    moderator,
    from_students,
    work,
    emptied,  # noqa: F811
):
    hold, release = released()
    emptied()
    dispute = question(hold)
    disputes.take_back_for(by=moderator, dispute=dispute, release=release, amount=20_000, reason="x")
    hear(work)
    decide(dispute, "lost")
    assert books("dispute_loss") == 0
    assert Receivable.objects.get().left == 18_000
    add_up(hold)


def test_a_reversal_that_comes_through_after_the_decision_ends_the_same(
    released,
    question,
    moderator,
    from_students,
    work,
    sandbox,
    decide,  # noqa: F811
):
    hold, release = released()
    dispute = question(hold)
    disputes.take_back_for(by=moderator, dispute=dispute, release=release, amount=20_000, reason="x")
    sandbox.control(f"disputes/{dispute.stripe_id}/close", status="lost")
    disputes.sync_dispute(dispute.stripe_id)
    assert books("dispute_loss") == 20_000
    hear(work)
    assert books("dispute_loss") == 0
    assert add_up(hold)["charged_back"] == 50_000


def test_an_approved_release_is_stopped_before_it_is_sent(
    secure,
    make_hold,
    student,
    ready,
    question,
    decide,
    moderator,
    from_students,  # noqa: F811
):
    hold = make_hold(release_delay_days=3)
    secure(hold)
    ready(student)
    release = actions.release_part(by=None, part=hold.parts.first())
    dispute = question(hold)
    disputes.stop_release(by=moderator, dispute=dispute, release=release, reason="nothing was done")
    assert add_up(hold)["disputed"] == 50_000
    decide(dispute, "lost")
    assert books("dispute_loss") == 0


# --- with refunds ---------------------------------------------------------------------------------------------


def test_a_dispute_of_a_partly_refunded_charge_adds_up(secure, hold, question, decide, work):
    secure(hold)
    actions.cancel_part(by=None, part=hold.parts.first(), reason="not needed")
    work()
    dispute = question(hold)
    assert dispute.amount in (30_000, 50_000)
    decide(dispute, "lost")
    found = add_up(hold)
    assert (found["refunded"], found["charged_back"]) == (20_000, 30_000)
    assert books("dispute_loss") == dispute.amount - 30_000


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_queued_refund_waits_for_the_bank(secure, hold, sandbox, question, decide, work, outcome):
    secure(hold)
    refund = actions.refund_rest(by=None, hold=hold, reason="cancelled")
    sandbox.control(f"charges/{hold.fundings.get().charge_id}/dispute")
    tasks.poll_events()
    tasks.drain_events()
    work()
    refund.refresh_from_db()
    assert (refund.state, refund.call.state) == ("queued", "waiting")
    assert sandbox.all("/v1/refunds") == []
    decide(Dispute.objects.get(), outcome)
    later(minutes=11)
    work()
    refund.refresh_from_db()
    assert refund.state == {"won": "succeeded", "lost": "returned"}[outcome]
    assert len(sandbox.all("/v1/refunds")) == (1 if outcome == "won" else 0)
    assert books("dispute_loss") == 0
    assert add_up(hold)["refunded"] == 50_000


def test_a_refund_that_stripe_refuses_for_a_dispute_we_have_not_heard_of_waits(secure, hold, sandbox, work):
    secure(hold)
    sandbox.control(f"charges/{hold.fundings.get().charge_id}/dispute")
    refund = actions.refund_rest(by=None, hold=hold, reason="cancelled")
    tasks.drain_calls()
    refund.refresh_from_db()
    assert (refund.state, refund.call.state) == ("queued", "waiting")
    hear(work)
    assert add_up(hold)["refunding"] == 50_000


def test_a_dispute_of_a_second_payment_leaves_the_hold_alone(secure, hold, sandbox, employer, work):
    from payments.holds.models import Funding
    from tests.payments.conftest import URLS

    first = actions.start_checkout(by=employer, hold=hold, **URLS)
    actions.funding_url(first)
    first.refresh_from_db()
    Funding.objects.filter(pk=first.pk).update(expires_at=clock.now())
    second = actions.start_checkout(by=employer, hold=hold, **URLS)
    actions.funding_url(second)
    second.refresh_from_db()
    sandbox.pay(first.session_id)
    actions.refresh_funding(hold)
    sandbox.pay(second.session_id)
    tasks.poll_events()
    tasks.drain_events()
    extra = Funding.objects.get(extra=True)
    sandbox.control(f"charges/{extra.charge_id}/dispute")
    hear(work)
    hold.refresh_from_db()
    assert hold.frozen_at is None
    dispute = Dispute.objects.get()
    sandbox.control(f"disputes/{dispute.stripe_id}/close", status="lost")
    hear(work)
    assert books("dispute_loss") == 0
    assert Refund.objects.get().state == "returned"


# --- order, repetition, appeals -------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[:6])
def test_in_any_order_of_events_it_comes_to_the_same(secure, hold, sandbox, work, order, moderator):  # noqa: F811
    secure(hold)
    tasks.poll_events()
    tasks.drain_events()
    found = sandbox.control(f"charges/{hold.fundings.get().charge_id}/dispute")["id"]
    sandbox.control(f"disputes/{found}/close", status="won")
    tasks.poll_events()
    events = list(Event.objects.filter(kind__startswith="charge.dispute", state="new").order_by("event_id"))[
        :3
    ]
    from payments.stripe.actions import inbox

    for place in order:
        inbox.apply(events[place])
    hear(work)
    hold.refresh_from_db()
    assert (Dispute.objects.get().settled_as, hold.frozen_at) == ("won", None)
    assert add_up(hold)["held"] == 50_000


def test_no_webhook_is_needed(secure, hold, sandbox):
    secure(hold)
    sandbox.control(f"charges/{hold.fundings.get().charge_id}/dispute")
    disputes_clock()
    dispute = Dispute.objects.get()
    assert dispute.state == "needs_response"
    sandbox.control(f"disputes/{dispute.stripe_id}/close", status="lost")
    disputes_clock()
    dispute.refresh_from_db()
    assert dispute.state == "needs_response"  # read a moment ago
    later(hours=7)
    disputes_clock()
    dispute.refresh_from_db()
    assert (dispute.state, dispute.booked_lost) == ("lost", True)


def test_an_appeal_that_is_won_takes_the_loss_back_and_lost_again_books_it_again(
    secure, hold, question, decide
):
    secure(hold)
    dispute = question(hold)
    decide(dispute, "lost")
    from payments.stripe import gateway

    read = gateway.dispute(dispute.stripe_id)
    taken = read["balance_transactions"]
    back = {"id": "txn_appeal", "amount": 50_000, "fee": 0, "currency": "usd", "created": 2_000_000_000}
    again = {"id": "txn_again", "amount": -50_000, "fee": 0, "currency": "usd", "created": 2_000_000_001}
    disputes.apply_dispute({**read, "status": "appeal_needs_response"})
    hold.refresh_from_db()
    assert hold.frozen_at
    disputes.apply_dispute({**read, "status": "won", "balance_transactions": [*taken, back]})
    hold.refresh_from_db()
    assert (add_up(hold)["held"], hold.frozen_at, hold.state) == (50_000, None, "secured")
    lost = {**read, "status": "lost", "balance_transactions": [*taken, back, again]}
    disputes.apply_dispute(lost)
    disputes.apply_dispute(lost)
    dispute.refresh_from_db()
    assert (dispute.times_lost, dispute.settled_as) == (2, "lost")
    assert add_up(hold)["charged_back"] == 50_000
    assert books("dispute_loss") == 0


def test_ten_workers_at_once_take_it_over_once(secure, hold, sandbox):
    secure(hold)
    found = sandbox.control(f"charges/{hold.fundings.get().charge_id}/dispute")["id"]
    assert at_once(10, lambda index: disputes.sync_dispute(found)) == []
    assert Dispute.objects.count() == 1
    assert add_up(hold)["disputed"] == 50_000


def test_approval_refund_and_dispute_at_once_leave_the_books_whole(
    secure, hold, student, ready, sandbox, work
):
    secure(hold)
    ready(student)
    found = sandbox.control(f"charges/{hold.fundings.get().charge_id}/dispute")["id"]
    parts = list(hold.parts.all())

    def act(index):
        if index % 3 == 0:
            disputes.sync_dispute(found)
        elif index % 3 == 1:
            actions.release_part(by=None, part=parts[index % 2])
        else:
            actions.cancel_part(by=None, part=parts[index % 2], reason="x")

    errors = at_once(9, act)
    assert all(isinstance(error, WrongMoment) for error in errors)
    hear(work)
    add_up(hold)
    sandbox.control(f"disputes/{found}/close", status="lost")
    hear(work)
    add_up(hold)
    assert balance(Dispute.objects.get().account) == 0


def test_a_moderator_does_not_let_go_what_the_bank_has_stopped(secure, hold, question, decide, moderator):  # noqa: F811
    secure(hold)
    dispute = question(hold)
    with pytest.raises(WrongMoment, match="not a moderator"):
        actions.unfreeze(by=moderator, hold=hold)
    actions.freeze(by=moderator, hold=hold, why="a moderator looks")
    decide(dispute, "won")
    hold.refresh_from_db()
    assert hold.frozen_why == "a moderator looks"
    actions.unfreeze(by=moderator, hold=hold)
    assert hold.frozen_at is None


# --- evidence -------------------------------------------------------------------------------------------------


def test_the_answer_is_drafted_edited_and_sent_once(
    secure, hold, question, moderator, sandbox, work, student
):  # noqa: F811
    secure(hold)
    dispute = question(hold)
    assert dispute.evidence["product_description"] == hold.description
    with pytest.raises(ValidationError):
        disputes.save_evidence(by=moderator, dispute=dispute, evidence={"nonsense": "x"})
    with pytest.raises(NotAllowed):
        disputes.submit_evidence(by=student, dispute=dispute)
    disputes.save_evidence(
        by=moderator, dispute=dispute, evidence={"uncategorized_text": "The work was done and approved."}
    )
    disputes.submit_evidence(by=moderator, dispute=dispute)
    with pytest.raises(WrongMoment):
        disputes.submit_evidence(by=moderator, dispute=dispute)
    hear(work)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.submissions) == ("under_review", 1)
    assert dispute.evidence_sent_at
    at_stripe = sandbox.get(f"/v1/disputes/{dispute.stripe_id}")
    assert at_stripe["evidence"]["uncategorized_text"] == "The work was done and approved."
    with pytest.raises(WrongMoment):
        disputes.submit_evidence(by=moderator, dispute=dispute)


def test_moderators_are_reminded_and_the_clock_answers_a_day_before(
    secure, hold, question, told, work, sandbox
):  # noqa: F811
    secure(hold)
    dispute = question(hold)
    later(days=3)
    disputes_clock()
    assert "evidence_due" not in told
    later(days=1, hours=2)
    disputes_clock()
    disputes_clock()
    assert told.count("evidence_due") == 1
    assert not Call.objects.filter(operation="evidence").exists()
    later(days=2)
    disputes_clock()
    hear(work)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.submissions) == ("under_review", 1)
    assert told.count("evidence_due") == 2


def test_what_rooms_above_know_stands_in_the_answer(secure, hold, question):
    provider = evidence.register(
        lambda hold: {"customer_name": "Halden Ltd", "uncategorized_text": "Approved."}
    )
    try:
        secure(hold)
        dispute = question(hold)
    finally:
        evidence._providers.remove(provider)
    assert dispute.evidence["customer_name"] == "Halden Ltd"
    assert dispute.evidence["uncategorized_text"].endswith("Approved.")


# --- warnings -------------------------------------------------------------------------------------------------


@pytest.fixture
def warn(sandbox, work):
    def run(hold):
        sandbox.control(f"charges/{hold.fundings.get().charge_id}/warn")
        hear(work)
        hold.refresh_from_db()
        return FraudWarning.objects.get(hold=hold)

    return run


def test_a_warning_before_release_stops_the_money_until_a_moderator_decides(
    secure,
    hold,
    warn,
    moderator,
    told,  # noqa: F811
):
    secure(hold)
    warning = warn(hold)
    assert (warning.state, warning.released, bool(hold.frozen_at)) == ("fresh", False, True)
    assert told.count("fraud_warned") == 1
    disputes.dismiss_warning(by=moderator, warning=warning, reason="I called them")
    hold.refresh_from_db()
    assert (warning.state, hold.frozen_at) == ("dismissed", None)
    with pytest.raises(WrongMoment):
        disputes.refund_warned(by=moderator, warning=warning, reason="after all")


def test_a_warning_refunds_when_a_moderator_says_so(secure, hold, warn, moderator, work, told):  # noqa: F811
    secure(hold)
    warning = warn(hold)
    disputes.refund_warned(by=moderator, warning=warning, reason="stolen card")
    hear(work)
    assert add_up(hold)["refunded"] == 50_000
    assert (warning.state, told.count("money_returned")) == ("refunded", 1)


def test_a_warning_refunds_by_itself_when_the_policy_says_so(secure, hold, warn):
    rules = policy.current()
    rules.refund_on_fraud_warning = True
    rules.save()
    secure(hold)
    assert warn(hold).state == "refunded"
    assert add_up(hold)["refunded"] == 50_000


def test_after_release_a_warning_is_looked_at_and_stops_nothing(released, warn):  # noqa: F811
    rules = policy.current()
    rules.refund_on_fraud_warning = True
    rules.save()
    hold, release = released()
    warning = warn(hold)
    assert (warning.state, warning.released, hold.frozen_at) == ("fresh", True, None)


def test_a_warning_that_a_dispute_overtakes_leaves_the_dispute(secure, hold, warn, question):
    secure(hold)
    warning = warn(hold)
    question(hold)
    warning.refresh_from_db()
    assert warning.state == "overtaken"
    assert list(hold.freezes) == [f"dispute:{Dispute.objects.get().stripe_id}"]
