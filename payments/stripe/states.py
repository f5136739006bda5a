"""States of a call to Stripe (the outbox) and of an event from Stripe (the inbox)."""

PENDING, DONE, REJECTED, WAITING, MANUAL = "pending", "done", "rejected", "waiting", "manual"

CALL_MOVES = {
    PENDING: {DONE, REJECTED, WAITING, MANUAL},
    WAITING: {PENDING, DONE, REJECTED},  # for money or for a person's account; its owner resumes it
    MANUAL: {PENDING, DONE, REJECTED},  # a person decides; the object may still turn up
    DONE: set(),
    REJECTED: set(),
}
CALL_WORDS = {
    PENDING: "on its way to Stripe",
    DONE: "done",
    REJECTED: "refused",
    WAITING: "waiting",
    MANUAL: "needs a person",
}

NEW, APPLIED, IGNORED, STUCK = "new", "applied", "ignored", "stuck"

EVENT_MOVES = {NEW: {APPLIED, IGNORED, STUCK}, STUCK: {NEW, IGNORED}, APPLIED: {NEW}, IGNORED: {NEW}}
EVENT_WORDS = {NEW: "not yet applied", APPLIED: "applied", IGNORED: "ignored", STUCK: "needs a person"}
