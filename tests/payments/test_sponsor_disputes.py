"""A bank takes a sponsor's payment back: what is free of it bears it, and projects that run go on."""

import itertools
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.notifications.models import Notification
from marketplace.ground.errors import WrongMoment
from payments.disputes import actions as disputes
from payments.disputes.actions import evidence
from payments.disputes.models import Dispute
from payments.disputes.tasks import disputes_clock
from payments.holds import actions as holds
from payments.holds.models import Release
from payments.ledger.models import LedgerTransaction
from payments.ledger.queries import balance
from payments.reconciling import actions as reconcile
from payments.stripe import gateway, tasks
from payments.stripe.models import Call, Event
from payments.wallets import actions, queries
from payments.wallets.models import Payback
from projects.sponsoring import figures
from tests.money import audit
from tests.payments.test_holds import later, told  # noqa: F401
from tests.payments.test_wallets import (  # noqa: F401
    URLS,
    at_once,
    coordinator,
    moderator,
    sponsored_hold,
    topped_up,
    wallet,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def the_books_are_stripes_to_the_cent(sandbox):
    yield
    assert audit.books() == []
    found = reconcile.run(patience=timedelta(0)).differences
    assert [row for row in found if not row["key"].startswith("posting:bt:txn_invented")] == []


@pytest.fixture
def hear(work):
    def run():
        for _ in range(3):
            tasks.poll_events()
            work()

    return run


@pytest.fixture
def question(sandbox, hear):
    """A bank disputes the payment of a lot, and the app hears of it."""

    def run(lot, **more):
        found = sandbox.control(f"charges/{lot.charge_id}/dispute", **more)["id"]
        hear()
        return Dispute.objects.get(stripe_id=found)

    return run


@pytest.fixture
def decide(sandbox, hear):
    def run(dispute, status):
        sandbox.control(f"disputes/{dispute.stripe_id}/close", status=status)
        hear()
        dispute.refresh_from_db()

    return run


def stands(dispute):
    """(set aside, taken and undecided, lost by the platform)."""
    return (
        balance(dispute.frozen_account),
        balance(dispute.account),
        balance(f"dispute_loss:{dispute.currency}"),
    )


# --- what is free bears it --------------------------------------------------------------------------------
def test_what_is_free_is_taken_out_of_the_wallet_and_comes_back_when_it_is_won(
    topped_up,
    wallet,
    question,
    decide,
    told,  # noqa: F811
):
    lot, other = topped_up(60_000), topped_up(20_000)
    dispute = question(lot)
    assert (dispute.lot, dispute.hold, dispute.taken, dispute.covered) == (lot, None, 60_000, 60_000)
    assert stands(dispute) == (60_000, 60_000, 0)
    wallet.refresh_from_db()
    assert (wallet.state, queries.pool(wallet)) == ("open", 20_000)
    assert actions.lots_for(wallet, [20_000]) == [[(other, 20_000)]]
    with pytest.raises(WrongMoment, match="run out"):
        actions.lots_for(wallet, [20_001])

    decide(dispute, "won")
    assert (dispute.covered, stands(dispute)) == (0, (0, 0, 0))
    assert queries.pool(wallet) == 80_000
    assert (told.count("lot_disputed"), told.count("dispute_closed")) == (1, 1)


def test_lost_it_is_gone_for_good_and_costs_the_platform_the_banks_fee_alone(
    topped_up, wallet, question, decide
):
    dispute = question(topped_up(60_000))
    decide(dispute, "lost")
    assert stands(dispute) == (0, 0, 0)
    assert (queries.pool(wallet), balance("dispute_fee:USD")) == (0, 1_500)
    assert (dispute.covered, dispute.beyond, dispute.booked_lost) == (60_000, 0, True)


def test_what_is_with_a_project_is_the_platforms_risk_and_the_project_goes_on(
    topped_up,
    wallet,
    make_hold,
    ready,
    work,
    question,
    decide,  # noqa: F811
):
    lot = topped_up(100_000)
    hold = sponsored_hold(make_hold, wallet, share=30_000, rest=())
    holds.secure_covered(hold)
    dispute = question(lot)
    assert (dispute.covered, dispute.beyond) == (70_000, 30_000)
    assert stands(dispute) == (70_000, 100_000, 0)

    hold.refresh_from_db()
    assert (hold.frozen_at, hold.figures()["held"]) == (None, 30_000)
    ready(hold.payee.user)
    holds.release_parts(by=None, hold=hold, ref="m1")
    work()
    assert Release.objects.get().state == "sent"
    decide(dispute, "lost")
    assert stands(dispute) == (0, 0, 30_000)


@pytest.mark.parametrize("lost_first", [False, True])
def test_what_a_project_gives_back_bears_what_was_not_covered(
    topped_up,
    wallet,
    make_hold,
    question,
    decide,
    lost_first,  # noqa: F811
):
    lot = topped_up(100_000)
    hold = sponsored_hold(make_hold, wallet, share=30_000, rest=())
    holds.secure_covered(hold)
    dispute = question(lot)
    if lost_first:
        decide(dispute, "lost")
        assert stands(dispute) == (0, 0, 30_000)
    holds.refund_rest(by=None, hold=hold, reason="Called off", pay_student_net=10_000)
    dispute.refresh_from_db()
    assert (dispute.covered, dispute.beyond, queries.pool(wallet)) == (90_000, 10_000, 0)
    if not lost_first:
        decide(dispute, "lost")
    assert stands(dispute) == (0, 0, 10_000)


def test_part_of_a_payment_leaves_the_rest_to_projects(topped_up, wallet, question, decide):
    lot = topped_up(60_000)
    dispute = question(lot, amount=25_000)
    assert (dispute.covered, queries.pool(wallet), queries.spendable_in(wallet)) == (25_000, 35_000, 35_000)
    assert actions.lots_for(wallet, [35_000]) == [[(lot, 35_000)]]
    decide(dispute, "lost")
    assert (queries.pool(wallet), stands(dispute)) == (35_000, (0, 0, 0))


def test_several_disputes_of_one_payment_are_borne_one_after_the_other(
    topped_up,
    wallet,
    make_hold,
    question,
    decide,  # noqa: F811
):
    lot = topped_up(60_000)
    first = question(lot, amount=25_000)
    decide(first, "lost")
    hold = sponsored_hold(make_hold, wallet, share=30_000, rest=())
    second = question(lot, amount=20_000)
    assert (first.covered, second.covered, second.beyond) == (25_000, 5_000, 15_000)
    assert queries.pool(wallet) == 0
    holds.cancel_hold(by=None, hold=hold, reason="Not needed")
    second.refresh_from_db()
    assert (second.covered, second.beyond, queries.pool(wallet)) == (20_000, 0, 15_000)
    decide(second, "won")
    assert queries.pool(wallet) == 35_000


def test_an_inquiry_moves_no_money_and_keeps_the_amount_from_new_projects(
    topped_up,
    wallet,
    coordinator,
    sandbox,
    question,
    decide,
    hear,
    told,  # noqa: F811
):
    lot = topped_up(60_000)
    dispute = question(lot, inquiry=True)
    assert (dispute.taken, dispute.covered, stands(dispute)) == (0, 0, (0, 0, 0))
    assert (queries.pool(wallet), queries.spendable_in(wallet)) == (60_000, 0)
    with pytest.raises(WrongMoment):
        actions.lots_for(wallet, [1])
    with pytest.raises(Exception, match="is free"):
        actions.pay_back(by=coordinator, wallet=wallet, amount=1_000)

    sandbox.control(f"disputes/{dispute.stripe_id}/escalate")
    hear()
    dispute.refresh_from_db()
    assert (dispute.covered, queries.pool(wallet), told.count("lot_disputed")) == (60_000, 0, 2)
    decide(dispute, "won")
    assert queries.spendable_in(wallet) == 60_000


def test_an_inquiry_that_comes_to_nothing_frees_it_again(topped_up, wallet, question, decide):
    dispute = question(topped_up(60_000), inquiry=True)
    decide(dispute, "warning_closed")
    assert (dispute.settled_as, queries.spendable_in(wallet)) == ("withdrawn", 60_000)


# --- order, repetition, threads ---------------------------------------------------------------------------
@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::3])
def test_events_twice_and_in_any_order_come_to_the_same(topped_up, wallet, sandbox, hear, order):
    lot = topped_up(60_000)
    found = sandbox.control(f"charges/{lot.charge_id}/dispute")["id"]
    sandbox.control(f"disputes/{found}/close", status="won")
    events = [row for row in sandbox.all("/v1/events") if row["type"].startswith("charge.dispute")][:4]
    for number in [*order, *order]:
        disputes.sync_dispute(events[number % len(events)]["data"]["object"]["id"])
    assert LedgerTransaction.objects.filter(key__startswith="bt:").exclude(kind="stripe_fee").count() == 2
    hear()
    assert Event.objects.exclude(state="applied").exclude(state="ignored").count() == 0
    assert (Dispute.objects.get().covered, queries.pool(wallet)) == (0, 60_000)


