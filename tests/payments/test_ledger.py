"""The books, with real commits: what the database itself refuses, whoever asks."""

import threading

import pytest
from django.db import Error, IntegrityError, connection, transaction

from payments.ledger.actions import PostingConflict, post
from payments.ledger.chart import CHART, code
from payments.ledger.models import LedgerAccount, LedgerEntry, LedgerTransaction
from payments.ledger.queries import balance, trial_balance

pytestmark = pytest.mark.django_db(transaction=True)

STRIPE = code("stripe_balance", "USD")
HOLD = code("hold", "USD", "p1")
FLIGHT = code("release_in_flight", "USD", "r1")


def secure(amount=500, key="fund:ch_1"):
    return post("funds_secured", key, [(STRIPE, amount), (HOLD, -amount)], currency="USD")


def run_sql(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_a_posting_moves_both_balances():
    secure()
    assert balance(STRIPE) == 500
    assert balance(HOLD) == 500
    assert sum(total for _, _, total in trial_balance()) == 0


@pytest.mark.parametrize(
    "entries",
    [
        [(STRIPE, 500), (HOLD, -499)],
        [(STRIPE, 500)],
        [],
    ],
    ids=["unbalanced", "one-sided", "empty"],
)
def test_what_does_not_balance_is_refused_where_it_is_posted(entries):
    with pytest.raises(IntegrityError):
        post("funds_secured", "fund:ch_1", entries, currency="USD")
    assert LedgerTransaction.objects.count() == 0


def test_another_currency_than_the_accounts_is_refused():
    secure()
    with pytest.raises(IntegrityError):
        post("release_queued", "x", [(HOLD, 100), (FLIGHT, -100)], currency="EUR")
    assert balance(HOLD) == 500


@pytest.mark.parametrize("amount", [1.0, "500", True, None])
def test_only_whole_minor_units_are_amounts(amount):
    with pytest.raises(TypeError):
        post("funds_secured", "k", [(STRIPE, amount), (HOLD, -500)], currency="USD")


def test_an_amount_that_stripe_could_not_carry_is_refused():
    with pytest.raises(IntegrityError):
        secure(10**9)


def test_a_hold_can_never_be_overdrawn():
    secure(500)
    with pytest.raises(IntegrityError):
        post("release_queued", "release:r1:queue", [(HOLD, 501), (FLIGHT, -501)], currency="USD")
    assert balance(HOLD) == 500


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_ledgerentry SET amount = amount * 2",
        "DELETE FROM payments_ledgerentry",
        "UPDATE payments_ledgertransaction SET kind = 'other'",
        "DELETE FROM payments_ledgertransaction",
        "UPDATE payments_ledgeraccount SET balance = 1000000",
        "UPDATE payments_ledgeraccount SET guarded = false",
        "DELETE FROM payments_ledgeraccount",
        "TRUNCATE payments_ledgerentry",
        "TRUNCATE payments_ledgertransaction CASCADE",
        "TRUNCATE payments_ledgeraccount CASCADE",
    ],
)
def test_nothing_written_is_changed_or_taken_away(statement):
    secure()
    with pytest.raises(Error):
        run_sql(statement)
    assert (balance(STRIPE), balance(HOLD)) == (500, 500)


def test_a_committed_transaction_takes_no_more_entries():
    made = secure()
    account = LedgerAccount.objects.get(code=HOLD)
    with pytest.raises(IntegrityError, match="sealed"), transaction.atomic():
        LedgerEntry.objects.bulk_create(
            [
                LedgerEntry(transaction=made, account=account, amount=amount, currency="USD")
                for amount in (5, -5)
            ]
        )


def test_entries_added_behind_a_checked_posting_are_checked_too():
    def slip_one_in():
        with transaction.atomic():
            made = secure()
            account = LedgerAccount.objects.get(code=HOLD)
            LedgerEntry.objects.create(transaction=made, account=account, amount=-7, currency="USD")

    with pytest.raises(IntegrityError, match="balance"):
        slip_one_in()
    assert not LedgerTransaction.objects.exists()


def test_an_account_starts_at_zero_whatever_is_claimed():
    LedgerAccount.objects.create(code=HOLD, currency="USD", sign=-1, guarded=True, balance=999)
    assert balance(HOLD) == 0


def test_the_same_key_is_the_same_posting():
    first, second = secure(), secure()
    assert first == second
    assert balance(HOLD) == 500


def test_the_same_key_for_something_else_is_an_error():
    secure(500)
    with pytest.raises(PostingConflict):
        secure(600)
    assert balance(HOLD) == 500


def at_once(number, work):
    """Run `work(index)` in threads that start together; the exceptions that came out."""
    barrier, errors = threading.Barrier(number), []

    def run(index):
        try:
            barrier.wait(10)
            work(index)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return errors


def test_sixteen_at_once_under_one_key_make_one_posting():
    assert at_once(16, lambda index: secure()) == []
    assert LedgerTransaction.objects.count() == 1
    assert balance(HOLD) == 500


def test_of_sixteen_racing_releases_of_one_hold_one_goes_through():
    secure(500)

    def release(index):
        flight = code("release_in_flight", "USD", f"r{index}")
        post("release_queued", f"release:{index}:queue", [(HOLD, 500), (flight, -500)], currency="USD")

    errors = at_once(16, release)
    assert len(errors) == 15
    assert balance(HOLD) == 0


def test_without_the_guard_the_race_would_be_lost():
    """The control: take the database's check away, and more than one release goes through."""
    secure(500)
    run_sql("ALTER TABLE payments_ledgeraccount DROP CONSTRAINT ledger_never_overdrawn")
    try:
        errors = at_once(
            4,
            lambda index: post(
                "release_queued",
                f"release:{index}:queue",
                [(HOLD, 500), (code("release_in_flight", "USD", f"r{index}"), -500)],
                currency="USD",
            ),
        )
        assert errors == []
        assert balance(HOLD) == -1500
    finally:
        run_sql("SET LOCAL session_replication_role = replica; UPDATE payments_ledgeraccount SET balance = 0")
        run_sql(
            "ALTER TABLE payments_ledgeraccount ADD CONSTRAINT ledger_never_overdrawn"
            " CHECK (NOT guarded OR balance >= 0)"
        )


@pytest.mark.parametrize(("currency", "amount"), [("JPY", 500), ("USD", 50_000), ("KWD", 500_000)])
def test_currencies_of_every_exponent_are_kept_apart(currency, amount):
    post(
        "funds_secured",
        "k",
        [(code("stripe_balance", currency), amount), (code("hold", currency, "p"), -amount)],
        currency=currency,
    )
    assert balance(code("hold", currency, "p")) == amount
    assert balance(code("stripe_balance", "EUR")) == 0


def test_every_account_says_what_it_is_for():
    assert all(kind.words and kind.sign in (1, -1) for kind in CHART.values())
    with pytest.raises(ValueError):
        code("hold", "USD")
    with pytest.raises(KeyError):
        code("pocket", "USD")
