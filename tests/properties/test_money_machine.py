"""Everything that people, Stripe, workers and clocks do to money, in any order, thousands of times.

After each step the books balance and every secured cent is somewhere; in the end the queue drains without a person,
and to the cent the books are what Stripe says.
"""

import functools
import random
from contextlib import suppress
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from accounts.schools.models import School, SchoolStaff
from marketplace.ground import clock, nudge
from marketplace.ground.errors import Refused
from payments.connect import actions as connect
from payments.connect.models import PayeeAccount
from payments.disputes import actions as disputes
from payments.disputes.models import FraudWarning
from payments.disputes.tasks import disputes_clock
from payments.holds import actions
from payments.holds import tasks as hold_tasks
from payments.holds.actions import PartSpec
from payments.holds.models import Funding, Hold, Part, Refund, Release
from payments.holds.recovery import Receivable, Reversal
from payments.ledger import actions as ledger
from payments.reconciling import actions as reconcile
from payments.sandbox import clockwork
from payments.sandbox.models import Thing
from payments.stripe import gateway, tasks
from payments.stripe.actions import outbox
from payments.stripe.models import Call, Event
from payments.wallets import actions as wallets
from payments.wallets import queries as pools
from payments.wallets.tasks import look_at_wallets
from tests.conftest import EMPTY, KEPT
from tests.money import audit, facts, inside
from tests.payments.conftest import URLS

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = 32
NUMBERS = st.integers(0, 1_000)
CENTS = st.sampled_from([1, 2, 33, 50, 99, 100, 3_333, 10_000, 20_000, 99_999])
RATES = st.sampled_from([0, 1_000, 1_499, 3_333])
FAULTS = st.sampled_from(["429", "500_before", "500_stored", "500_after", "lost", "refuse"])
PATHS = st.sampled_from(["/v1/transfers", "/v1/refunds", "/v1/checkout/sessions", "/v1/", "/v2/"])
#: How the product says no: at this moment, to this person, to this amount.
NO = (Refused, ValidationError)
#: (where, name): a worker may die before or after each of these.
DEATHS = [(outbox, "claim"), (outbox, "_found_or_sent"), (gateway, "send"), (outbox, "close")]


def when(condition):
    """A rule that does nothing unless `condition(self)`: what is drawn may not depend on the market's state, for
    real time has a part in that.
    """

    def wrap(act):
        @functools.wraps(act)
        def step(self, *args, **kwargs):
            if condition(self):
                act(self, *args, **kwargs)

        return step

    return wrap


class Killed(BaseException):
    """What SIGKILL does, for one worker: nothing after it runs."""


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(EMPTY, [list(KEPT)])


