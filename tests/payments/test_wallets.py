"""Sponsors' money: into a wallet, from there into holds, and back."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction

from accounts.employers.models import Membership, Organisation
from accounts.schools.models import School, SchoolStaff
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from payments.holds import actions as holds
from payments.holds import queries as hold_queries
from payments.holds.actions import PartSpec
from payments.holds.models import Release
from payments.holds.sponsors import SponsorReturn
from payments.ledger.queries import balance, trial_balance
from payments.reconciling import actions as reconcile
from payments.stripe import gateway
from payments.stripe.models import Call
from payments.stripe.tasks import poll_events
from payments.wallets import actions, queries
from payments.wallets.actions import topping_up
from payments.wallets.models import Lot, Payback, Wallet
from tests.money import audit
from tests.payments.test_sandbox import post

URLS = {"success_url": "http://localhost:8000/done/", "cancel_url": "http://localhost:8000/back/"}


@pytest.fixture
def coordinator(make_person):
    return make_person("Ruth Career")


@pytest.fixture
def moderator(make_person):
    person = make_person("Mo Derator")
    get_user_model().objects.filter(pk=person.pk).update(is_staff=True)
    person.refresh_from_db()
    return person


@pytest.fixture
def wallet(coordinator):
    school = School.objects.create(name="Northgate College")
    SchoolStaff.objects.create(user=coordinator, school=school)
    return actions.open_wallet(by=coordinator, school=school)


@pytest.fixture
def given(wallet, moderator):
    """Money by recorded bank transfers, for tests that need no Stripe."""

    def give(*amounts):
        return [
            actions.record_transfer(
                by=moderator,
                wallet=wallet,
                amount=amount,
                received_on=clock.now().date(),
                reference=f"GIFT {wallet.lots.count()}",
            )
            for amount in amounts
        ]

    return give


@pytest.fixture
def topped_up(sandbox, wallet, coordinator):
    """Money by Stripe's payment page."""

    def pay(amount, method="success"):
        lot = actions.start_top_up(by=coordinator, wallet=wallet, amount=amount, **URLS)
        assert actions.top_up_url(lot).startswith(sandbox.base)
        lot.refresh_from_db()
        sandbox.pay(lot.session_id, method)
        actions.refresh_lots(wallet)
        lot.refresh_from_db()
        return lot

    return pay


def sponsored_hold(make_hold, wallet, *, share=30_000, rest=((20_000, 2_000),), **more):
    """One milestone: `share` from the wallet, and the payer's rest."""
    with transaction.atomic():
        actions.lock_wallet(wallet)
        pieces = actions.lots_for(wallet, [share])[0]
        parts = [PartSpec("m1", amount, 0, lot=lot) for lot, amount in pieces]
        parts += [PartSpec("m1", price, fee) for price, fee in rest]
        number = Wallet.objects.count() + Lot.objects.count() + hold_queries.Hold.objects.count()
        return holds.open_hold(
            **{
                "ref": f"engagement:sponsored-{number}",
                "payee": more.pop("payee", None) or make_hold().payee.user,
                "payer_ref": "org-1",
                "currency": "USD",
                "description": "Survey",
                "parts": parts,
                **more,
            }
        )


# --- money comes in ---------------------------------------------------------------------------------------
def test_money_paid_by_card_stands_in_the_wallet_with_its_charge(topped_up, wallet):
    lot = topped_up(100_000)

    assert (lot.state, queries.pool(wallet)) == ("paid", 100_000)
    assert lot.charge_id.startswith("ch_")
    assert balance(lot.account) == 100_000
    assert sum(total for _, _, total in trial_balance()) == 0


def test_a_second_press_finds_the_first_page(sandbox, wallet, coordinator):
    first = actions.start_top_up(by=coordinator, wallet=wallet, amount=100_000, **URLS)
    assert actions.start_top_up(by=coordinator, wallet=wallet, amount=100_000, **URLS) == first


def test_a_lost_webhook_is_made_up_for_by_looking(sandbox, wallet, coordinator, work):
    from payments.wallets.tasks import look_at_wallets

    lot = actions.start_top_up(by=coordinator, wallet=wallet, amount=100_000, **URLS)
    actions.top_up_url(lot)
    lot.refresh_from_db()
    sandbox.pay(lot.session_id)
    clock.advance(timedelta(minutes=11))
    look_at_wallets()
    assert queries.pool(wallet) == 100_000


