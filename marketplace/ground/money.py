"""Money: integer minor units and an ISO 4217 code. Never floats, never two currencies in one sum."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from babel.numbers import format_currency, get_currency_precision

MINUS = "\N{MINUS SIGN}"
MAX_MINOR = 99_999_999  # Stripe takes at most eight digits
#: What Stripe counts in whole units; all others have cents or more there. Source: its page "Supported currencies".
WHOLE_AT_STRIPE = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
#: Charged in cents, but paid out in whole units only: a cent would stay behind.
WHOLE_IN_PAYOUTS = frozenset(["HUF", "TWD"])
THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d*)?")


class MoneyError(ValueError):
    """An amount that cannot be money; the message can be shown to people."""


@dataclass(frozen=True, order=False)
class Money:
    """`amount` in minor units (cents for USD, yen for JPY) of `currency` (upper-case ISO code)."""

    amount: int
    currency: str = "USD"

    def __post_init__(self):
        if type(self.amount) is not int:
            raise MoneyError("An amount of money is a whole number of the smallest unit.")

    def _same(self, other: "Money") -> int:
        if not isinstance(other, Money) or other.currency != self.currency:
            raise MoneyError("These amounts are in different currencies.")
        return other.amount

    def __add__(self, other):
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other):
        return Money(self.amount - self._same(other), self.currency)

    def __lt__(self, other):
        return self.amount < self._same(other)

    def __le__(self, other):
        return self.amount <= self._same(other)

    def __bool__(self):
        return self.amount != 0

    def __str__(self):
        return show(self.amount, self.currency)


def exponent(currency: str) -> int:
    """Digits after the point: 2 for USD, 0 for JPY, 3 for KWD."""
    return get_currency_precision(currency.upper())


def step(currency: str) -> int:
    """The smallest amount that Stripe takes, in minor units: 10 where there are three decimals, else 1."""
    return 10 if exponent(currency) == 3 else 1


def check_currency(currency: str) -> None:
    """Raises `MoneyError` for a currency whose smallest unit is not the same to us and to Stripe: 500 would be
    five hundred to one and five to the other.
    """
    code = currency.upper()
    if (exponent(code) == 0) != (code in WHOLE_AT_STRIPE) or exponent(code) > 3 or code in WHOLE_IN_PAYOUTS:
        raise MoneyError(f"Payments in {code} are not possible yet.")


def check_step(amount: int, currency: str) -> None:
    """Raises `MoneyError` for an amount between two steps: Stripe would refuse it."""
    check_currency(currency)
    if amount % step(currency):
        raise MoneyError(f"In {currency.upper()} the last of the three decimals has to be 0.")


def show(amount: int, currency: str = "USD", locale: str = "en_US") -> str:
    """`64000, "USD"` -> `$640.00`, `-500` -> `−$5.00`. Raises `MoneyError` for anything that is not an int."""
    if type(amount) is not int:
        raise MoneyError(f"Not an amount of money: {amount!r}")
    value = Decimal(amount).scaleb(-exponent(currency))
    return format_currency(value, currency.upper(), locale=locale).replace("-", MINUS)


def parse(text: str, currency: str = "USD") -> int:
    """What a person typed (`640`, `640.50`, `$1,200`) as minor units, 1 to `MAX_MINOR`.

    Raises `MoneyError` with a sentence for the person: not a number, zero or less, too many decimals, between
    two steps of the currency, too large.
    """
    cleaned = str(text).strip().removeprefix("$").lstrip()
    # A space inside ("5 0") is a slip of the finger; which amount was meant is not for us to guess.
    # A comma is a thousands separator or a mistake: "1,50" could be meant as either amount.
    if not cleaned.isascii() or "_" in cleaned or ("," in cleaned and not THOUSANDS.fullmatch(cleaned)):
        raise MoneyError("Write the amount in digits, for example 640 or 640.50.")
    cleaned = cleaned.replace(",", "")
    try:
        value = Decimal(cleaned)
    except InvalidOperation:
        raise MoneyError("Write the amount in digits, for example 640 or 640.50.") from None
    if not value.is_finite() or "e" in cleaned.lower():
        raise MoneyError("Write the amount in digits, for example 640 or 640.50.")
    if value <= 0:
        raise MoneyError("The amount has to be more than zero.")
    digits = exponent(currency)
    if -value.as_tuple().exponent > digits and value != value.quantize(Decimal(1).scaleb(-digits)):
        raise MoneyError(f"{currency.upper()} has {digits} digits after the point.")
    minor = int(value.scaleb(digits))
    if minor > MAX_MINOR:
        raise MoneyError(f"The most one payment can be is {show(MAX_MINOR, currency)}.")
    check_step(minor, currency)
    return minor


def rounded(amount: Decimal, currency: str = "USD") -> int:
    """`amount` in minor units as whole steps of the currency, rounded half to even."""
    unit = step(currency)
    return int((amount / unit).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)) * unit


def fee(price: int, rate_bp: int, currency: str = "USD") -> int:
    """The platform fee in minor units: `price` x `rate_bp`/10000, rounded half to even to the currency's step."""
    return rounded(Decimal(price) * rate_bp / 10_000, currency)


def split(total: int, weights: Sequence[int], currency: str = "USD") -> list[int]:
    """`total` in parts proportional to `weights` that add up exactly, each in whole steps of the currency
    (largest remainder, earlier part first). Raises `MoneyError` when `total` is between two steps.
    """
    whole, unit = sum(weights), step(currency)
    if whole <= 0 or any(w < 0 for w in weights):
        raise MoneyError("Shares have to be zero or more and not all zero.")
    check_step(total, currency)
    steps = total // unit
    parts = [steps * w // whole for w in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(steps * weights[i] % whole), i))
    for i in order[: steps - sum(parts)]:
        parts[i] += 1
    return [part * unit for part in parts]
