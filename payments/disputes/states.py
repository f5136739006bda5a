"""States of a payer's dispute with their bank, as Stripe names them, and of a warning of fraud."""

WARNING, WARNING_REVIEW, WARNING_CLOSED = "warning_needs_response", "warning_under_review", "warning_closed"
NEEDS_RESPONSE, UNDER_REVIEW = "needs_response", "under_review"
WON, LOST, PREVENTED = "won", "lost", "prevented"
APPEAL, APPEAL_REVIEW = "appeal_needs_response", "appeal_under_review"
OTHER = "other"  # a name that Stripe has given to it since this was written: open until it says otherwise

OPEN = (WARNING, WARNING_REVIEW, NEEDS_RESPONSE, UNDER_REVIEW, APPEAL, APPEAL_REVIEW, OTHER)
ANSWERABLE = (WARNING, NEEDS_RESPONSE, APPEAL, OTHER)
OVER = (WARNING_CLOSED, WON, LOST, PREVENTED)

# What is taken over is what Stripe says when the dispute is read again, and events come in any order. So an open
# dispute may be found in any other state; one that is over only in an appeal, or as the appeal left it.
DISPUTE_MOVES = {
    **{state: {*OPEN, *OVER} - {state} for state in OPEN},
    WARNING_CLOSED: {
        NEEDS_RESPONSE,
        UNDER_REVIEW,
        WON,
        LOST,
        OTHER,
    },  # an inquiry may still become a chargeback
    WON: {LOST, NEEDS_RESPONSE, UNDER_REVIEW, APPEAL, APPEAL_REVIEW, OTHER},
    LOST: {WON, APPEAL, APPEAL_REVIEW, OTHER},
    PREVENTED: {NEEDS_RESPONSE, UNDER_REVIEW, WON, LOST, OTHER},
}
DISPUTE_WORDS = {
    WARNING: "the bank asks, answer needed",
    WARNING_REVIEW: "the bank looks at our answer",
    WARNING_CLOSED: "the bank asked and let it rest",
    NEEDS_RESPONSE: "answer needed",
    UNDER_REVIEW: "the bank looks at our answer",
    WON: "won",
    LOST: "lost",
    PREVENTED: "settled before it began",
    APPEAL: "appeal, answer needed",
    APPEAL_REVIEW: "appeal, the bank looks at it",
    OTHER: "see Stripe",
}

FRESH, REFUNDED, DISMISSED, OVERTAKEN = "fresh", "refunded", "dismissed", "overtaken"

WARNING_MOVES = {
    FRESH: {REFUNDED, DISMISSED, OVERTAKEN},
    REFUNDED: set(),
    DISMISSED: {OVERTAKEN},
    OVERTAKEN: set(),
}
WARNING_WORDS = {
    FRESH: "to be decided",
    REFUNDED: "refunded",
    DISMISSED: "the payment is in order",
    OVERTAKEN: "refunded or disputed meanwhile",
}