def test_a_bank_debit_puts_money_in_when_it_has_come(topped_up, wallet, sandbox):
    lot = topped_up(100_000, "bank")
    assert (lot.state, queries.pool(wallet)) == ("processing", 0)
    sandbox.run(force=True)
    actions.refresh_lots(wallet)
    assert queries.pool(wallet) == 100_000


def test_a_declined_card_puts_nothing_in(topped_up, wallet):
    assert topped_up(100_000, "declined").state == "open"
    assert queries.pool(wallet) == 0


def test_a_bank_transfer_is_recorded_by_a_moderator_once(wallet, moderator, coordinator, given):
    given(250_000)
    assert queries.pool(wallet) == 250_000
    assert balance("bank:USD") == 250_000
    again = {"wallet": wallet, "amount": 250_000, "received_on": clock.now().date(), "reference": "GIFT 0"}
    with pytest.raises(Invalid, match="recorded already"):
        actions.record_transfer(by=moderator, **again)
    with pytest.raises(NotAllowed):
        actions.record_transfer(by=coordinator, **again)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount": -5},
        {"amount": True},
        {"amount": 10**18},
        {"amount": 10.5},
        {"amount": None},
        {"reference": "  "},
        {"reference": "x" * 81},
        {"received_on": "tomorrow"},
        {"received_on": "long ago"},
    ],
)
def test_a_transfer_that_cannot_be_is_refused(wallet, moderator, wrong):
    today = clock.now().date()
    days = {"tomorrow": today + timedelta(days=1), "long ago": today - timedelta(days=400)}
    given = {"amount": 100, "received_on": today, "reference": "GIFT", **wrong}
    given["received_on"] = days.get(given["received_on"], given["received_on"])
    with pytest.raises(Invalid):
        actions.record_transfer(by=moderator, wallet=wallet, **given)
    assert not wallet.lots.exists()


@pytest.mark.parametrize("amount", [0, -1, 4_999, 10**18, True, None, 100.0, "100"])
def test_an_amount_that_cannot_be_paid_is_refused(wallet, coordinator, amount):
    with pytest.raises(Invalid):
        actions.start_top_up(by=coordinator, wallet=wallet, amount=amount, **URLS)
    assert not Call.objects.exists()


def test_a_transfer_recorded_by_mistake_is_taken_back_while_it_is_whole(wallet, moderator, given, make_hold):
    first, second = given(10_000, 20_000)
    actions.void_transfer(by=moderator, lot=first, reasons="Another sponsor's")
    assert queries.pool(wallet) == 20_000
    sponsored_hold(make_hold, wallet, share=5_000)
    with pytest.raises(WrongMoment, match="given to projects"):
        actions.void_transfer(by=moderator, lot=second, reasons="Too late")


# --- out into holds and back ------------------------------------------------------------------------------
def test_a_share_over_two_lots_is_two_parts_that_add_up(wallet, given, make_hold):
    given(10_000, 40_000)
    hold = sponsored_hold(make_hold, wallet, share=30_000)

    assert [(part.price, part.fee) for part in hold.parts.all()] == [
        (10_000, 0),
        (20_000, 0),
        (20_000, 2_000),
    ]
    assert (hold.price, hold.fee, hold.sponsored, hold.due) == (50_000, 2_000, 30_000, 20_000)
    assert queries.pool(wallet) == 20_000
    assert hold.figures()["secured"] == 0, "the payer's part is still to come"


def test_the_payer_is_asked_for_the_rest_only(wallet, given, make_hold, secure):
    given(50_000)
    hold = sponsored_hold(make_hold, wallet)
    funding = secure(hold)

    assert (funding.amount, hold.state) == (20_000, "secured")
    figures = hold.figures()
    assert (figures["secured"], figures["held"], figures["sponsored"]) == (50_000, 50_000, 30_000)


def test_a_hold_that_sponsors_cover_is_secured_without_a_payment(wallet, given, make_hold):
    given(50_000)
    hold = sponsored_hold(make_hold, wallet, rest=())
    assert holds.secure_covered(hold)
    assert (hold.state, hold.fundings.count(), Call.objects.count()) == ("secured", 0, 0)
    assert not holds.secure_covered(hold), "once"
    with pytest.raises(WrongMoment, match="already secured"):
        holds.start_checkout(by=None, hold=hold, **URLS)


