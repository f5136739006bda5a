"""States of sponsors' money: the wallet, each amount that came into it (a lot), and what went back to the sponsor."""

# A wallet: a sponsor's money for projects.
OPEN, FROZEN = "open", "frozen"

WALLET_MOVES = {OPEN: {FROZEN}, FROZEN: {OPEN}}
WALLET_WORDS = {OPEN: "open", FROZEN: "frozen"}

# A lot: one visit to Stripe's payment page, or one bank transfer that a moderator has recorded.
DRAFT, PROCESSING, PAID, FAILED, EXPIRED, VOIDED = (
    "draft",
    "processing",
    "paid",
    "failed",
    "expired",
    "voided",
)

LOT_MOVES = {
    DRAFT: {OPEN, PROCESSING, PAID, FAILED, EXPIRED},
    OPEN: {PROCESSING, PAID, FAILED, EXPIRED},
    PROCESSING: {PAID, FAILED},
    # The money may arrive after we gave up on it; a sponsor's money is welcome then too.
    EXPIRED: {PAID, PROCESSING, FAILED},
    FAILED: {PAID, PROCESSING},
    PAID: {VOIDED},  # a bank transfer that was recorded by mistake
    VOIDED: set(),
}
LOT_LIVE = (DRAFT, OPEN, PROCESSING)
LOT_WORDS = {
    DRAFT: "being prepared",
    OPEN: "payment page open",
    PROCESSING: "payment on its way",
    PAID: "received",
    FAILED: "failed",
    EXPIRED: "closed unpaid",
    VOIDED: "recorded by mistake",
}

# A return of free money to the sponsor, from one lot.
QUEUED, PENDING, SUCCEEDED = "queued", "pending", "succeeded"

PAYBACK_MOVES = {
    QUEUED: {PENDING, SUCCEEDED, FAILED},
    PENDING: {SUCCEEDED, FAILED},
    SUCCEEDED: {FAILED},  # a bank may send it back days later
    FAILED: set(),
}
PAYBACK_WORDS = {
    QUEUED: "being sent",
    PENDING: "on its way to you",
    SUCCEEDED: "paid back",
    FAILED: "failed, back in the wallet",
}
