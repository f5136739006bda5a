"""Money is whole minor units; what people type is understood or refused with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.ground import money


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("640", 64000), ("640.5", 64050), ("$1,200.00", 120000), ("999,999.99", 99999999), (" 0.01 ", 1)],
)
def test_what_people_type_becomes_cents(typed, cents):
    assert money.parse(typed) == cents


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "0",
        "-5",
        "-0",
        "NaN",
        "Infinity",
        "1e3",
        "10.005",
        "ten",
        "１２",
        "10**30",
        "1000000000",
        "None",
        "1.2.3",
        "1,50.00",
        "1,50",
        "12,00,0",
        ",640",
        "1.200,00",
        "\x00",
    ],
)
def test_what_is_not_money_is_refused_with_a_sentence(typed):
    with pytest.raises(money.MoneyError, match=r"\.$"):
        money.parse(typed)


def test_currencies_have_their_own_number_of_digits():
    assert money.parse("500", "JPY") == 500
    assert money.parse("1.230", "KWD") == 1230
    with pytest.raises(money.MoneyError):
        money.parse("1.5", "JPY")
    with pytest.raises(money.MoneyError, match="last of the three decimals"):  # Stripe refuses it
        money.parse("1.234", "KWD")
    assert money.show(1234, "KWD").endswith("1.234")


def test_different_currencies_never_meet():
    with pytest.raises(money.MoneyError):
        money.Money(1, "USD") + money.Money(1, "EUR")


@pytest.mark.parametrize("wrong", [1.5, True, "5", None])
def test_only_whole_numbers_are_shown(wrong):
    with pytest.raises(money.MoneyError):
        money.show(wrong)


@given(
    st.integers(0, 10**8), st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(lambda w: sum(w) > 0)
)
def test_parts_add_up_to_the_cent_and_follow_their_weights(total, weights):
    parts = money.split(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < 1


@pytest.mark.parametrize(
    ("price", "rate", "fee"), [(50000, 1000, 5000), (25, 1000, 2), (35, 1000, 4), (1, 1000, 0)]
)
def test_the_fee_rounds_half_to_even(price, rate, fee):
    assert money.fee(price, rate) == fee


@pytest.mark.parametrize("text", ["5 0", "1 200", "$ 5 0", "5\u00a00", "5$0", "6 40.50"])
def test_a_space_inside_an_amount_is_asked_about_not_guessed(text):
    with pytest.raises(money.MoneyError, match="in digits"):
        money.parse(text)


@pytest.mark.parametrize("text", [" 50 ", "$50", "$ 50", "50.00"])
def test_space_around_an_amount_is_nothing(text):
    assert money.parse(text) == 5_000


def test_below_zero_has_a_true_minus_sign():
    assert money.show(-64_050) == "\u2212$640.50"


@pytest.mark.parametrize("currency", ["ISK", "UGX", "RSD", "HUF", "TWD", "CLF", "rsd"])
def test_a_currency_that_stripe_counts_otherwise_is_refused_rather_than_charged_a_hundredfold(currency):
    with pytest.raises(money.MoneyError, match="not possible yet"):
        money.parse("500", currency)


@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY", "VND", "KWD", "MGA"])
def test_what_stripe_counts_as_we_do_is_taken(currency):
    money.check_currency(currency)