class MoneyMachine(RuleBasedStateMachine):
    """One small market: two students, two payers, every currency exponent, and the offline Stripe."""

    lived = 0

    def __init__(self):
        super().__init__()
        clock.reset()
        empty()
        self.now = 0

    @initialize()
    def people(self):
        make = get_user_model().objects.create_user
        self.students = [make(email=f"s{n}@example.com", password=None, name=f"S {n}") for n in (1, 2)]
        self.told = set()
        self.moderator = make(email="m@example.com", password=None, name="Mo", is_staff=True)
        school = School.objects.create(name="Northgate College")
        SchoolStaff.objects.create(user=self.moderator, school=school)
        self.wallet = wallets.open_wallet(by=self.moderator, school=school)

    # --- picking ------------------------------------------------------------------------------------------
    def one(self, rows, number):
        rows = list(rows)
        return rows[number % len(rows)] if rows else None

    def holds(self, *states):
        found = Hold.objects.order_by("id")
        return found.filter(state__in=states) if states else found

    def have(*states):
        return when(lambda self: self.holds(*states).exists())

    # --- payers -------------------------------------------------------------------------------------------
    @rule(
        who=NUMBERS,
        prices=st.lists(CENTS, min_size=1, max_size=3),
        rate=RATES,
        currency=st.sampled_from(["USD", "USD", "USD", "JPY", "KWD"]),
        delay=st.sampled_from([0, 0, 0, 7]),
    )
    def an_engagement_opens_a_hold(self, who, prices, rate, currency, delay):
        unit = 10 if currency == "KWD" else 1  # Stripe takes three-decimal amounts in steps of ten
        prices = [price * unit for price in prices]
        if sum(prices) < 50 * unit:
            prices[0] += 50 * unit
        parts = [
            (f"m{n}", price, min(price * rate // 10_000, price - unit) // unit * unit)
            for n, price in enumerate(prices)
        ]
        number = Hold.objects.count()
        actions.open_hold(
            ref=f"engagement:{number}",
            payee=self.one(self.students, who),
            payer_ref=f"org-{who % 2}",
            currency=currency,
            parts=parts,
            description="Work",
            release_delay_days=delay,
        )

    @rule(which=NUMBERS)
    @have("unfunded")
    def the_payer_opens_the_payment_page(self, which):
        hold = self.one(self.holds("unfunded"), which)
        with suppress(*NO):
            actions.funding_url(actions.start_checkout(by=None, hold=hold, **URLS))

    def open_pages(self):
        return Thing.objects.filter(kind="checkout.session", data__status="open").order_by("order")

    @rule(which=NUMBERS, method=st.sampled_from(["success", "success", "3ds", "declined"]))
    @when(lambda self: self.open_pages().exists())
    def a_payer_pays_by_card_on_any_open_page(self, which, method):
        inside.control(f"sessions/{self.one(self.open_pages(), which).id}/pay", method=method)

    @rule(which=NUMBERS, method=st.sampled_from(["bank", "bank_fails"]))
    @when(lambda self: self.open_pages().exists())
    def a_payer_pays_by_bank_debit(self, which, method):
        inside.control(f"sessions/{self.one(self.open_pages(), which).id}/pay", method=method)

    @rule(which=NUMBERS)
    @have()
    def the_payer_comes_back_to_the_return_page(self, which):
        actions.refresh_funding(self.one(self.holds(), which))

    @rule(which=NUMBERS)
    @have("unfunded")
    def a_page_is_given_up_for_another(self, which):
        """Both stay open for a while: somebody may pay on each."""
        hold = self.one(self.holds("unfunded"), which)
        Funding.objects.filter(hold=hold, state="open").update(expires_at=clock.now())
        with suppress(*NO):
            actions.funding_url(actions.start_checkout(by=None, hold=hold, **URLS))

    @rule(which=NUMBERS)
    @have("unfunded", "processing")
    def an_engagement_lapses_before_the_funds_came(self, which):
        hold = self.one(self.holds("unfunded", "processing"), which)
        with suppress(*NO):
            actions.cancel_hold(by=None, hold=hold, reason="lapsed")

    # --- deciding -----------------------------------------------------------------------------------------
    def secured_part(self, which):
        return self.one(Part.objects.filter(hold__state="secured").order_by("id"), which)

    @rule(which=NUMBERS)
    @have("secured")
    def work_is_approved_by_a_person_or_by_silence(self, which):
        with suppress(*NO):
            actions.release_part(by=None, part=self.secured_part(which))

    @rule(which=NUMBERS, share=st.integers(0, 4))
    @have("secured")
    def one_milestone_is_cancelled_with_a_share_for_the_student(self, which, share):
        part = self.secured_part(which)
        unit = 10 if part.hold.currency == "KWD" else 1
        with suppress(*NO):
            actions.cancel_part(
                by=None, part=part, reason="x", pay_student_net=part.net * share // 4 // unit * unit
            )

    @rule(which=NUMBERS, share=st.integers(0, 4))
    @have("secured")
    def the_rest_is_cancelled_with_a_share_for_the_student(self, which, share):
        hold = self.one(self.holds("secured"), which)
        unit = 10 if hold.currency == "KWD" else 1
        pay = hold.figures()["net_held"] * share // 4 // unit * unit
        with suppress(*NO):
            actions.refund_rest(by=None, hold=hold, reason="x", pay_student_net=pay)

    @rule(which=NUMBERS)
    @have("secured")
    def a_moderator_stops_the_money(self, which):
        actions.freeze(by=None, hold=self.one(self.holds("secured"), which), why="looking at it")

    @rule(which=NUMBERS)
    @have("secured")
    def a_moderator_lets_it_go_on(self, which):
        with suppress(*NO):
            actions.unfreeze(by=None, hold=self.one(self.holds("secured"), which))

    @rule()
    @when(lambda self: Call.objects.filter(state="manual").exists())
    def a_moderator_lets_given_up_calls_go_again(self):
        for call in Call.objects.filter(state="manual"):
            outbox.retry_call(by=None, call=call)

    @rule(which=NUMBERS, share=st.integers(1, 4))
    @when(lambda self: Release.objects.filter(state="sent").exists())
    def a_moderator_refunds_what_was_released(self, which, share):
        """First the reversal, full or short, then the refund."""
        release = self.one(Release.objects.filter(state="sent").order_by("id"), which)
        unit = 10 if release.currency == "KWD" else 1
        with suppress(*NO):
            actions.refund_released(
                by=None, release=release, amount=release.gross * share // 4 // unit * unit, reason="x"
            )

    @rule(which=NUMBERS)
    @when(lambda self: Receivable.objects.filter(state="owed").exists())
    def a_moderator_writes_a_debt_off(self, which):
        row = self.one(Receivable.objects.filter(state="owed").order_by("id"), which)
        with suppress(*NO):
            actions.write_off(by=self.moderator, receivable=row, reason="it cannot be had")

    @rule(which=NUMBERS)
    @when(lambda self: Refund.objects.filter(state="failed").exists())
    def a_moderator_sends_a_failed_refund_again(self, which):
        with suppress(*NO):
            actions.resend_refund(
                by=self.moderator,
                refund=self.one(Refund.objects.filter(state="failed").order_by("id"), which),
                reason="the card works again",
            )

    # --- sponsors -----------------------------------------------------------------------------------------
    @rule(amount=st.sampled_from([5_000, 20_000, 60_000]), method=st.sampled_from(["success", "bank"]))
    def a_sponsor_tops_its_wallet_up(self, amount, method):
        with suppress(*NO):
            lot = wallets.start_top_up(by=self.moderator, wallet=self.wallet, amount=amount, **URLS)
            wallets.top_up_url(lot)
            lot.refresh_from_db()
            if lot.session_id:
                inside.control(f"sessions/{lot.session_id}/pay", method=method)
                with suppress(gateway.StripeTrouble):
                    wallets.refresh_lots(self.wallet)

    @rule(who=NUMBERS, amount=st.sampled_from([1_000, 9_999, 30_000]), rest=st.sampled_from([0, 0, 5_000]))
    @when(lambda self: pools.pool(self.wallet) > 0)
    def a_project_draws_on_the_wallet(self, who, amount, rest):
        with suppress(*NO), transaction.atomic():
            row = wallets.lock_wallet(self.wallet)
            pieces = wallets.lots_for(row, [amount])[0]
            parts = [PartSpec("m1", piece, 0, lot=lot) for lot, piece in pieces]
            parts += [PartSpec("m1", rest, rest // 10)] if rest else []
            hold = actions.open_hold(
                ref=f"engagement:{Hold.objects.count()}",
                payee=self.one(self.students, who),
                payer_ref="org-0",
                currency="USD",
                description="Sponsored work",
                parts=parts,
            )
            actions.secure_covered(hold)

    @rule(amount=st.sampled_from([1, 1_000, 20_000]))
    @when(lambda self: pools.pool(self.wallet) > 0)
    def a_sponsor_asks_free_money_back(self, amount):
        with suppress(*NO):
            wallets.pay_back(by=self.moderator, wallet=self.wallet, amount=amount)

    # --- students and their accounts ----------------------------------------------------------------------
    @rule(who=NUMBERS, outcome=st.sampled_from(["complete", "complete", "review", "restricted"]))
    def a_student_goes_through_the_set_up(self, who, outcome):
        user = self.one(self.students, who)
        with suppress(*NO):
            connect.start_onboarding(by=user, return_url="http://h/r/", refresh_url="http://h/f/")
        payee = PayeeAccount.objects.filter(user=user).exclude(stripe_id=None).first()
        if payee:
            inside.control(f"accounts/{payee.stripe_id}/onboard", outcome=outcome)

    def account(self, who):
        return self.one(PayeeAccount.objects.exclude(stripe_id=None).order_by("id"), who)

    @rule(who=NUMBERS, status=st.sampled_from(["restricted", "active"]))
    @when(lambda self: self.account(0))
    def stripe_restricts_or_frees_an_account(self, who, status):
        inside.control(f"accounts/{self.account(who).stripe_id}/change", status=status)

    @rule(who=NUMBERS)
    @when(lambda self: self.account(0))
    def an_account_is_closed_and_may_be_replaced(self, who):
        inside.control(f"accounts/{self.account(who).stripe_id}/close")

    @rule(who=NUMBERS, fails=st.booleans())
    @when(lambda self: self.account(0))
    def a_students_bank_begins_or_ceases_to_send_payouts_back(self, who, fails):
        inside.control(f"accounts/{self.account(who).stripe_id}/bank", fails=fails)

    # --- Stripe and banks ---------------------------------------------------------------------------------
    @rule(path=PATHS, kind=FAULTS)
    def stripe_answers_badly_the_next_time(self, path, kind):
        inside.control("faults", path=path, kind=kind, times=1)

    @rule(outcome=st.sampled_from(["", "", "pending", "failed"]))
    def refunds_end_at_once_or_later_or_not(self, outcome):
        inside.control("webhooks", refund_outcome=outcome)

    @rule(which=NUMBERS)
    @when(lambda self: Thing.objects.filter(kind="refund").exists())
    def a_bank_sends_a_refund_back_days_later(self, which):
        made = self.one(Thing.objects.filter(kind="refund").order_by("order"), which)
        if made.data["status"] != "failed":
            inside.control(f"refunds/{made.id}/fail")

    def charges(self):
        """Payments to the platform that nobody disputes yet."""
        return Thing.objects.filter(kind="charge", account="", data__disputed=False).order_by("order")

    @rule(which=NUMBERS, inquiry=st.sampled_from([False, False, True]))
    @when(lambda self: self.charges().exists())
    def a_bank_disputes_a_payment_or_asks_about_it(self, which, inquiry):
        inside.control(f"charges/{self.one(self.charges(), which).id}/dispute", inquiry=inquiry)

    @rule(which=NUMBERS, share=st.integers(1, 4), inquiry=st.sampled_from([False, False, False, True]))
    @when(lambda self: self.lots_in_order().exists())
    def a_bank_takes_a_sponsors_payment_back(self, which, share, inquiry):
        """All of it or a share, also after an earlier dispute of the same payment was decided."""
        lot = self.one(self.lots_in_order(), which)
        found = inside.control(
            f"charges/{lot.charge_id}/dispute", amount=lot.amount * share // 4, inquiry=inquiry
        )
        if found and share % 2:  # the app may hear of it at once, or whenever a webhook or a clock tells
            with suppress(gateway.StripeTrouble):
                disputes.sync_dispute(found["id"])

    def lots_in_order(self):
        return self.wallet.lots.filter(state="paid").order_by("id")

    def open_disputes(self):
        return Thing.objects.filter(kind="dispute").exclude(
            data__status__in=("won", "lost", "warning_closed", "prevented")
        )

    @rule(which=NUMBERS, status=st.sampled_from(["won", "lost", "lost", "prevented", "warning_closed"]))
    @when(lambda self: self.open_disputes().exists())
    def a_dispute_is_decided(self, which, status):
        found = self.one(self.open_disputes().order_by("order"), which)
        inside.control(f"disputes/{found.id}/close", status=status)

    @rule(which=NUMBERS)
    @when(lambda self: self.charges().exists())
    def a_card_network_warns_of_fraud(self, which):
        inside.control(f"charges/{self.one(self.charges(), which).id}/warn")

    @rule(which=NUMBERS, amount=st.sampled_from([10, 500, 20_000]))
    @when(lambda self: self.charges().exists())
    def somebody_refunds_by_hand_in_the_dashboard(self, which, amount):
        inside.by_hand("/v1/refunds", charge=self.one(self.charges(), which).id, amount=amount)

    @rule(which=NUMBERS, amount=st.sampled_from([10, 500, 20_000]))
    @when(lambda self: Thing.objects.filter(kind="transfer").exists())
    def somebody_reverses_a_transfer_by_hand(self, which, amount):
        made = self.one(Thing.objects.filter(kind="transfer").order_by("order"), which)
        inside.by_hand(f"/v1/transfers/{made.id}/reversals", amount=amount)

    @rule(force=st.booleans())
    @when(lambda self: Thing.objects.filter(due__isnull=False).exists())
    def what_is_due_at_stripe_happens(self, force):
        clockwork.tick(force=force)

    # --- messages -----------------------------------------------------------------------------------------
    def untold(self):
        """The events that are still on their way, by the order in which they were made."""
        return Thing.objects.filter(kind="event").exclude(id__in=self.told).order_by("order")

    @rule(which=NUMBERS, times=st.sampled_from([1, 1, 1, 2]))
    @when(lambda self: self.untold().exists())
    def a_webhook_arrives_in_any_order_once_or_twice(self, which, times):
        event = self.one(self.untold(), which)
        self.told.add(event.id)
        for _ in range(times):
            assert inside.tell(event.data) == 200

    @rule()
    @when(lambda self: self.untold().exists())
    def every_webhook_arrives(self):
        for event in self.untold():
            self.told.add(event.id)
            assert inside.tell(event.data) == 200

    @rule(which=NUMBERS)
    @when(lambda self: self.untold().exists())
    def a_webhook_is_lost(self, which):
        self.told.add(self.one(self.untold(), which).id)

    @rule(which=NUMBERS)
    @when(lambda self: self.told)
    def an_old_webhook_is_repeated(self, which):
        event = Thing.objects.filter(id=self.one(sorted(self.told), which)).first()
        assert event is None or inside.tell(event.data) == 200

    @rule()
    def the_event_list_is_read(self):
        tasks.poll_events()

    # --- workers and clocks -------------------------------------------------------------------------------
    @rule()
    def a_worker_makes_the_calls_that_are_due(self):
        tasks.drain_calls()

    @rule()
    def a_worker_applies_the_events_that_are_due(self):
        tasks.drain_events()

    @rule(where=st.sampled_from(DEATHS), after=st.booleans())
    def a_worker_dies_in_the_middle_of_a_call(self, where, after):
        module, name = where
        real = getattr(module, name)

        def dying(*args, **kwargs):
            setattr(module, name, real)
            if after:
                real(*args, **kwargs)
            raise Killed

        setattr(module, name, dying)
        try:
            tasks.drain_calls()
        except Killed:
            self.note("killed")
        finally:
            setattr(module, name, real)

    def note(self, what):
        """For the reader of a failing example."""

    @rule()
    def the_clock_of_delayed_releases_strikes(self):
        hold_tasks.release_due()

    @rule()
    def the_clock_of_waiting_money_strikes(self):
        hold_tasks.retry_waiting()

    @rule()
    def the_clocks_of_wallets_and_disputes_strike(self):
        look_at_wallets()
        disputes_clock()

    @rule(step=st.sampled_from([5, 60, 700, 3_600, 90_000, 8 * 86_400]))
    def time_passes(self, step):
        clock.advance(timedelta(seconds=step))
        self.now += step

    @rule()
    @when(lambda self: self.now > 60)
    def the_clock_moves_back_a_little(self):
        clock.advance(timedelta(seconds=-30))

    @rule()
    def the_books_are_compared_with_stripe(self):
        with suppress(gateway.StripeTrouble):
            reconcile.run()

    # --- what always holds --------------------------------------------------------------------------------
    @invariant()
    def the_books_are_right(self):
        assert audit.books() == []

    def teardown(self):
        type(self).lived += 1
        try:
            if hasattr(self, "students"):
                self.come_to_rest()
                assert audit.books() == []
                assert audit.at_stripe(inside.all_of) == []
                assert audit.reconciled() == []
        finally:
            clock.reset()

    def come_to_rest(self):
        """Stripe is well again, accounts are in order, nobody stops anything: the rest happens by itself."""
        inside.control("faults", clear=True)
        inside.control("webhooks", refund_outcome="")
        for found in self.open_disputes():
            inquiry = found.data["status"].startswith("warning_")
            inside.control(f"disputes/{found.id}/close", status="warning_closed" if inquiry else "lost")
        for user in self.students:
            if Release.objects.filter(part__payee__user=user).exists():
                self._in_order(user)
        for day in range(30):
            for call in Call.objects.filter(state="manual"):
                outbox.retry_call(by=None, call=call)
            clockwork.tick(force=True)
            tasks.poll_events()
            tasks.drain_events()
            self._decide_what_people_have_to()
            hold_tasks.release_due()
            hold_tasks.retry_waiting()
            self.the_clocks_of_wallets_and_disputes_strike()
            tasks.drain_calls()
            if not self.busy():
                break
            clock.advance(timedelta(days=8) if day == 5 else timedelta(minutes=31))
        assert not self.busy()

    def _decide_what_people_have_to(self) -> None:
        """Moderators do what is left to them, so that what is left to the machine can be seen to end."""
        for warning in FraudWarning.objects.filter(state="fresh"):
            with suppress(*NO):
                disputes.dismiss_warning(by=self.moderator, warning=warning, reason="it is a regular payer")
        for reversal in Reversal.objects.filter(state="short", receivable=None):
            with suppress(*NO):
                actions.advance_reversal(by=self.moderator, reversal=reversal, reason="the platform pays")
        for hold in Hold.objects.exclude(frozen_at=None):
            with suppress(*NO):
                actions.unfreeze(by=None, hold=hold)

    def busy(self) -> list:
        """What has not come to its end."""
        calls = Call.objects.filter(state__in=("pending", "waiting", "manual"))
        releases = Release.objects.exclude(state__in=("sent", "rejected", "reversed"))
        refunds = Refund.objects.filter(state__in=("queued", "pending"))
        under_way = Thing.objects.exclude(kind="checkout.session", data__status="open")
        return [
            *calls.values_list("operation", "state", "error"),
            *releases.values_list("public_id", "state"),
            *refunds.values_list("public_id", "state"),
            *Event.objects.filter(state="new").values_list("kind", "error"),
            *under_way.filter(due__isnull=False).values_list("kind", "due"),
        ]

    def _in_order(self, user):
        for _ in range(2):
            with suppress(*NO):
                connect.start_onboarding(by=user, return_url="http://h/r/", refresh_url="http://h/f/")
            payee = PayeeAccount.objects.get(user=user)
            if payee.stripe_id:
                inside.control(f"accounts/{payee.stripe_id}/onboard", outcome="complete")
                with suppress(gateway.StripeTrouble):
                    connect.sync_account(payee)


@pytest.fixture
def market(settings, monkeypatch):
    """The offline Stripe inside this process, and a broker that loses every message."""
    inside.connect(monkeypatch, settings)
    monkeypatch.setattr(nudge, "_send", lambda task, args: None)
    yield
    clock.reset()


def how(sequences: int, **more):
    return settings(
        max_examples=sequences,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        **more,
    )


@pytest.mark.timeout(facts.amount(600, 7_200))
@pytest.mark.parametrize("share", range(facts.amount(1, 8)))
def test_whatever_happens_every_cent_is_accounted_for(market, share):
    sequences = facts.amount(12, 125)
    MoneyMachine.lived = 0
    run_machine(MoneyMachine, settings=how(sequences, derandomize=not facts.WHOLE))
    assert MoneyMachine.lived >= sequences
    facts.tell("machine", sequences=MoneyMachine.lived, rules=rules())


def rules() -> int:
    return len({name for name in vars(MoneyMachine) if hasattr(getattr(MoneyMachine, name), RULE_MARKER)})


RULE_MARKER = "hypothesis_stateful_rule"


def test_there_are_more_than_twenty_rules():
    assert rules() >= 20


# --- tests of the test: a copy with a guard taken away has to fail ------------------------------------------


@pytest.fixture
def machine(market):
    """A market in which one hold of two parts is secured and its student can be paid."""
    made = MoneyMachine()
    made.people()
    made.an_engagement_opens_a_hold(0, [20_000, 30_000], 1_000, "USD", 0)
    made.the_payer_opens_the_payment_page(0)
    made.a_payer_pays_by_card_on_any_open_page(0, "success")
    made.the_payer_comes_back_to_the_return_page(0)
    made.a_student_goes_through_the_set_up(0, "complete")
    made.every_webhook_arrives()
    made.a_worker_applies_the_events_that_are_due()
    return made


def test_the_whole_machine_passes_the_steps_that_the_broken_copies_fail(machine):
    machine.stripe_answers_badly_the_next_time("/v1/transfers", "lost")
    machine.work_is_approved_by_a_person_or_by_silence(0)
    machine.a_worker_makes_the_calls_that_are_due()
    machine.one_milestone_is_cancelled_with_a_share_for_the_student(1, 0)
    machine.work_is_approved_by_a_person_or_by_silence(1)
    machine.the_books_are_right()
    machine.teardown()


def test_without_the_guard_against_overdrawing_the_machine_fails(machine, monkeypatch):
    from payments.holds.actions import releasing

    monkeypatch.setattr(releasing, "balance", lambda code: 10**9)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payments_ledgeraccount DROP CONSTRAINT ledger_never_overdrawn")
    try:
        machine.one_milestone_is_cancelled_with_a_share_for_the_student(0, 0)
        machine.work_is_approved_by_a_person_or_by_silence(0)
        with pytest.raises(AssertionError, match="below zero"):
            machine.the_books_are_right()
    finally:
        empty()
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE payments_ledgeraccount ADD CONSTRAINT ledger_never_overdrawn"
                " CHECK (NOT guarded OR balance >= 0)"
            )


def test_the_database_alone_refuses_what_a_missing_check_in_the_code_would_allow(machine, monkeypatch):
    from payments.holds.actions import releasing

    monkeypatch.setattr(releasing, "balance", lambda code: 10**9)
    machine.one_milestone_is_cancelled_with_a_share_for_the_student(0, 0)
    with pytest.raises(IntegrityError, match="ledger_never_overdrawn"):
        machine.work_is_approved_by_a_person_or_by_silence(0)
    machine.the_books_are_right()


def test_with_a_fresh_key_for_each_attempt_the_machine_fails(machine, monkeypatch):
    monkeypatch.setattr(Call, "idempotency_key", property(lambda call: f"{call.uuid}:{random.random()}"))
    machine.stripe_answers_badly_the_next_time("/v1/transfers", "lost")
    machine.work_is_approved_by_a_person_or_by_silence(0)
    machine.a_worker_makes_the_calls_that_are_due()
    machine.time_passes(60)
    machine.a_worker_makes_the_calls_that_are_due()
    machine.the_books_are_right()  # in themselves they are perfectly in order
    with pytest.raises(AssertionError, match="Stripe holds"):
        machine.teardown()


def test_when_a_release_is_posted_twice_the_machine_fails(machine, monkeypatch):
    from payments.holds.actions import releasing

    def twice(kind, key, entries, **more):
        ledger.post(kind, f"{key}:again", entries, **more)
        return ledger.post(kind, key, entries, **more)

    machine.work_is_approved_by_a_person_or_by_silence(0)
    monkeypatch.setattr(releasing, "post", twice)
    with pytest.raises(IntegrityError, match="ledger_never_overdrawn"):
        machine.a_worker_makes_the_calls_that_are_due()
