"""Money that was released comes back: reversals, what students owe, refunds that went wrong. To the cent."""

import pytest
from django.core.exceptions import ValidationError

from marketplace.ground import policy
from marketplace.ground.errors import WrongMoment
from payments.holds import actions
from payments.holds.actions import reversing
from payments.holds.models import Refund, Release
from payments.holds.recovery import Receivable, Reversal
from payments.holds.tasks import retry_waiting
from payments.ledger.chart import code
from payments.ledger.models import LedgerTransaction
from payments.ledger.queries import balance
from payments.stripe import tasks
from payments.stripe.models import Call
from tests.payments.test_holds import (  # noqa: F401
    add_up,
    later,
    the_books_balance_and_agree_with_stripe,
    told,
)
from tests.payments.test_ledger import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def moderator(make_person):
    person = make_person("Mo Derator")
    person.is_staff = True
    person.save()
    return person


@pytest.fixture
def other(make_person):
    person = make_person("Second Moderator")
    person.is_staff = True
    person.save()
    return person


@pytest.fixture
def released(secure, make_hold, student, ready, work):
    """A hold whose first part has reached the student: gross 200.00, net 180.00."""

    def run(**more):
        hold = make_hold(**more)
        secure(hold)
        ready(student)
        actions.release_part(by=None, part=hold.parts.first())
        work()
        release = Release.objects.get(part=hold.parts.first())
        assert release.state == "sent"
        return hold, release

    return run


@pytest.fixture
def emptied(sandbox):
    """The student's money has gone to their bank: nothing is left for a reversal."""

    def run():
        sandbox.run(force=True)
        sandbox.run(force=True)

    return run


def the_worker(work):
    work()
    tasks.poll_events()
    work()


def books(name, key=None):
    return balance(code(name, "USD", key))


# --- the reversal, then the refund ----------------------------------------------------------------------------


def test_a_refund_after_release_takes_back_first_and_refunds_then(released, moderator, work, sandbox, told):  # noqa: F811
    hold, release = released()
    reversal = actions.refund_released(by=moderator, release=release, amount=20_000, reason="plagiarised")
    assert (reversal.state, reversal.net, reversal.fee) == ("queued", 18_000, 2_000)
    assert not Refund.objects.exists()
    the_worker(work)
    the_worker(work)
    reversal.refresh_from_db()
    release.refresh_from_db()
    assert (reversal.state, release.state) == ("sent", "reversed")
    refund = Refund.objects.get()
    assert (refund.state, refund.amount, reversal.refund) == ("succeeded", 20_000, refund)
    found = add_up(hold)
    assert (found["released"], found["refunded"], found["held"]) == (0, 20_000, 30_000)
    posting = LedgerTransaction.objects.get(key=f"reversal:{reversal.reversal_id}")
    assert dict(posting.entries.values_list("account__code", "amount")) == {
        "stripe_balance:USD": 18_000,
        "fee_refunded:USD": 2_000,
        reversal.account: -20_000,
    }
    assert posting.note == "plagiarised"
    assert posting.ref == f"release:{release.uuid}"
    assert balance(reversal.account) == 0
    assert "part_reversed" in told
    assert len(sandbox.all("/v1/refunds")) == 1


def test_parts_of_a_release_add_up_to_the_whole_whatever_they_are(released, moderator, work):
    hold, release = released(parts=((3_333, 500),))
    for amount in (1, 7, 1_000, 1_111, 1_214):
        actions.refund_released(by=moderator, release=release, amount=amount, reason="one of five")
        work()
    with pytest.raises(WrongMoment):
        actions.refund_released(by=moderator, release=release, amount=1, reason="beyond")
    release.refresh_from_db()
    assert (release.state, release.taken_net, release.taken_fee) == ("reversed", 2_833, 500)
    work()
    assert add_up(hold)["refunded"] == 3_333


@pytest.mark.parametrize("amount", [0, -1, 20_001, 10**18, 1.5, True, None, "100"])
def test_an_amount_out_of_range_takes_nothing_back(released, moderator, amount):
    hold, release = released()
    with pytest.raises(ValidationError):
        actions.refund_released(by=moderator, release=release, amount=amount, reason="x")
    assert not Reversal.objects.exists()


def test_never_over_what_is_sent_and_not_reversed(released, moderator, work):
    hold, release = released()
    actions.refund_released(by=moderator, release=release, amount=15_000, reason="most")
    with pytest.raises(ValidationError, match=r"at most \$50.00"):
        actions.refund_released(by=moderator, release=release, amount=5_001, reason="more")
    work()
    with pytest.raises(ValidationError):
        actions.refund_released(by=moderator, release=release, amount=5_001, reason="more")


