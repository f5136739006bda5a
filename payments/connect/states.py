"""States of a person's account at Stripe, and of a payout to their bank."""

NONE, ONBOARDING, ACTIVE, RESTRICTED, CLOSED = "none", "onboarding", "active", "restricted", "closed"

PAYEE_MOVES = {
    NONE: {ONBOARDING, ACTIVE, RESTRICTED, CLOSED},
    ONBOARDING: {ACTIVE, RESTRICTED, CLOSED},
    ACTIVE: {RESTRICTED, CLOSED},
    RESTRICTED: {ACTIVE, CLOSED},
    CLOSED: {ONBOARDING},
}
PAYEE_WORDS = {
    NONE: "not set up", ONBOARDING: "set-up under way", ACTIVE: "ready to be paid",
    RESTRICTED: "Stripe needs something", CLOSED: "closed",
}

PENDING, IN_TRANSIT, PAID, FAILED, CANCELED = "pending", "in_transit", "paid", "failed", "canceled"

PAYOUT_MOVES = {
    PENDING: {IN_TRANSIT, PAID, FAILED, CANCELED},
    IN_TRANSIT: {PAID, FAILED, CANCELED},
    PAID: {FAILED},  # a bank may send it back days later
    FAILED: set(),
    CANCELED: set(),
}
PAYOUT_WORDS = {
    PENDING: "being sent", IN_TRANSIT: "on its way to the bank", PAID: "paid out", FAILED: "refused by the bank",
    CANCELED: "cancelled",
}