def test_a_dispute_heard_of_before_its_payment_takes_the_lot_when_it_is_known(
    sandbox,
    wallet,
    coordinator,  # noqa: F811
):
    lot = actions.start_top_up(by=coordinator, wallet=wallet, amount=60_000, **URLS)
    actions.top_up_url(lot)
    lot.refresh_from_db()
    sandbox.pay(lot.session_id)
    (charge,) = sandbox.all("/v1/charges")
    dispute = disputes.sync_dispute(sandbox.control(f"charges/{charge['id']}/dispute")["id"])
    assert (dispute.lot, dispute.covered) == (None, 0)
    actions.refresh_lots(wallet)
    dispute.refresh_from_db()
    assert (dispute.lot, dispute.covered, queries.pool(wallet)) == (lot, 60_000, 0)


def test_the_clock_sets_aside_what_an_older_row_had_left_in_the_wallet(topped_up, wallet, question):
    dispute = question(topped_up(60_000))
    entry = LedgerTransaction.objects.get(kind="sponsor_disputed")
    from payments.ledger.actions import post

    post(
        "sponsor_undisputed",
        "as before",
        [(row.account.code, -row.amount) for row in entry.entries.select_related("account")],
        currency="USD",
    )
    Dispute.objects.update(covered=0)
    disputes_clock()
    dispute.refresh_from_db()
    assert (dispute.covered, queries.pool(wallet)) == (60_000, 0)


