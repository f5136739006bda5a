"""The chart of accounts. A code is `name:key:CURRENCY`, or `name:CURRENCY` where there is one for the
house.
"""

from typing import NamedTuple

DEBIT, CREDIT = 1, -1


class Kind(NamedTuple):
    sign: int  # the side on which the account normally stands
    guarded: bool  # may never fall below zero; the database keeps its running balance
    keyed: bool  # one account per thing (part, release, payer ...) rather than one for the house
    words: str


CHART = {
    # what we have
    "stripe_balance": Kind(DEBIT, False, False, "Money at Stripe, available or on its way there"),
    "bank": Kind(DEBIT, False, False, "The operator's bank account"),
    "dispute_receivable": Kind(DEBIT, False, True, "Taken back by a card network, undecided"),
    "student_receivable": Kind(DEBIT, False, True, "Owed by a student after a reversal that fell short"),
    # what we owe
    "sponsor_pool": Kind(CREDIT, True, True, "A sponsor's money, not yet given to a project"),
    "hold": Kind(CREDIT, True, True, "Secured for one part of an engagement"),
    "hold_frozen": Kind(CREDIT, True, True, "Secured or a sponsor's, but under a dispute"),
    "tax_held": Kind(CREDIT, True, True, "Sales tax collected with a part"),
    "release_in_flight": Kind(CREDIT, True, True, "Approved, transfer not yet confirmed"),
    "refund_in_flight": Kind(CREDIT, True, True, "Going back to the payer, refund not yet confirmed"),
    "recovered": Kind(CREDIT, True, True, "Taken back from a student, on its way to the payer"),
    "employer_credit": Kind(CREDIT, True, True, "The payer's money with no hold to go to"),
    "tax_payable": Kind(CREDIT, True, True, "Sales tax owed to a jurisdiction"),
    # what we earned and spent
    "platform_fee": Kind(CREDIT, False, False, "Fees earned as work was released"),
    "fee_refunded": Kind(DEBIT, False, False, "Fees given back"),
    "stripe_fee": Kind(DEBIT, False, False, "Stripe's processing fees"),
    "dispute_fee": Kind(DEBIT, False, False, "Stripe's dispute fees"),
    "dispute_loss": Kind(DEBIT, False, False, "Disputes lost"),
    "goodwill": Kind(DEBIT, False, False, "Returned to payers out of the platform's own money"),
    "bad_debt": Kind(DEBIT, False, False, "Receivables written off"),
    "suspense": Kind(DEBIT, False, False, "Unexplained; must be zero"),
}


def code(name: str, currency: str, key: object = None) -> str:
    """`code("hold", "USD", part.uuid)` -> `hold:<uuid>:USD`. Raises KeyError for a name not in the chart."""
    if CHART[name].keyed != (key is not None):
        raise ValueError(f"{name} {'needs' if CHART[name].keyed else 'takes no'} key")
    middle = f":{key}" if key is not None else ""
    return f"{name}{middle}:{currency.upper()}"


def kind_of(account_code: str) -> Kind:
    return CHART[account_code.split(":", 1)[0]]