def test_a_hold_that_lapses_gives_the_sponsor_everything_back_at_once(wallet, given, make_hold):
    given(50_000)
    hold = sponsored_hold(make_hold, wallet)
    holds.cancel_hold(by=None, hold=hold, reason="Not paid in time")
    assert queries.pool(wallet) == 50_000
    assert [row.amount for row in SponsorReturn.objects.all()] == [30_000]
    assert {part.status for part in hold_queries.hold_for(hold.ref).parts.all()} == {"cancelled"}


def test_cancelling_sends_each_share_back_to_where_it_came_from(wallet, given, make_hold, secure):
    given(50_000)
    hold = sponsored_hold(make_hold, wallet)
    secure(hold)
    refund = holds.refund_rest(by=None, hold=hold, reason="Called off")

    assert refund.amount == 20_000, "the sponsor's money never goes to the payer's card"
    assert queries.pool(wallet) == 50_000
    figures = hold.figures()
    assert figures["secured"] == figures["refunding"] + figures["refunded"] + figures["returned"] == 50_000


def test_what_the_student_gets_on_cancelling_is_paid_by_both_in_proportion(wallet, given, make_hold, secure):
    given(50_000)
    hold = sponsored_hold(make_hold, wallet)  # net: 30,000 of the sponsor, 18,000 of the payer
    secure(hold)
    refund = holds.refund_rest(by=None, hold=hold, reason="Called off", pay_student_net=12_000)

    nets = {bool(row.part.lot_id): row.net for row in Release.objects.select_related("part")}
    assert nets == {True: 7_500, False: 4_500}
    assert refund.amount == 20_000 - 4_500 - 500, "the fee only on what the payer's share pays"
    assert queries.pool(wallet) == 20_000 + 22_500
    figures = hold.figures()
    assert figures["secured"] == sum(
        figures[name] for name in ("releasing", "refunding", "refunded", "returned")
    )


def test_releasing_a_milestone_releases_every_source_with_its_own_charge(
    topped_up, wallet, make_hold, secure, ready, work, sandbox
):
    lot = topped_up(100_000)
    hold = sponsored_hold(make_hold, wallet)
    funding = secure(hold)
    funding.refresh_from_db()
    ready(hold.payee.user)
    holds.release_parts(by=None, hold=hold, ref="m1")
    work()

    charges = {row["source_transaction"]: row["amount"] for row in sandbox.all("/v1/transfers")}
    assert charges == {lot.charge_id: 30_000, funding.charge_id: 18_000}
    hold.refresh_from_db()
    assert (hold.state, balance("platform_fee:USD")) == ("settled", 2_000)
    assert hold_queries.shares_of(hold_queries.hold_for(hold.ref))["m1"].status == "released"
    assert reconcile.run(timedelta(0)).differences == []


def test_money_at_the_operators_bank_waits_until_it_is_at_stripe(
    wallet, given, make_hold, ready, work, sandbox, topped_up
):
    given(50_000)
    topped_up(90_000)  # other money at Stripe, which must not go in its place
    hold = sponsored_hold(make_hold, wallet, rest=())
    holds.secure_covered(hold)
    ready(hold.payee.user)
    holds.release_parts(by=None, hold=hold, ref="m1")
    work()
    release = Release.objects.get()
    assert (release.state, release.status_words) == ("waiting_funds", "Approved, waiting for funds at Stripe")

    sandbox.control("topup", amount=30_000)
    poll_events()
    work()
    release.refresh_from_db()
    assert release.state == "sent"
    assert balance("bank:USD") == 20_000
    assert reconcile.run(timedelta(0)).differences == []


def test_two_people_can_be_paid_on_one_engagement(wallet, given, make_hold, make_person, ready, secure, work):
    mentor = make_person("Mina Mentor")
    student = make_person("Stu Dent")
    hold = holds.open_hold(
        ref="engagement:two",
        payee=student,
        payer_ref="org-1",
        currency="USD",
        description="Survey",
        parts=[PartSpec("m1", 20_000, 2_000), PartSpec("m1-mentor", 5_000, 500, payee=mentor)],
    )
    secure(hold)
    for person in (student, mentor):
        ready(person)
    for ref in ("m1", "m1-mentor"):
        holds.release_parts(by=None, hold=hold, ref=ref)
    work()
    paid = dict(Release.objects.values_list("part__payee__user__name", "net"))
    assert paid == {"Stu Dent": 18_000, "Mina Mentor": 4_500}


