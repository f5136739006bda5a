"""Currencies with 0, 2 and 3 decimals: whatever is agreed, sponsored, cancelled or taken back, the sums are kept to the
unit, and no amount lies between two steps, because Stripe would refuse it.
"""

from decimal import Decimal

import pytest
from babel.numbers import list_currencies
from hypothesis import given
from hypothesis import strategies as st

from marketplace.ground import money
from payments.holds.figures import fee_on, pay_in_order
from payments.holds.models import Hold, Part
from projects.posting import columns
from projects.posting.brief_check import lowest_price, net_per_hour
from projects.sponsoring.rules import share_out
from projects.working import split

CURRENCIES = st.sampled_from(["JPY", "USD", "KWD", "BHD"])
RATES = st.integers(0, 3_000)


@st.composite
def agreements(draw):
    """(currency, (net, fee, sponsored) of each milestone, price, fee) as an agreement would write them."""
    currency = draw(CURRENCIES)
    unit = money.step(currency)
    weights = draw(st.lists(st.integers(1, 400), min_size=1, max_size=6))
    price = draw(st.integers(1_000, 9_999_999 // unit)) * unit
    fee = money.fee(price, draw(RATES), currency)
    rows = [
        (part - of, of)
        for part, of in zip(
            money.split(price, weights, currency), money.split(fee, weights, currency), strict=True
        )
    ]
    assert sum(net + of for net, of in rows) == price
    share = Decimal(draw(st.integers(0, 10_000))) / 10_000
    sponsored = money.rounded((price - fee) * share, currency)
    shared = share_out(rows, sponsored, currency)
    assert sum(one.sponsored for one in shared) == sponsored
    assert [one.price - one.fee for one in shared] == [net for net, _ in rows], "the student's net stays"
    return currency, [(one.price - one.fee, one.fee, one.sponsored) for one in shared]


def whole(amounts, currency) -> bool:
    return not [amount for amount in amounts if amount < 0 or amount % money.step(currency)]


@given(agreements())
def test_what_is_agreed_is_whole_steps(agreed):
    currency, parts = agreed
    assert whole([amount for part in parts for amount in part], currency)
    assert all(own + fee > fee for net, fee, sponsored in parts if fee for own in [net - sponsored])


@given(agreements(), st.floats(0, 1), st.integers(0, 5), st.integers(0, 10_000))
def test_a_cancellation_pays_refunds_and_returns_whole_steps_that_add_up(agreed, elapsed, done, penalty):
    currency, parts = agreed
    submitted = sum(net for net, _, _ in parts[:done])
    for found in (
        split.employer_cancels(0, parts, submitted, elapsed, currency),
        split.never_started(parts, penalty, currency),
        split.student_cancels(0, parts, currency),
    ):
        moved = (found.pays, found.fee, found.refunds, found.returns)
        assert sum(moved) == sum(net + fee for net, fee, _ in parts)
        assert whole(moved, currency)


@given(agreements(), st.floats(0, 1))
def test_what_is_sent_for_it_is_what_was_shown(agreed, elapsed):
    """The preview knows shares of milestones; the money knows a part for each source. They agree to the unit."""
    currency, rows = agreed
    hold = Hold(currency=currency)
    parts = []
    for place, (net, fee, sponsored) in enumerate(rows):
        if net - sponsored:
            parts.append(Part(hold=hold, ref=str(place), price=net - sponsored + fee, fee=fee))
        if sponsored:
            parts.append(Part(hold=hold, ref=str(place), price=sponsored, fee=0, lot_id=1))
    shown = split.employer_cancels(0, rows, 0, elapsed, currency)
    pays = pay_in_order([(part, part.net) for part in parts], shown.pays, currency)
    fees = [
        fee_on(part.fee, part.net, pay, currency) if pay else 0 for part, pay in zip(parts, pays, strict=True)
    ]
    backs = [part.price - pay - fee for part, pay, fee in zip(parts, pays, fees, strict=True)]

    assert whole([*pays, *fees, *backs], currency)
    assert sum(pays) == shown.pays
    assert all(pay <= part.net for part, pay in zip(parts, pays, strict=True))
    returned = sum(back for part, back in zip(parts, backs, strict=True) if part.lot_id)
    assert (sum(fees), returned, sum(backs) - returned) == (shown.fee, shown.returns, shown.refunds)


@given(CURRENCIES, RATES, st.integers(0, 99_999), st.integers(1, 400))
def test_the_lowest_price_is_a_whole_step_and_the_lowest(currency, rate, floor, tenths):
    hours, unit = Decimal(tenths) / 10, money.step(currency)
    price = lowest_price(hours, floor, rate, currency)
    assert price % unit == 0
    assert net_per_hour(price, hours, rate, currency) >= floor
    assert price <= unit or net_per_hour(price - unit, hours, rate, currency) < floor


@pytest.mark.parametrize("currency", ["JPY", "USD", "KWD"])
def test_an_amount_between_two_steps_cannot_be_shared_out(currency):
    if money.step(currency) == 1:
        assert sum(money.split(101, [1, 2, 3], currency)) == 101
    else:
        with pytest.raises(money.MoneyError, match="last of the three decimals"):
            money.split(101, [1, 2, 3], currency)


def test_the_database_knows_the_same_currencies_of_three_decimals():
    assert {code for code in list_currencies() if money.step(code) == 10} == set(columns.THREE_DECIMALS)