def test_ten_moderators_at_once_take_back_once(released, moderator, work, sandbox):
    hold, release = released()

    def act(index):
        actions.refund_released(by=moderator, release=release, amount=20_000, reason="at once")

    errors = at_once(10, act)
    assert [type(error) for error in errors] == [WrongMoment] * 9
    work()
    work()
    assert add_up(hold)["refunded"] == 20_000
    assert len(sandbox.all("/v1/refunds")) == 1


def test_a_reversal_whose_answer_was_lost_is_found_again(released, moderator, work, sandbox):
    hold, release = released()
    sandbox.fault(f"/v1/transfers/{release.transfer_id}/reversals", "lost")
    actions.refund_released(by=moderator, release=release, amount=10_000, reason="half")
    work()
    assert Reversal.objects.get().state == "queued"
    later(minutes=2)
    the_worker(work)
    the_worker(work)
    assert Reversal.objects.get().state == "sent"
    transfer = sandbox.get(f"/v1/transfers/{release.transfer_id}")
    assert transfer["amount_reversed"] == 9_000
    assert add_up(hold)["refunded"] == 10_000


def test_a_worker_that_dies_between_reversal_and_refund_leaves_nothing_undone(
    released, moderator, work, sandbox
):
    hold, release = released()
    actions.refund_released(by=moderator, release=release, amount=20_000, reason="x")
    from payments.stripe.actions import outbox

    outbox.perform(Reversal.objects.get().call_id)  # and here it dies: the refund is a row of its own by now
    assert Refund.objects.get().state == "queued"
    assert Call.objects.get(operation="refund").state == "pending"
    tasks.drain_calls()
    assert Refund.objects.get().state == "succeeded"


# --- short ----------------------------------------------------------------------------------------------------


def test_a_short_reversal_is_advanced_and_repaid_from_the_next_release(
    released,
    moderator,
    work,
    sandbox,
    emptied,
    told,  # noqa: F811
):
    hold, release = released()
    emptied()
    actions.refund_released(by=moderator, release=release, amount=10_000, reason="half was wrong")
    work()
    work()
    receivable = Receivable.objects.get()
    reversal = Reversal.objects.get()
    assert (reversal.state, receivable.amount, receivable.state) == ("short", 9_000, "owed")
    assert Refund.objects.get().state == "succeeded"  # the payer does not wait
    assert books("student_receivable", receivable.payee.party) == 9_000
    assert "receivable_changed" in told
    posting = LedgerTransaction.objects.get(key=f"receivable:{receivable.uuid}")
    assert dict(posting.entries.values_list("account__code", "amount")) == {
        receivable.account: 9_000,
        "fee_refunded:USD": 1_000,
        reversal.account: -10_000,
    }
    second = actions.release_part(by=None, part=hold.parts.last())
    work()
    second.refresh_from_db()
    receivable.refresh_from_db()
    assert (second.state, second.offset, second.transferred) == ("sent", 9_000, 18_000)
    assert (receivable.state, receivable.left) == ("repaid", 0)
    assert books("student_receivable", receivable.payee.party) == 0
    assert sandbox.get(f"/v1/transfers/{second.transfer_id}")["amount"] == 18_000
    add_up(hold)


def test_a_debt_above_the_next_release_leaves_nothing_to_send_and_never_less(
    released, moderator, work, sandbox, emptied, make_hold, secure
):
    hold, release = released()
    emptied()
    actions.refund_released(by=moderator, release=release, amount=20_000, reason="all was wrong")
    work()
    small = make_hold(parts=((10_000, 1_000),))
    secure(small)
    before = len(sandbox.all("/v1/transfers"))
    kept = actions.release_part(by=None, part=small.parts.get())
    work()
    kept.refresh_from_db()
    receivable = Receivable.objects.get()
    assert (kept.state, kept.transferred, kept.transfer_id) == ("sent", 0, None)
    assert (receivable.state, receivable.left) == ("owed", 9_000)
    assert len(sandbox.all("/v1/transfers")) == before
    small.refresh_from_db()
    assert small.state == "settled"
    # Taking back what was kept back makes the debt be there again: nothing was sent that could be reversed.
    actions.refund_released(by=moderator, release=kept, amount=10_000, reason="this, too")
    work()
    assert sum(row.left for row in Receivable.objects.all()) == 18_000
    assert add_up(small)["refunded"] == 10_000