@pytest.mark.parametrize(
    "parts",
    [
        lambda lot: [PartSpec("m1", 1_000, 1, lot=lot)],
        lambda lot: [PartSpec("m1", 1_000, 0, lot=lot), PartSpec("m1", 500, 0, lot=lot)],
        lambda lot: [PartSpec("m1", 0, 0, lot=lot)],
        lambda lot: [PartSpec("m1", -5, 0, lot=lot)],
        lambda lot: [PartSpec("m1", 10**18, 0, lot=lot)],
        lambda lot: [PartSpec("m1", True, 0, lot=lot)],
    ],
)
def test_parts_that_cannot_be_are_refused(given, make_person, parts):
    (lot,) = given(50_000)
    with pytest.raises(Invalid):
        holds.open_hold(
            ref="x",
            payee=make_person(),
            payer_ref="o",
            currency="USD",
            description="d",
            parts=parts(lot),
        )
    assert balance(lot.account) == 50_000


def test_another_currency_is_refused(given, make_person):
    (lot,) = given(50_000)
    with pytest.raises(Invalid, match="another currency"):
        holds.open_hold(
            ref="x",
            payee=make_person(),
            payer_ref="o",
            currency="EUR",
            description="d",
            parts=[PartSpec("m1", 1_000, 0, lot=lot)],
        )


def test_a_lot_cannot_be_overdrawn_even_by_a_mistake_of_ours(given, make_person):
    (lot,) = given(5_000)
    with pytest.raises(WrongMoment, match="run out"):
        holds.open_hold(
            ref="x",
            payee=make_person(),
            payer_ref="o",
            currency="USD",
            description="d",
            parts=[PartSpec("m1", 5_001, 0, lot=lot)],
        )
    assert not hold_queries.Hold.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Lot.objects.filter(pk=lot.pk).update(reference="")


# --- back to the sponsor ----------------------------------------------------------------------------------
def test_only_the_free_part_goes_back_to_the_charges_it_came_from(
    topped_up, wallet, coordinator, make_hold, work, sandbox
):
    first, second = topped_up(60_000), topped_up(50_000)
    sponsored_hold(make_hold, wallet, share=70_000)
    with pytest.raises(Invalid, match=r"\$40.00 is free"):
        actions.pay_back(by=coordinator, wallet=wallet, amount=40_001, keep=36_000)
    rows = actions.pay_back(by=coordinator, wallet=wallet, amount=40_000)
    work()

    assert [(row.lot, row.amount) for row in rows] == [(second, 40_000)]
    assert [row["charge"] for row in sandbox.all("/v1/refunds")] == [second.charge_id]
    assert Payback.objects.get().state == "succeeded"
    assert (queries.pool(wallet), balance(first.account)) == (0, 0)
    assert reconcile.run(timedelta(0)).differences == []


@pytest.mark.parametrize("amount", [0, -1, True, None, 10**18, 1.5, "5"])
def test_an_amount_that_cannot_go_back_is_refused(given, wallet, coordinator, amount):
    given(10_000)
    with pytest.raises((Invalid, TypeError)):
        actions.pay_back(by=coordinator, wallet=wallet, amount=amount)
    assert queries.pool(wallet) == 10_000


def test_a_return_that_the_bank_sends_back_is_free_again(topped_up, wallet, coordinator, work, sandbox):
    topped_up(60_000)
    (row,) = actions.pay_back(by=coordinator, wallet=wallet, amount=60_000)
    work()
    row.refresh_from_db()
    sandbox.control(f"refunds/{row.refund_id}/fail")
    poll_events()
    work()
    row.refresh_from_db()
    assert (row.state, queries.pool(wallet)) == ("failed", 60_000)
    assert reconcile.run(timedelta(0)).differences == []


def test_a_return_to_the_sponsor_is_nobodys_error(topped_up, wallet, coordinator, work, caplog):
    topped_up(60_000)
    actions.pay_back(by=coordinator, wallet=wallet, amount=60_000)
    work()
    poll_events()
    work()
    assert Payback.objects.get().state == "succeeded"
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def refund_by_hand(sandbox, lot, amount: int) -> None:
    status, *_ = post(sandbox, "/v1/refunds", {"payment_intent": lot.intent_id, "amount": amount})
    assert status == 200