def test_an_appeal_that_is_won_gives_all_of_it_back(topped_up, wallet, make_hold, question, decide):  # noqa: F811
    lot = topped_up(60_000)
    hold = sponsored_hold(make_hold, wallet, share=20_000, rest=())
    dispute = question(lot)
    decide(dispute, "lost")
    holds.cancel_hold(by=None, hold=hold, reason="Not needed")  # bears the loss, after it was booked
    assert stands(dispute) == (0, 0, 0)
    read = gateway.dispute(dispute.stripe_id)
    lines = read["balance_transactions"]
    back = {"id": "txn_invented", "amount": 60_000, "fee": 0, "currency": "usd", "created": 2_000_000_000}
    for _ in range(2):
        disputes.apply_dispute({**read, "status": "won", "balance_transactions": [*lines, back]})
    dispute.refresh_from_db()
    assert (stands(dispute), dispute.covered, queries.pool(wallet)) == ((0, 0, 0), 0, 60_000)
    again = {**back, "id": "txn_invented_2", "amount": -60_000, "created": 2_000_000_001}
    disputes.apply_dispute({**read, "status": "lost", "balance_transactions": [*lines, back, again]})
    assert (stands(dispute), queries.pool(wallet)) == ((0, 0, 0), 0)


@pytest.mark.parametrize("turn", range(3))
def test_a_dispute_and_draws_at_the_same_moment_never_share_the_same_money(
    topped_up,
    wallet,
    make_hold,
    make_person,
    sandbox,
    turn,  # noqa: F811
):
    lot = topped_up(60_000)
    found = sandbox.control(f"charges/{lot.charge_id}/dispute")["id"]
    people = [make_person() for _ in range(4)]
    drawn = [
        lambda person=person: sponsored_hold(
            make_hold, wallet, share=25_000, rest=(), payee=person, ref=f"race:{person.pk}"
        )
        for person in people
    ]
    results = at_once(*drawn, *[lambda: disputes.sync_dispute(found)] * 4)
    assert all(isinstance(one, (WrongMoment, Dispute, holds.holding.Hold)) for one in results), results
    given = sum(isinstance(one, holds.holding.Hold) for one in results)
    dispute = Dispute.objects.get()
    assert (dispute.covered, dispute.beyond) == (60_000 - 25_000 * given, 25_000 * given)
    assert (queries.pool(wallet), balance(lot.account)) == (0, 0)