def test_two_releases_at_once_repay_a_debt_once(released, moderator, work, emptied, make_hold, secure):
    hold, release = released()
    emptied()
    actions.refund_released(by=moderator, release=release, amount=20_000, reason="all was wrong")
    work()
    holds = [make_hold(parts=((20_000, 2_000),)) for _ in range(4)]
    for one in holds:
        secure(one)
    assert at_once(4, lambda index: actions.release_part(by=None, part=holds[index].parts.get())) == []
    work()
    assert Receivable.objects.get().state == "repaid"
    assert sum(Release.objects.values_list("offset", flat=True)) == 18_000


def test_without_the_advance_a_moderator_decides(released, moderator, work, emptied, told):  # noqa: F811
    rules = policy.current()
    rules.advance_short_reversals = False
    rules.save()
    hold, release = released()
    emptied()
    actions.refund_released(by=moderator, release=release, amount=20_000, reason="x")
    work()
    reversal = Reversal.objects.get()
    assert reversal.state == "short"
    assert not Refund.objects.exists()
    assert "reversal_short" in told
    assert reversing.reversible(release) == 0  # it is asked for, and not twice
    actions.retry_reversal(by=moderator, reversal=reversal)
    work()
    reversal.refresh_from_db()
    assert reversal.state == "short"
    assert Call.objects.filter(operation="reversal").count() == 2
    actions.advance_reversal(by=moderator, reversal=reversal, reason="it is our risk")
    work()
    assert Refund.objects.get().state == "succeeded"
    with pytest.raises(WrongMoment):
        actions.advance_reversal(by=moderator, reversal=reversal, reason="again")


def test_a_debt_is_written_off_by_two_above_the_limit(released, moderator, other, work, emptied):
    hold, release = released()
    emptied()
    actions.refund_released(by=moderator, release=release, amount=20_000, reason="x")
    work()
    receivable = Receivable.objects.get()
    assert actions.write_off(by=moderator, receivable=receivable, reason="cannot pay") is False
    with pytest.raises(WrongMoment, match="second moderator"):
        actions.write_off(by=moderator, receivable=receivable, reason="cannot pay")
    assert actions.write_off(by=other, receivable=receivable, reason="agreed") is True
    assert books("bad_debt") == 18_000
    assert books("student_receivable", receivable.payee.party) == 0
    with pytest.raises(WrongMoment):
        actions.write_off(by=other, receivable=receivable, reason="again")


def test_a_small_debt_is_written_off_by_one(released, moderator, work, emptied):
    hold, release = released()
    emptied()
    actions.refund_released(by=moderator, release=release, amount=10_000, reason="x")
    work()
    assert actions.write_off(by=moderator, receivable=Receivable.objects.get(), reason="not worth it") is True
    assert books("bad_debt") == 9_000


# --- by hand at Stripe ----------------------------------------------------------------------------------------


