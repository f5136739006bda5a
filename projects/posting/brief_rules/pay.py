"""Rules of pay: a price that reaches the floor, and no slip of a digit."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal

from marketplace.ground import money

from .base import IMPROVE, Brief, Finding, Reading, finding, rule
from .words import count

HIGH_HOURLY = 15_000  # cents: above this an hour somebody has probably typed a digit too many
HALF = Decimal("0.5")


def net_per_hour(price: int, hours: Decimal, fee_bp: int, currency: str = "USD") -> Decimal:
    """What the student keeps of `price` per estimated hour, in minor units, unrounded. `hours` above zero."""
    return Decimal(price - money.fee(price, fee_bp, currency)) / Decimal(hours)


def lowest_price(hours: Decimal, floor_cents: int, fee_bp: int, currency: str = "USD") -> int:
    """The smallest price in minor units, in whole steps of the currency, whose net reaches `floor_cents` for each
    of `hours`.
    """
    unit = money.step(currency)
    net = int((Decimal(floor_cents) * Decimal(hours)).to_integral_value(ROUND_CEILING))
    price = int((Decimal(net) * 10_000 / (10_000 - fee_bp) / unit).to_integral_value(ROUND_DOWN)) * unit
    while price - money.fee(price, fee_bp, currency) < net:
        price += unit
    while price > unit and price - unit - money.fee(price - unit, fee_bp, currency) >= net:
        price -= unit
    return price


def amount(cents: int, currency: str) -> str:
    """`18000` -> `$180`, `18050` -> `$180.50`."""
    shown = money.show(cents, currency)
    return shown[:-3] if shown.endswith(".00") else shown


@rule("pay-missing")
def pay_missing(reading: Reading) -> Iterator[Finding]:
    """Every project is paid."""
    if not reading.brief.price:
        yield finding(
            "price",
            "No price is set.",
            "Every project here is paid, and students see the hourly rate before they apply.",
            _would_pass(reading.brief)
            or "Set the hours first, then a price; the page shows what it makes an hour.",
        )


@rule("pay-floor")
def pay_floor(reading: Reading) -> Iterator[Finding]:
    """The student's net of the whole project, per estimated hour, is tested against the floor."""
    brief = reading.brief
    if not brief.price or not brief.hours or brief.hours <= 0:
        return
    rate = net_per_hour(brief.price, brief.hours, brief.fee_bp, brief.currency)
    if rate >= brief.floor_cents:
        return
    shown = int(rate.to_integral_value(ROUND_HALF_UP))
    if shown >= brief.floor_cents:  # 19.996 is below 20.00 and may not be shown as 20.00
        shown = int(rate.to_integral_value(ROUND_DOWN))
    yield finding(
        "price",
        f"{amount(brief.price, brief.currency)} for {count(brief.hours)} hours leaves the student "
        f"{money.show(shown, brief.currency)} an hour. The floor is "
        f"{money.show(brief.floor_cents, brief.currency)}.",
        "The floor is what the student keeps after the platform fee, for each hour you expect the work to "
        "take.",
        _would_pass(brief) + _fewer_hours(brief),
    )


def _would_pass(brief: Brief) -> str:
    if not brief.hours or brief.hours <= 0:
        return ""
    price = lowest_price(brief.hours, brief.floor_cents, brief.fee_bp, brief.currency)
    return f"{money.show(price, brief.currency)} or more for {count(brief.hours)} hours would pass."


def _fewer_hours(brief: Brief) -> str:
    net = Decimal(brief.price - money.fee(brief.price, brief.fee_bp, brief.currency))
    hours = (net / brief.floor_cents / HALF).to_integral_value(ROUND_DOWN) * HALF
    if hours < brief.min_hours:
        return ""
    return f" Or make the project smaller: at this price, {count(hours)} hours."


@rule("pay-typing", IMPROVE)
def pay_typing(reading: Reading) -> Iterator[Finding]:
    """A rate far above the usual is more often a slip than a gift."""
    brief = reading.brief
    if (
        brief.price
        and brief.hours
        and net_per_hour(brief.price, brief.hours, brief.fee_bp, brief.currency) > HIGH_HOURLY
    ):
        rate = int(net_per_hour(brief.price, brief.hours, brief.fee_bp, brief.currency))
        yield finding(
            "price",
            f"That makes {money.show(rate, brief.currency)} an hour for the student.",
            "Rates like this are rare here, and students may take the posting for a trap.",
            "Check the price and the hours for a digit too many or too few. If it is meant, say why in the "
            "summary.",
        )
