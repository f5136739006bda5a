"""The books against Stripe: everything that differs is found, grows old, stops what is serious, and clears itself."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts.schools.models import School, SchoolStaff
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, WrongMoment
from payments.holds import actions
from payments.holds.effects import sync_refunds
from payments.holds.models import Refund
from payments.ledger.actions import post
from payments.ledger.chart import code
from payments.ledger.queries import balance
from payments.reconciling import actions as reconciling
from payments.reconciling.models import Difference
from payments.stripe import gateway
from payments.stripe.actions import stopping
from payments.stripe.models import BalanceLine, Call, Reconciliation, Stop
from payments.wallets import actions as wallets
from payments.wallets.models import Payback
from tests.payments.conftest import URLS
from tests.payments.test_outbox import later

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timedelta(0)


@pytest.fixture
def moderator(make_person):
    person = make_person("Mo Derator")
    person.is_staff = True
    person.save()
    return person


@pytest.fixture
def moved(sandbox, hold, student, secure, ready, work):
    """A hold of which one part was released and the other refunded."""
    secure(hold)
    ready(student)
    first, _ = hold.parts.all()
    actions.release_part(by=None, part=first)
    work()
    actions.refund_rest(by=None, hold=hold, reason="cancelled")
    work()
    return hold


def found(**more):
    return {row["key"].split(":")[0]: row for row in reconciling.run(NOW, **more).differences}


@pytest.mark.parametrize("full", [False, True])
def test_what_went_right_leaves_no_difference(moved, sandbox, full):
    result = reconciling.run(NOW, full=full)
    assert result.differences == []
    usd = result.sums["USD"]
    assert usd["stripe"] == usd["books"] == usd["available"] + usd["pending"]
    assert result.objects_read == 2
    assert not BalanceLine.objects.filter(matched=False).exists()
    assert found(full=full) == {}


def test_a_line_that_nobody_asked_for_is_found_ages_and_goes_to_suspense(moved, sandbox, moderator):
    line = sandbox.control("balance_line", type="adjustment", amount=-700, currency="usd")["id"]
    first = found()["line"]
    assert (first["amount"], first["serious"]) == (-700, False)
    assert "not in the books" in first["cause"]
    later(hours=25)
    again = found()
    assert again["line"]["since"] == first["since"]
    assert balance(code("suspense", "USD")) == 700
    assert found()["suspense"]["amount"] == 700
    row = BalanceLine.objects.get(stripe_id=line)
    for account, why in (("hold", "x"), ("stripe_fee", " ")):
        with pytest.raises(Invalid):
            reconciling.explain_line(by=moderator, line=row, account=account, why=why)
    reconciling.explain_line(by=moderator, line=row, account="stripe_fee", why="A fee of the network")
    with pytest.raises(WrongMoment):
        reconciling.explain_line(by=moderator, line=row, account="stripe_fee", why="Again")
    assert found() == {}
    assert balance(code("suspense", "USD")) == 0
    assert Difference.objects.filter(cleared_at=None).count() == 0
    assert not Stop.objects.exists()


def test_a_line_booked_late_leaves_suspense_by_itself(sandbox, hold, employer, work):
    from tests.payments.conftest import URLS

    sandbox.control("webhooks", paused=True)
    funding = actions.start_checkout(by=employer, hold=hold, **URLS)
    actions.funding_url(funding)
    funding.refresh_from_db()
    sandbox.pay(funding.session_id)
    later(hours=25)
    assert "line" in found()
    assert balance(code("suspense", "USD")) == -50_000 + 1_480
    actions.refresh_funding(hold)
    found()
    assert found() == {}
    assert balance(code("suspense", "USD")) == 0
    assert balance(code("stripe_balance", "USD")) == 50_000 - 1_480


def test_fees_and_the_operators_payouts_post_themselves(moved, sandbox):
    sandbox.control("balance_line", type="stripe_fee", amount=-200, currency="usd")
    before = balance(code("stripe_fee", "USD"))
    assert found() == {}
    assert balance(code("stripe_fee", "USD")) == before + 200
    sandbox.control("platform_payout", amount=300)
    assert found() == {}
    assert balance(code("bank", "USD")) == 300


def test_an_operator_who_takes_out_what_is_kept_for_others_is_told(hold, secure, sandbox):
    secure(hold)
    sandbox.control("platform_payout", amount=10_000)
    row = found()["own"]
    assert row["serious"]
    assert "belongs to customers" in row["cause"]
    assert Stop.objects.get().currency == "USD"


def test_a_posting_that_stripe_knows_nothing_of_stops_the_currency(moved, sandbox, moderator):
    legs = [(code("stripe_balance", "USD"), 900), (code("employer_credit", "USD", "x"), -900)]
    post("invented", "fund:ch_nowhere", legs, currency="USD")
    assert found()["posting"]["amount"] == 900
    stop = Stop.objects.get()
    assert (stop.currency, stop.kind) == ("USD", "books")
    assert moderator.notifications.filter(kind="money-alarm").count() == 2  # the difference, and the stop
    assert found()["posting"]["amount"] == 900
    assert moderator.notifications.filter(kind="money-alarm").count() == 2  # told once


def test_a_transfer_made_twice_for_one_call_is_found(moved, sandbox, student):
    call = Call.objects.get(operation="transfer")
    gateway.send("transfer", {**call.params, "amount": 1}, "another-key")
    rows = reconciling.run(NOW).differences
    assert any("made 2 times for one call" in row["cause"] and row["serious"] for row in rows)
    assert Stop.objects.filter(currency="USD", lifted_at=None).exists()


def test_a_transfer_made_by_hand_is_shown_and_stops_nothing(moved, sandbox, student):
    call = Call.objects.get(operation="transfer")
    params = {name: call.params[name] for name in ("currency", "destination")}
    sandbox.control("balance_line", type="topup", amount=90_000, currency="usd")
    gateway.send("transfer", {**params, "amount": 100}, "by-hand")
    rows = reconciling.run(NOW).differences
    assert [row["cause"] for row in rows if row["key"].startswith("transfer:")] == [
        "made at Stripe, not asked for by us"
    ]
    assert not Stop.objects.exists()


def test_a_call_done_without_its_object_or_with_another_amount_is_found(moved, sandbox):
    call = Call.objects.get(operation="transfer")
    params = call.params
    Call.objects.filter(pk=call.pk).update(params={**params, "amount": 1})
    assert "amount" in found()["transfer"]["cause"]
    Call.objects.filter(pk=call.pk).update(params=params, stripe_id="tr_nowhere")
    assert "Stripe has no such thing" in found()["transfer"]["cause"]


def test_a_call_that_does_not_end_and_its_money_are_found_after_an_hour(
    hold, student, secure, ready, sandbox
):
    secure(hold)
    ready(student)
    actions.release_part(by=None, part=hold.parts.first())
    assert reconciling.run().differences == []
    later(hours=2)
    keys = {row["key"].split(":")[0] for row in reconciling.run().differences}
    assert keys == {"call", "flight"}


def test_while_a_currency_is_stopped_its_money_waits_and_the_rest_goes_on(
    hold, student, secure, ready, sandbox, work, moderator
):
    secure(hold)
    ready(student)
    stop = stopping.stop_by_hand(by=moderator, currency="usd", why="Looking at something")
    release = actions.release_part(by=None, part=hold.parts.first())
    refund = actions.cancel_part(by=None, part=hold.parts.last(), reason="cancelled")
    work()
    assert set(Call.objects.filter(operation__in=("transfer", "refund")).values_list("state", flat=True)) == {
        "pending"
    }
    assert sandbox.all("/v1/transfers") == []
    stopping.lift(by=moderator, stop=stop, why="All is well")
    work()
    release.refresh_from_db()
    refund.refresh_from_db()
    assert (release.state, refund.state) == ("sent", "succeeded")
    with pytest.raises(WrongMoment):
        stopping.lift(by=moderator, stop=stop, why="Again")


def test_another_currency_goes_on_while_one_is_stopped(hold, student, secure, ready, sandbox, work):
    secure(hold)
    ready(student)
    stopping.stop(currency="EUR", why="Euros differ")
    release = actions.release_part(by=None, part=hold.parts.first())
    work()
    release.refresh_from_db()
    assert release.state == "sent"


def test_a_stop_needs_a_reason_and_a_moderator(moderator, student):
    from marketplace.ground.errors import NotAllowed

    with pytest.raises(NotAllowed):
        stopping.stop_by_hand(by=student, currency="USD", why="x")
    for currency, why in (("USD", " "), ("US", "x"), ("12$", "x")):
        with pytest.raises(Invalid):
            stopping.stop_by_hand(by=moderator, currency=currency, why=why)
    first = stopping.stop_by_hand(by=moderator, currency="", why="Everything")
    assert stopping.stop_by_hand(by=moderator, currency="", why="Everything again") == first
    assert stopping.stopped() is None
    with pytest.raises(Invalid):
        stopping.lift(by=moderator, stop=first, why="")


def test_the_command_says_what_differs_and_fails_then(moved, sandbox, capsys):
    call_command("reconcile", "--full")
    assert "no difference" in capsys.readouterr().out
    sandbox.control("balance_line", type="adjustment", amount=-700, currency="usd")
    clock.advance(timedelta(hours=2))
    with pytest.raises(CommandError, match="1 differences"):
        call_command("reconcile")
    assert "not in the books" in capsys.readouterr().out


def test_when_stripe_cannot_be_read_nothing_is_concluded(moved, sandbox):
    sandbox.fault("/v1/balance_transactions", "500_before", method="GET", times=10)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("reconcile")
    assert not Reconciliation.objects.exists()


# --- refunds that take their time ---------------------------------------------------------------------------
@pytest.fixture
def slow_refund(sandbox, hold, student, secure, ready, work):
    """A refund that Stripe has taken from the balance and the payer's bank has not got yet."""
    sandbox.control("webhooks", refund_outcome="processing")
    secure(hold)
    actions.refund_rest(by=None, hold=hold, reason="cancelled")
    work()
    refund = Refund.objects.get()
    made = sandbox.all("/v1/refunds")[0]
    assert (refund.state, made["status"]) == ("pending", "pending")
    assert made["balance_transaction"]
    return refund