def _by_hand(sandbox, path, **body):
    import urllib.parse
    import urllib.request

    request = urllib.request.Request(
        sandbox.base + path,
        urllib.parse.urlencode(body).encode(),
        {"Authorization": "Bearer sk_test_dashboard"},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        import json

        return json.load(answer)


@pytest.mark.parametrize("to_student", [True, False])
def test_a_reversal_by_hand_is_followed_and_a_moderator_says_where_it_goes(
    released,
    moderator,
    work,
    sandbox,
    told,
    to_student,  # noqa: F811
):
    hold, release = released()
    _by_hand(sandbox, f"/v1/transfers/{release.transfer_id}/reversals", amount=5_000)
    the_worker(work)
    reversal = Reversal.objects.get()
    assert (reversal.purpose, reversal.net, reversal.state) == ("hand", 5_000, "sent")
    assert add_up(hold)["recovered"] == 5_000
    assert "unexpected_at_stripe" in told
    decide = actions.release_recovered if to_student else actions.refund_recovered
    decide(by=moderator, reversal=reversal, reason="it was a mistake")
    work()
    with pytest.raises(WrongMoment):
        decide(by=moderator, reversal=reversal, reason="twice")
    found = add_up(hold)
    assert found["recovered"] == 0
    assert (found["net_released"], found["refunded"]) == ((18_000, 0) if to_student else (13_000, 5_000))


def test_a_refund_by_hand_takes_what_is_held_and_shows_what_was_not(
    released,
    work,
    sandbox,
    told,
    moderator,  # noqa: F811
):
    hold, release = released()
    charge = hold.fundings.get().charge_id
    _by_hand(sandbox, "/v1/refunds", charge=charge, amount=32_000)
    the_worker(work)
    refund = Refund.objects.get()
    assert (refund.state, refund.unexplained) == ("succeeded", 2_000)
    assert add_up(hold)["refunded"] == 30_000
    assert books("suspense") == 2_000
    assert told.count("unexpected_at_stripe") == 1
    actions.bear_refund(by=moderator, refund=refund, reason="a mistake of ours")
    assert (books("suspense"), books("goodwill")) == (0, 2_000)
    with pytest.raises(WrongMoment):
        actions.bear_refund(by=moderator, refund=refund, reason="twice")


def test_our_refund_that_was_made_by_hand_before_it_went_is_that_one(secure, hold, sandbox, work):
    secure(hold)
    refund = actions.refund_rest(by=None, hold=hold, reason="cancelled")
    _by_hand(sandbox, "/v1/refunds", charge=hold.fundings.get().charge_id, amount=50_000)
    tasks.poll_events()
    tasks.drain_events()
    tasks.drain_calls()
    refund.refresh_from_db()
    assert refund.state == "returned"
    assert books("suspense") == 0
    assert sum(row.amount for row in Refund.objects.filter(state="succeeded")) == 50_000
    assert books("stripe_balance") == -books("stripe_fee")


# --- refunds that went wrong ----------------------------------------------------------------------------------


@pytest.fixture
def bounced(secure, hold, work, sandbox):
    secure(hold)
    refund = actions.refund_rest(by=None, hold=hold, reason="cancelled")
    work()
    refund.refresh_from_db()
    sandbox.control(f"refunds/{refund.refund_id}/fail")
    tasks.poll_events()
    tasks.drain_events()
    refund.refresh_from_db()
    assert refund.state == "failed"
    return refund


def test_a_failed_refund_is_sent_again_as_a_new_one(bounced, hold, moderator, work):
    again = actions.resend_refund(by=moderator, refund=bounced, reason="the card is valid again")
    assert again.call != bounced.call
    work()
    again.refresh_from_db()
    assert again.state == "succeeded"
    assert books("employer_credit", hold.payer_ref) == 0
    assert add_up(hold)["refunded"] == 50_000
    with pytest.raises(WrongMoment, match="sent again"):
        actions.resend_refund(by=moderator, refund=bounced, reason="twice")


def test_a_failed_refund_is_paid_by_bank(bounced, hold, moderator):
    with pytest.raises(ValidationError):
        actions.record_bank_refund(by=moderator, refund=bounced, reference=" ", reason="no card any more")
    actions.record_bank_refund(by=moderator, refund=bounced, reference="SEPA 77", reason="no card any more")
    assert bounced.state == "returned"
    assert (books("bank"), books("employer_credit", hold.payer_ref)) == (-50_000, 0)
    assert add_up(hold)["refunded"] == 50_000
    with pytest.raises(WrongMoment):
        actions.resend_refund(by=moderator, refund=bounced, reason="too late")


def test_two_moderators_at_once_send_it_again_once(bounced, moderator, work, sandbox):
    errors = at_once(6, lambda index: actions.resend_refund(by=moderator, refund=bounced, reason="again"))
    assert [type(error) for error in errors] == [WrongMoment] * 5
    work()
    assert len(sandbox.all("/v1/refunds")) == 2


def test_another_amount_than_asked_for_is_given_back_by_a_moderator(sandbox, hold, employer, moderator, work):
    from payments.holds.models import Funding
    from tests.payments.conftest import URLS

    funding = actions.start_checkout(by=employer, hold=hold, **URLS)
    actions.funding_url(funding)
    funding.refresh_from_db()
    Funding.objects.filter(pk=funding.pk).update(amount=49_999)
    sandbox.pay(funding.session_id)
    actions.refresh_funding(hold)
    funding.refresh_from_db()
    assert (funding.received, funding.received_currency) == (50_000, "USD")
    refund = actions.give_back_credit(by=moderator, funding=funding, reason="not what was asked for")
    work()
    refund.refresh_from_db()
    assert (refund.state, refund.amount) == ("succeeded", 50_000)
    assert books("employer_credit", hold.payer_ref) == 0
    with pytest.raises(WrongMoment):
        actions.give_back_credit(by=moderator, funding=funding, reason="twice")
    retry_waiting()
    assert len(sandbox.all("/v1/refunds")) == 1
