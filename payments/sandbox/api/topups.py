"""Top-ups: money that the operator moves from a bank account to the balance. Made at the bank, so only read here."""

from ..models import Thing
from ..store import add, add_line, save, tell


def arrive(amount: int, currency: str) -> Thing:
    """It has come: one line on the balance, and an event."""
    topup = add(
        "topup",
        {
            "amount": amount,
            "currency": currency,
            "description": None,
            "expected_availability_date": None,
            "failure_code": None,
            "failure_message": None,
            "metadata": {},
            "source": None,
            "statement_descriptor": None,
            "status": "succeeded",
            "transfer_group": None,
        },
    )
    line = add_line("topup", amount, currency, topup.id)
    save(topup, balance_transaction=line.id)
    tell("topup.succeeded", topup.data)
    return topup
