"""The ledger in words: what a posting was, and what an account is."""

from ..ledger.chart import kind_of

KINDS = {
    "funds_secured": "Funds secured",
    "paid_without_hold": "Paid although nothing was due",
    "paid_other_amount": "Paid in another amount or currency",
    "stripe_fee": "Stripe's processing fee",
    "release_queued": "Approved, sent to Stripe",
    "released": "Released to the student",
    "release_void": "Release refused, back in the hold",
    "refund_queued": "Refund sent to Stripe",
    "refunded": "Refunded to the payer",
    "refund_failed": "Refund came back",
    "allocated": "Paid in by a sponsor",
    "sponsor_paid": "A sponsor paid into its wallet",
    "sponsor_transferred": "A sponsor's bank transfer",
    "sponsor_transfer_void": "A bank transfer recorded by mistake",
    "topped_up": "Moved from the bank to Stripe",
    "payback_queued": "A sponsor asks its money back",
    "payback_by_hand": "Refunded to a sponsor at Stripe by hand",
    "paid_back": "Paid back to a sponsor",
    "payback_failed": "Could not be paid back, free again",
    "returned_to_sponsor": "Back with the sponsor",
    "reversed": "Taken back from the student",
    "receivable": "Advanced by the platform, owed by the student",
    "receivable_repaid": "Kept back to repay what was owed",
    "receivable_forgiven": "Owed no longer",
    "receivable_written_off": "Written off",
    "sponsor_disputed": "Set aside: a bank took the sponsor's payment back",
    "sponsor_undisputed": "Free again: the bank gave the sponsor's payment back",
    "dispute_withdrawn": "Taken by the payer's bank",
    "dispute_reinstated": "Given back by the payer's bank",
    "dispute_frozen": "Set aside for a dispute",
    "dispute_thawed": "Freed after a dispute",
    "dispute_lost": "Taken back through the payer's bank",
    "dispute_lost_reversed": "Given back after an appeal",
    "dispute_recovered": "Recovered after a lost dispute",
}
NAMES = {
    "stripe_balance": "Our balance at Stripe",
    "bank": "Our bank account",
    "dispute_receivable": "Taken by a bank, undecided",
    "student_receivable": "Owed by a student",
    "sponsor_pool": "Sponsor's money",
    "hold": "Secured",
    "hold_frozen": "Set aside for a dispute",
    "tax_held": "Sales tax, held",
    "release_in_flight": "On its way to a student",
    "refund_in_flight": "On its way back to a payer",
    "recovered": "Taken back from a student",
    "employer_credit": "A payer's credit",
    "tax_payable": "Sales tax, owed",
    "platform_fee": "Fees earned",
    "fee_refunded": "Fees given back",
    "stripe_fee": "Stripe's fees",
    "dispute_fee": "Stripe's dispute fees",
    "dispute_loss": "Disputes lost",
    "bad_debt": "Written off",
    "suspense": "Unexplained",
}


def kind(name: str) -> str:
    """`refund_queued` -> `Refund sent to Stripe`; a new kind by its own name."""
    return KINDS.get(name) or name.replace("_", " ").capitalize()


def account(code: str) -> str:
    """`hold:<uuid>:USD` -> `Secured`."""
    name = code.split(":", 1)[0]
    return NAMES.get(name) or kind_of(code).words
