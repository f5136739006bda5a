"""What payments tells the rooms above. Sent inside the transaction that made it true.

A receiver that raises rolls the money back with it; the outbox or the inbox then tries again.
"""

from django.dispatch import Signal

#: ref: str. Sent before a hold is locked by payments itself, so that a listener can first lock what comes
#: earlier in the lock order (project, application, engagement, milestone).
hold_locking = Signal()

funds_processing = Signal()  # hold, funding: a bank debit is under way, nothing is secured yet
funds_secured = Signal()  # hold, funding (None when sponsors pay for all of it): the whole price is here
funds_failed = Signal()  # hold, funding, why: the payment was refused; another may be tried
funding_expired = Signal()  # hold, funding: the payment page closed unpaid; another may be opened

part_released = Signal()  # part, release, at: the transfer to the student exists
release_waiting = Signal()  # part, release, why: "scheduled" | "payee" | "funds"
release_failed = Signal()  # part, release, why: refused for good, the money is back in the hold

refund_done = Signal()  # hold, refund
refund_failed = Signal()  # hold, refund, why: the money stands as the payer's credit, staff decide

part_reversed = Signal()  # part, reversal: taken back from the student (short: advanced by the platform)
reversal_short = Signal()  # part, reversal: the student's balance was too low, a moderator decides
reversal_failed = Signal()  # part, reversal, why: Stripe refused for good, staff decide
receivable_changed = Signal()  # receivable, old: what a student owes is new, repaid, written off or forgiven

funds_disputed = Signal()  # hold, dispute: the payer's bank asks for the money, or asks about it
evidence_due = Signal()  # hold, dispute, hours: nobody has answered the bank, and so much time is left
lot_disputed = Signal()  # lot, dispute: a bank asks about a sponsor's payment, or has now taken it back
dispute_closed = Signal()  # hold, dispute, outcome: "won" | "lost" | "withdrawn"
fraud_warned = Signal()  # hold, warning: the card's network suspects fraud; a moderator decides
money_returned = Signal()  # hold, why, by: everything unreleased went back, by a moderator or after fraud
release_decided = Signal()  # hold, part, why, by: a moderator releases a milestone; sent before it is done
refund_decided = (
    Signal()
)  # hold, why, by: a moderator gives everything back; sent before it is done, may be refused
unexpected_at_stripe = Signal()  # hold, what: somebody moved this hold's money at Stripe by hand
returned_to_sponsors = Signal()  # hold, shares [(part, amount)], amount, reason: back in their wallets
wallet_paid = Signal()  # wallet, lot: money came in
wallet_payment_failed = Signal()  # wallet, lot, why
payback_by_hand = Signal()  # payback, what: somebody refunded a sponsor at Stripe by hand
payback_failed = Signal()  # payback, why: a return to the sponsor did not work, it is free again
topped_up = Signal()  # currency: the operator moved money from the bank to Stripe
wallet_frozen = Signal()  # wallet, why

payee_changed = Signal()  # payee, old, new: the student's Stripe account changed state
payout_paid = Signal()  # user (or None), amount, currency, payout
payout_failed = Signal()  # user (or None), amount, currency, payout, why

hold_frozen = Signal()  # hold, why
hold_unfrozen = Signal()  # hold, since: when it had been stopped
hold_limit_near = Signal()  # hold: the limit comes soon
hold_limit_reached = Signal()  # hold: held longer than the policy allows, a moderator decides
