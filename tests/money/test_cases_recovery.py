"""Money that is taken back: by a bank, by a moderator, by somebody's hand in the dashboard; and sponsors' money."""

from datetime import timedelta

import pytest
from django.db import transaction

from accounts.schools.models import School, SchoolStaff
from marketplace.ground import clock, policy
from marketplace.ground.errors import Invalid, Refused
from payments.disputes import actions as disputes
from payments.disputes.models import Dispute
from payments.holds import actions
from payments.holds.actions import PartSpec
from payments.holds.models import Hold, Refund, Release
from payments.holds.recovery import Receivable, Reversal
from payments.ledger.chart import code
from payments.ledger.queries import balance
from payments.wallets import actions as wallets
from payments.wallets import queries as pools
from payments.wallets.models import Payback
from tests.payments.conftest import URLS

from . import facts
from .conftest import together

pytestmark = pytest.mark.django_db(transaction=True)


def books(name, key=None) -> int:
    return balance(code(name, "USD", key))


@pytest.fixture
def released(bank, make_hold, student, ready):
    """A hold whose first part, gross 200.00 and net 180.00, has reached the student's account."""
    hold = bank.secured(make_hold)
    ready(student)
    actions.release_part(by=None, part=hold.parts.first())
    bank.sandbox.control("webhooks", payout_after=10 * 86_400)
    bank.settle()
    release = Release.objects.get()
    assert release.state == "sent"
    return hold, release


def question(bank, hold, **more) -> Dispute:
    charge = hold.fundings.get(extra=False).charge_id
    found = bank.sandbox.control(f"charges/{charge}/dispute", **more)["id"]
    bank.settle()
    hold.refresh_from_db()
    return Dispute.objects.get(stripe_id=found)


def decide(bank, dispute, status: str) -> None:
    bank.sandbox.control(f"disputes/{dispute.stripe_id}/close", status=status)
    bank.settle()
    dispute.refresh_from_db()


@pytest.mark.parametrize("outcome", facts.some(["lost", "won"], 2))
def test_case_19_a_dispute_before_release_freezes_what_is_left(bank, make_hold, student, ready, outcome):
    hold = bank.secured(make_hold)
    ready(student)
    dispute = question(bank, hold)
    for act in (
        lambda: actions.release_part(by=None, part=hold.parts.first()),
        lambda: actions.refund_rest(by=None, hold=hold, reason="x"),
    ):
        with pytest.raises(Refused):
            act()
    assert (hold.figures()["disputed"], books("hold_frozen", dispute.uuid)) == (50_000, 50_000)
    decide(bank, dispute, outcome)
    assert bank.refunds() == []
    if outcome == "won":
        actions.release_part(by=None, part=hold.parts.first())
        bank.settle()
        assert hold.figures()["released"] == 20_000
    else:
        assert (hold.figures()["charged_back"], books("dispute_loss")) == (50_000, 0)
    assert bank.clean()


@pytest.mark.parametrize("after_payout", facts.some([True, False], 1))
def test_case_19_a_dispute_after_release_or_payout_is_a_loss_of_the_platform(bank, released, after_payout):
    hold, release = released
    if after_payout:
        bank.sandbox.run(force=True)
        bank.sandbox.run(force=True)
    dispute = question(bank, hold)
    assert hold.figures()["disputed"] == 30_000
    decide(bank, dispute, "lost")
    assert (books("dispute_loss"), books("dispute_receivable", dispute.uuid)) == (20_000, 0)
    assert (hold.figures()["released"], hold.figures()["charged_back"]) == (20_000, 30_000)
    assert bank.refunds() == []
    assert bank.clean()


def test_case_19_a_dispute_of_a_partly_refunded_charge_adds_up(bank, make_hold):
    hold = bank.secured(make_hold)
    actions.cancel_part(by=None, part=hold.parts.first(), reason="not needed")
    bank.settle()
    dispute = question(bank, hold)
    decide(bank, dispute, "lost")
    figures = hold.figures()
    assert (figures["refunded"], figures["charged_back"]) == (20_000, 30_000)
    assert len(bank.refunds()) == 1
    assert bank.clean()


def test_case_20_won_after_a_reversal_the_student_gets_it_again_once(bank, released, moderator):
    hold, release = released
    rules = policy.current()
    rules.disputes_from_students = True
    rules.save()
    dispute = question(bank, hold)
    disputes.take_back_for(
        by=moderator, dispute=dispute, release=release, amount=20_000, reason="to cover it"
    )
    bank.settle()
    assert Reversal.objects.get().state == "sent"
    decide(bank, dispute, "won")
    for event in bank.events()[-3:]:
        bank.sandbox.control("replay", event=event["id"])
    bank.settle()
    again = Release.objects.exclude(pk=release.pk).get()
    assert (again.state, again.net) == ("sent", 18_000)
    assert [row["amount"] for row in bank.transfers()] == [18_000, 18_000]
    assert hold.figures()["net_released"] == 18_000
    assert bank.clean()


def test_case_21_a_refund_that_fails_ten_days_later_stands_as_the_payers_credit(bank, make_hold):
    hold = bank.secured(make_hold)
    actions.refund_rest(by=None, hold=hold, reason="cancelled")
    bank.settle()
    refund = Refund.objects.get()
    assert refund.state == "succeeded"
    clock.advance(timedelta(days=10))
    bank.sandbox.control(f"refunds/{refund.refund_id}/fail")
    bank.settle()
    refund.refresh_from_db()
    assert (refund.state, bool(refund.failure)) == ("failed", True)
    assert books("employer_credit", hold.payer_ref) == 50_000
    assert books("platform_fee") == 0
    assert bank.clean()