def test_a_dispute_and_what_comes_back_at_the_same_moment(topped_up, wallet, make_hold, sandbox):  # noqa: F811
    lot = topped_up(60_000)
    made = [sponsored_hold(make_hold, wallet, share=10_000, rest=()) for _ in range(4)]
    found = sandbox.control(f"charges/{lot.charge_id}/dispute")["id"]
    back = [lambda hold=hold: holds.cancel_hold(by=None, hold=hold, reason="x") for hold in made]
    results = at_once(*back, *[lambda: disputes.sync_dispute(found)] * 4)
    assert not [one for one in results if isinstance(one, Exception)], results
    dispute = Dispute.objects.get()
    assert (dispute.covered, queries.pool(wallet), balance(dispute.frozen_account)) == (60_000, 0, 60_000)


def test_money_that_was_to_go_back_is_taken_by_the_bank_instead(
    topped_up,
    wallet,
    coordinator,
    sandbox,
    work,
    hear,  # noqa: F811
):
    lot = topped_up(60_000)
    actions.pay_back(by=coordinator, wallet=wallet, amount=40_000)
    sandbox.control(f"charges/{lot.charge_id}/dispute")
    hear()
    row = Payback.objects.get()
    dispute = Dispute.objects.get()
    assert (row.state, "bank questions" in row.failure) == ("failed", True)
    assert (dispute.covered, queries.pool(wallet)) == (60_000, 0)


# --- people -----------------------------------------------------------------------------------------------
def test_the_sponsor_reads_what_happened_and_what_it_means_for_running_projects(
    topped_up,
    wallet,
    coordinator,
    moderator,
    make_hold,
    question,
    decide,
    client,
    told,  # noqa: F811
):
    lot = topped_up(60_000)
    sponsored_hold(make_hold, wallet, share=20_000, rest=())
    dispute = question(lot)
    client.force_login(coordinator)
    address = reverse("sponsoring:wallet", args=[wallet.public_id])
    page = client.get(address).content.decode()
    for words in (
        "Your bank has taken $600.00 back",
        "$400.00 was free and is set aside until the bank has decided.",
        "$200.00 was with projects or paid to students by then. Projects that run go on",
        "Set aside",
    ):
        assert words in page
    assert figures.figures_of(wallet).disputed == 40_000
    found = figures.figures_of(wallet)
    assert found.received == (
        found.pool + found.with_projects + found.spent + found.paid_back + found.disputed + found.charged_back
    )
    decide(dispute, "lost")
    page = client.get(address).content.decode()
    assert "Your bank has taken $600.00 back for good" in page
    assert "$400.00 has left the wallet with it." in page
    figured = figures.figures_of(wallet)
    assert (figured.disputed, figured.charged_back, figured.free) == (0, 40_000, 0)
    titles = list(
        Notification.objects.filter(user=coordinator).order_by("pk").values_list("title", flat=True)
    )
    assert titles[-2:] == ["Your bank has taken $600.00 back", "Your bank has taken $600.00 back for good"]
    alerts = Notification.objects.filter(user=moderator).values_list("title", flat=True)
    assert any("a payment of Northgate College into its wallet" in title for title in alerts)


def test_the_answer_to_the_bank_says_who_paid_and_where_it_went(
    topped_up,
    wallet,
    make_hold,
    question,
    moderator,
    client,
    sandbox,
    work,  # noqa: F811
):
    lot = topped_up(60_000)
    sponsored_hold(make_hold, wallet, share=20_000, rest=())
    dispute = question(lot)
    assert dispute.evidence["customer_name"] == "Northgate College"
    assert "$200.00 given to “Survey”" in dispute.evidence["access_activity_log"]
    evidence.submit_evidence(by=moderator, dispute=dispute)
    work()
    assert sandbox.get(f"/v1/disputes/{dispute.stripe_id}")["status"] == "under_review"

    client.force_login(moderator)
    moderator.is_superuser = True
    moderator.save()
    page = client.get(reverse("admin:payments_dispute_change", args=[dispute.pk])).content.decode()
    for words in ("Where the sponsor's money is", "$400.00", "$200.00", "Northgate College"):
        assert words.replace("'", "&#x27;") in page or words in page
    assert "Northgate College" in client.get(reverse("admin:payments_dispute_changelist")).content.decode()


def test_nobody_answers_and_the_clock_does_a_day_before(topped_up, question, work, sandbox):
    dispute = question(topped_up(60_000))
    later(days=6, hours=1)
    disputes_clock()
    work()
    assert Call.objects.filter(operation="evidence", state="done").count() == 1
    assert sandbox.get(f"/v1/disputes/{dispute.stripe_id}")["status"] == "under_review"