def test_what_was_refunded_by_hand_of_what_is_free_leaves_the_wallet(topped_up, wallet, work, sandbox):
    lot = topped_up(60_000)
    refund_by_hand(sandbox, lot, 20_000)
    for _ in range(2):
        poll_events()
        work()
    row = Payback.objects.get()
    assert (row.state, row.amount, row.beyond, queries.pool(wallet)) == ("succeeded", 20_000, 0, 40_000)
    assert queries.sums(wallet) == {"received": 60_000, "paid_back": 20_000}
    assert audit.everything(sandbox.all) == []


def test_what_was_refunded_by_hand_although_it_was_promised_waits_for_a_return_or_a_person(
    topped_up, wallet, coordinator, moderator, work, sandbox
):
    """Our own return of all that is free is under way when a hand refunds a part of it at Stripe."""
    lot = topped_up(60_000)
    (ours,) = actions.pay_back(by=coordinator, wallet=wallet, amount=60_000)
    refund_by_hand(sandbox, lot, 20_000)
    poll_events()
    work()
    ours.refresh_from_db()
    by_hand = Payback.objects.get(call=None)
    assert (ours.state, by_hand.state, by_hand.beyond) == ("failed", "succeeded", 0)
    assert queries.pool(wallet) == 40_000
    assert audit.everything(sandbox.all) == []


def test_the_platform_bears_what_a_hand_refunded_of_money_that_is_with_a_project(
    topped_up, wallet, moderator, make_hold, work, sandbox
):
    lot = topped_up(60_000)
    sponsored_hold(make_hold, wallet, share=55_000, rest=())
    refund_by_hand(sandbox, lot, 20_000)
    poll_events()
    work()
    row = Payback.objects.get()
    assert (row.beyond, row.unexplained, queries.pool(wallet)) == (15_000, 15_000, 0)
    assert [*audit.books(), *audit.at_stripe(sandbox.all)] == []
    assert [line.split(":")[0] for line in audit.reconciled()] == ["suspense"]
    actions.bear_payback(by=moderator, payback=row, reason="Ours to bear.")
    assert (row.unexplained, balance("goodwill:USD"), balance("suspense:USD")) == (0, 15_000, 0)
    with pytest.raises(WrongMoment):
        actions.bear_payback(by=moderator, payback=row, reason="Twice.")
    sandbox.control(f"refunds/{row.refund_id}/fail")
    poll_events()
    work()
    assert (queries.pool(wallet), balance("goodwill:USD")) == (5_000, 0)
    assert audit.everything(sandbox.all) == []


def test_what_came_by_bank_goes_back_by_bank(given, wallet, coordinator, moderator):
    given(10_000)
    first, second = (
        actions.pay_back(by=coordinator, wallet=wallet, amount=amount)[0] for amount in (4_000, 6_000)
    )
    actions.record_payback(by=moderator, payback=first, reference="OUT 1")
    actions.fail_payback(by=moderator, payback=second, reasons="Account closed")
    assert (first.state, second.state) == ("succeeded", "failed")
    assert (queries.pool(wallet), balance("bank:USD")) == (6_000, 6_000)
    with pytest.raises(WrongMoment):
        actions.record_payback(by=moderator, payback=first, reference="OUT 1")


def test_a_frozen_wallet_gives_nothing_and_sends_nothing_back(given, wallet, coordinator, moderator):
    given(10_000)
    actions.freeze_wallet(by=moderator, wallet=wallet, why="A question")
    with pytest.raises(WrongMoment, match="frozen: A question"):
        actions.lots_for(wallet, [100])
    with pytest.raises(WrongMoment):
        actions.pay_back(by=coordinator, wallet=wallet, amount=100)
    actions.thaw_wallet(by=moderator, wallet=wallet)
    assert actions.lots_for(wallet, [100])