def unexplained() -> int:
    return BalanceLine.objects.filter(matched=False).count()


def test_our_own_refund_on_its_way_is_no_difference_however_long_it_takes(slow_refund, sandbox, work):
    assert found() == {}
    later(days=3)
    assert found(full=True) == {}
    assert balance(code("suspense", "USD")) == 0
    assert unexplained() == 1  # it waits for its posting, and the sums count it

    sandbox.control(f"refunds/{slow_refund.refund_id}/succeed")
    sync_refunds(slow_refund.funding.intent_id)
    slow_refund.refresh_from_db()
    assert slow_refund.state == "succeeded"
    assert found(full=True) == {}
    assert unexplained() == 0


def test_one_that_comes_back_before_it_arrived_leaves_no_difference(slow_refund, sandbox, work):
    later(hours=2)
    assert found() == {}
    sandbox.control(f"refunds/{slow_refund.refund_id}/fail")
    sync_refunds(slow_refund.funding.intent_id)
    slow_refund.refresh_from_db()
    assert slow_refund.state == "failed"
    later(hours=25)
    assert found(full=True) == {}
    assert unexplained() == 0
    assert balance(code("suspense", "USD")) == 0


def test_a_refund_on_its_way_of_another_amount_is_a_difference(slow_refund):
    Refund.objects.filter(pk=slow_refund.pk).update(amount=slow_refund.amount - 1)
    assert "not in the books" in found()["line"]["cause"]


def test_a_sponsors_money_on_its_way_back_is_no_difference(sandbox, make_person, work):
    school = School.objects.create(name="Northgate College")
    ruth = make_person("Ruth")
    SchoolStaff.objects.create(user=ruth, school=school)
    wallet = wallets.open_wallet(by=ruth, school=school)
    lot = wallets.start_top_up(by=ruth, wallet=wallet, amount=60_000, **URLS)
    wallets.top_up_url(lot)
    lot.refresh_from_db()
    sandbox.pay(lot.session_id)
    wallets.refresh_lots(wallet)
    sandbox.control("webhooks", refund_outcome="processing")
    wallets.pay_back(by=ruth, wallet=wallet, amount=20_000)
    work()
    assert Payback.objects.get().state == "pending"
    later(days=2)
    assert found(full=True) == {}
    assert balance(code("suspense", "USD")) == 0