def test_case_22_a_short_reversal_is_owed_and_repaid_from_the_next_release(
    bank, released, make_hold, moderator
):
    hold, release = released
    for _ in range(3):
        bank.sandbox.run(force=True)  # the payout leaves, and arrives
    actions.refund_released(by=moderator, release=release, amount=20_000, reason="not their own work")
    bank.settle()
    receivable = Receivable.objects.get()
    assert (receivable.state, receivable.left) == ("owed", 18_000)
    assert Refund.objects.get().state == "succeeded"
    following = bank.secured(make_hold, parts=((10_000, 1_000), (30_000, 3_000)))
    for part in following.parts.all():
        actions.release_part(by=None, part=part)
        bank.settle()
    receivable.refresh_from_db()
    assert receivable.left == 0
    sent = list(Release.objects.filter(part__hold=following).order_by("id"))
    assert [row.transferred for row in sent] == [0, 18_000]
    assert all(row["amount"] > 0 for row in bank.transfers())
    assert bank.clean()


def test_case_27_a_refund_by_hand_is_followed_and_what_was_not_held_is_suspense(bank, released):
    hold, release = released
    bank.by_hand("/v1/refunds", charge=hold.fundings.get().charge_id, amount=32_000)
    bank.settle()
    refund = Refund.objects.get()
    assert (refund.state, refund.unexplained) == ("succeeded", 2_000)
    assert hold.figures()["refunded"] == 30_000
    assert books("suspense") == 2_000
    assert _stripe_is(bank)


def test_case_27_a_reversal_by_hand_waits_for_a_moderator(bank, released):
    hold, release = released
    bank.by_hand(f"/v1/transfers/{release.transfer_id}/reversals", amount=5_000)
    bank.settle()
    reversal = Reversal.objects.get()
    assert (reversal.purpose, reversal.net, reversal.state) == ("hand", 5_000, "sent")
    assert hold.figures()["recovered"] == 5_000
    assert _stripe_is(bank)


def test_case_27_a_transfer_by_hand_is_found_within_a_day(bank, released):
    """Nothing of ours asked for it: it stands in suspense, or is told as a difference."""
    from payments.stripe.models import Reconciliation

    hold, release = released
    bank.by_hand(
        "/v1/transfers",
        amount=700,
        currency="usd",
        destination=release.destination,
        source_transaction=hold.fundings.get().charge_id,
    )
    clock.advance(timedelta(hours=23))
    bank.settle(
        "payments.poll_events", "payments.drain_events", "payments.reconcile", "payments.drain_events"
    )
    told = Reconciliation.objects.order_by("-id").first().differences
    assert books("suspense") == 700 or any("700" in str(row) for row in told)


def _stripe_is(bank) -> bool:
    from . import audit

    assert audit.books() == []
    assert audit.at_stripe(bank.sandbox.all) == []
    return True


# --- 29: sponsors -------------------------------------------------------------------------------------------


@pytest.fixture
def coordinators(make_person):
    return make_person("Ruth Career"), make_person("Sam Career")


@pytest.fixture
def wallet(coordinators):
    school = School.objects.create(name="Northgate College")
    for person in coordinators:
        SchoolStaff.objects.create(user=person, school=school)
    return wallets.open_wallet(by=coordinators[0], school=school)


def top_up(bank, wallet, by, amount: int):
    lot = wallets.start_top_up(by=by, wallet=wallet, amount=amount, **URLS)
    wallets.top_up_url(lot)
    lot.refresh_from_db()
    bank.sandbox.pay(lot.session_id)
    bank.settle()
    lot.refresh_from_db()
    assert lot.state == "paid"
    return lot


def allocate(wallet, student, number: int, amount: int) -> Hold:
    with transaction.atomic():
        row = wallets.lock_wallet(wallet)
        pieces = wallets.lots_for(row, [amount])[0]
        hold = actions.open_hold(
            ref=f"engagement:sponsored-{number}",
            payee=student,
            payer_ref="org-1",
            currency="USD",
            description="Survey",
            parts=[PartSpec("m1", piece, 0, lot=lot) for lot, piece in pieces],
        )
        assert actions.secure_covered(hold)
    return hold


def test_case_29_two_coordinators_at_once_never_draw_the_pool_below_zero(bank, wallet, coordinators, student):
    top_up(bank, wallet, coordinators[0], 50_000)
    results = together(
        *[lambda number=number: allocate(wallet, student, number, 30_000) for number in (1, 2)]
    )
    assert sorted(isinstance(result, Refused) for result in results) == [False, True]
    assert pools.pool(wallet) == 20_000
    assert Hold.objects.count() == 1
    bank.settle()
    assert bank.clean()


def test_case_29_only_the_free_part_goes_back_and_to_the_lots_own_charge(
    bank, wallet, coordinators, student, ready
):
    first, second = (top_up(bank, wallet, coordinators[0], amount) for amount in (50_000, 20_000))
    hold = allocate(wallet, student, 1, 60_000)
    with pytest.raises(Invalid, match="free"):
        wallets.pay_back(by=coordinators[1], wallet=wallet, amount=10_001)
    wallets.pay_back(by=coordinators[1], wallet=wallet, amount=10_000)
    bank.settle()
    assert Payback.objects.get().state == "succeeded"
    assert [row["charge"] for row in bank.refunds()] == [second.charge_id]
    assert pools.pool(wallet) == 0
    ready(student)
    hold.refresh_from_db()
    actions.release_parts(by=None, hold=hold, ref="m1")
    bank.settle()
    assert {row["source_transaction"] for row in bank.transfers()} == {first.charge_id, second.charge_id}
    assert sum(row["amount"] for row in bank.transfers()) == 60_000
    assert bank.clean()