def test_a_foundation_is_a_verified_organisation_with_a_wallet(make_person, moderator):
    owner, manager = make_person(), make_person()
    fund = Organisation.objects.create(name="Riverside Fund")
    Membership.objects.create(organisation=fund, user=owner, role="owner")
    Membership.objects.create(organisation=fund, user=manager, role="manager")
    with pytest.raises(WrongMoment, match="verified"):
        actions.open_wallet(by=owner, organisation=fund)
    fund.verified_at = clock.now()
    fund.save()
    with pytest.raises(NotAllowed):
        actions.open_wallet(by=manager, organisation=fund)
    wallet = actions.open_wallet(by=owner, organisation=fund)
    assert actions.open_wallet(by=owner, organisation=fund) == wallet
    assert [queries.visible_to(person).count() for person in (owner, manager, moderator)] == [1, 0, 1]


# --- at once ----------------------------------------------------------------------------------------------
def at_once(*jobs):
    """Run each job in a thread of its own, started together; returns what each returned or raised."""
    gate, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(place, job):
        gate.wait()
        try:
            results[place] = job()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
def test_the_last_money_is_allocated_once(wallet, given, make_hold, make_person):
    given(50_000)
    people = [make_person() for _ in range(8)]

    def take(number):
        with transaction.atomic():
            actions.lock_wallet(wallet)
            parts = [
                PartSpec("m1", amount, 0, lot=lot) for lot, amount in actions.lots_for(wallet, [30_000])[0]
            ]
            return holds.open_hold(
                ref=f"race:{number}",
                payee=people[number],
                payer_ref="o",
                currency="USD",
                description="d",
                parts=parts,
            )

    results = at_once(*(lambda n=n: take(n) for n in range(8)))
    assert sum(isinstance(found, WrongMoment) for found in results) == 7
    assert queries.pool(wallet) == 20_000


@pytest.mark.django_db(transaction=True)
def test_a_return_and_an_allocation_never_share_the_same_money(wallet, given, coordinator, make_person):
    given(50_000)
    person = make_person()

    def allocate():
        with transaction.atomic():
            actions.lock_wallet(wallet)
            parts = [
                PartSpec("m1", amount, 0, lot=lot) for lot, amount in actions.lots_for(wallet, [40_000])[0]
            ]
            return holds.open_hold(
                ref="race", payee=person, payer_ref="o", currency="USD", description="d", parts=parts
            )

    results = at_once(
        allocate,
        lambda: actions.pay_back(by=coordinator, wallet=wallet, amount=30_000),
        lambda: actions.pay_back(by=coordinator, wallet=wallet, amount=30_000),
    )
    refused = [found for found in results if isinstance(found, Exception)]
    assert len(refused) == 2, results
    assert queries.pool(wallet) in (10_000, 20_000)


# --- payment pages that nobody has paid on ------------------------------------------------------------------
def test_a_page_closed_by_the_sponsor_is_closed_at_stripe(sandbox, wallet, coordinator, work):
    lot = actions.start_top_up(by=coordinator, wallet=wallet, amount=100_000, **URLS)
    actions.top_up_url(lot)
    lot.refresh_from_db()
    actions.close_top_up(by=coordinator, lot=lot)
    work()
    assert gateway.checkout(lot.session_id)["status"] == "expired"
    lot.refresh_from_db()
    assert (lot.state, queries.pool(wallet)) == ("expired", 0)
    assert actions.start_top_up(by=coordinator, wallet=wallet, amount=100_000, **URLS) != lot


def test_the_event_of_an_expired_page_closes_it_here(sandbox, wallet, coordinator, work):
    from payments.stripe import tasks

    lot = actions.start_top_up(by=coordinator, wallet=wallet, amount=100_000, **URLS)
    actions.top_up_url(lot)
    lot.refresh_from_db()
    gateway.send("checkout_expire", {"session": lot.session_id}, "by-hand")
    tasks.poll_events()
    tasks.drain_events()
    lot.refresh_from_db()
    assert lot.state == "expired"


def test_money_paid_while_the_page_was_being_closed_is_welcome(sandbox, wallet, coordinator, work):
    lot = actions.start_top_up(by=coordinator, wallet=wallet, amount=100_000, **URLS)
    actions.top_up_url(lot)
    lot.refresh_from_db()
    actions.close_top_up(by=coordinator, lot=lot)
    sandbox.pay(lot.session_id)
    work()
    topping_up.sync_lot(Lot.objects.select_related("wallet", "call").get(pk=lot.pk))
    lot.refresh_from_db()
    assert (lot.state, queries.pool(wallet)) == ("paid", 100_000)
