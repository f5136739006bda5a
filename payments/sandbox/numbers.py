"""Test numbers of the hosted page and what follows from each; where Stripe has such a number it is Stripe's
own (docs.stripe.com/testing).
"""

from typing import NamedTuple


class Card(NamedTuple):
    brand: str
    outcome: str
    words: str


CARDS = {
    "4242424242424242": Card("visa", "success", "goes through"),
    "5555555555554444": Card("mastercard", "success", "goes through"),
    "4000000000000002": Card("visa", "declined", "is declined"),
    "4000000000009995": Card("visa", "insufficient_funds", "has insufficient funds"),
    "4000002760003184": Card("visa", "3ds", "the bank asks you first (3-D Secure)"),
    "4000000000000259": Card("visa", "dispute", "goes through, and is disputed a little later"),
    "4000000000001976": Card("visa", "inquiry", "goes through, and the bank inquires a little later"),
    "4000000000005423": Card("visa", "warning", "goes through, and a fraud warning follows"),
    "4000000000007726": Card("visa", "refund_pending", "goes through; a refund takes its time"),
    "4000000000005126": Card("visa", "refund_fails", "goes through; a refund comes back days later"),
}
BANKS = {
    "000123456789": ("bank", "bank account, arrives later"),
    "000111111116": ("bank_fails", "bank account, fails later"),
    "000555555559": ("bank_dispute", "bank account, arrives and is disputed later"),
}
REFUSALS = {
    "declined": "Your card was declined. Try another card.",
    "insufficient_funds": "Your card has insufficient funds. Try another card.",
}
#: How a payment may be made through the control of the same name.
PAYMENTS = tuple(
    dict.fromkeys([*(card.outcome for card in CARDS.values()), *(way for way, _ in BANKS.values())])
)


def grouped(number: str) -> str:
    """4242424242424242 -> 4242 4242 4242 4242"""
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4)) if len(number) == 16 else number


def card_of(outcome: str) -> str:
    """A card number that comes to `outcome`."""
    return next(number for number, card in CARDS.items() if card.outcome == outcome)
