"""States of secured money. What a person is told about one part (`PART_WORDS`) follows from the rows below
it.
"""

# A hold: the whole price of one engagement.
UNFUNDED, PROCESSING, SECURED, SETTLED, CANCELLED = (
    "unfunded",
    "processing",
    "secured",
    "settled",
    "cancelled",
)

HOLD_MOVES = {
    UNFUNDED: {PROCESSING, SECURED, CANCELLED},
    PROCESSING: {UNFUNDED, SECURED, CANCELLED},
    SECURED: {SETTLED},
    SETTLED: {SECURED},  # a release or refund that Stripe refused puts money back
    CANCELLED: set(),
}
HOLD_WORDS = {
    UNFUNDED: "not yet secured",
    PROCESSING: "payment on its way",
    SECURED: "secured",
    SETTLED: "settled",
    CANCELLED: "cancelled",
}

# A funding: one visit of the payer to Stripe's payment page.
DRAFT, OPEN, FUNDED, FAILED, EXPIRED = "draft", "open", "funded", "failed", "expired"

FUNDING_MOVES = {
    DRAFT: {OPEN, PROCESSING, FUNDED, FAILED, EXPIRED},
    OPEN: {PROCESSING, FUNDED, FAILED, EXPIRED},
    PROCESSING: {FUNDED, FAILED},
    # The money may arrive after we gave up on it; then it is recorded, and given back if nobody waits for it.
    EXPIRED: {FUNDED, PROCESSING, FAILED},
    FAILED: {FUNDED, PROCESSING},
    FUNDED: set(),
}
FUNDING_LIVE = (DRAFT, OPEN, PROCESSING)
FUNDING_WORDS = {
    DRAFT: "being prepared",
    OPEN: "payment page open",
    PROCESSING: "payment on its way",
    FUNDED: "paid",
    FAILED: "failed",
    EXPIRED: "closed unpaid",
}

# A release: one transfer to one student.
SCHEDULED, QUEUED, WAITING_PAYEE, WAITING_FUNDS, SENT, REJECTED, REVERSED = (
    "scheduled",
    "queued",
    "waiting_payee",
    "waiting_funds",
    "sent",
    "rejected",
    "reversed",
)

RELEASE_MOVES = {
    SCHEDULED: {QUEUED, WAITING_PAYEE, WAITING_FUNDS, SENT, REJECTED},
    QUEUED: {
        SENT,
        WAITING_PAYEE,
        WAITING_FUNDS,
        REJECTED,
        SCHEDULED,
    },  # back: the hold was stopped before it went
    WAITING_PAYEE: {QUEUED, SENT, WAITING_FUNDS, REJECTED},
    WAITING_FUNDS: {QUEUED, SENT, WAITING_PAYEE, REJECTED},
    SENT: {REVERSED},
    REJECTED: set(),
    REVERSED: {SENT},  # a dispute was won, and part of it had never really been taken
}
RELEASE_WAITING = (SCHEDULED, QUEUED, WAITING_PAYEE, WAITING_FUNDS)
RELEASE_WORDS = {
    SCHEDULED: "scheduled",
    QUEUED: "being sent",
    WAITING_PAYEE: "waiting for the payout set-up",
    WAITING_FUNDS: "waiting for funds at Stripe",
    SENT: "released",
    REJECTED: "refused, back in the hold",
    REVERSED: "taken back",
}

# A refund: one return to the payer.
SUCCEEDED = "succeeded"
PENDING = "pending"
RETURNED = "returned"

REFUND_MOVES = {
    QUEUED: {PENDING, SUCCEEDED, FAILED, RETURNED},  # returned: the bank took the money for the payer itself
    PENDING: {SUCCEEDED, FAILED},
    SUCCEEDED: {FAILED},  # a bank may send it back days later
    FAILED: {RETURNED},
    RETURNED: {QUEUED},  # the bank gave it back after an appeal
}
REFUND_WORDS = {
    QUEUED: "being sent",
    PENDING: "on its way to the payer",
    SUCCEEDED: "refunded",
    FAILED: "failed",
    RETURNED: "paid back by the bank",
}
REFUND_DONE = (SUCCEEDED, RETURNED)

# A reversal: one taking back of what a student was sent.
SHORT = "short"

REVERSAL_MOVES = {
    QUEUED: {SENT, SHORT, FAILED},
    SHORT: {QUEUED},  # a moderator has it tried again, while nobody has advanced the money
    SENT: set(),
    FAILED: set(),
}
REVERSAL_WORDS = {
    QUEUED: "being taken back",
    SENT: "taken back",
    SHORT: "the student's balance was too low",
    FAILED: "refused by Stripe",
}

# A part's money on `hold_frozen`, while the bank decides about a dispute.
FROZEN, THAWED, GONE = "frozen", "thawed", "gone"

FROZEN_MOVES = {FROZEN: {THAWED, GONE}, GONE: {FROZEN}, THAWED: set()}  # an appeal may bring it back
FROZEN_WORDS = {FROZEN: "under a dispute", THAWED: "back in the hold", GONE: "taken by the bank"}

# What a student owes after a reversal that fell short.
OWED, REPAID, WRITTEN_OFF, FORGIVEN = "owed", "repaid", "written_off", "forgiven"

RECEIVABLE_MOVES = {
    OWED: {REPAID, WRITTEN_OFF, FORGIVEN},
    REPAID: {OWED, FORGIVEN},  # a release that had repaid it was refused; a dispute was won after all
    WRITTEN_OFF: set(),
    FORGIVEN: set(),
}
RECEIVABLE_WORDS = {
    OWED: "to be repaid from the next releases",
    REPAID: "repaid",
    WRITTEN_OFF: "written off",
    FORGIVEN: "no longer owed",
}

# What people are told about one part.
PART_WORDS = {
    "unfunded": "Not yet secured",
    "processing": "Payment on its way",
    "held": "Secured",
    "frozen": "On hold",
    "scheduled": "Approved, release scheduled",
    "waiting_payee": "Approved, waiting for payout set-up",
    "waiting_funds": "Approved, waiting for funds at Stripe",
    "releasing": "Being released",
    "released": "Released",
    "on_its_way": "On its way to the bank",
    "paid_out": "Paid out",
    "refunding": "Being refunded",
    "refunded": "Refunded",
    "reversing": "Being taken back",
    "reversed": "Taken back",
    "charged_back": "Taken back by the bank",
    "returned": "Back with the sponsor",
    "cancelled": "Cancelled",
}
