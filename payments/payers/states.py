"""States of a payment method that an organisation lets Stripe keep."""

SAVED, REMOVING, REMOVED = "saved", "removing", "removed"

METHOD_MOVES = {
    SAVED: {REMOVING, REMOVED},  # removed at once when Stripe says that it is gone
    REMOVING: {SAVED, REMOVED},
    REMOVED: {SAVED},  # Stripe has it after all, and nobody asked to remove it
}
METHOD_WORDS = {SAVED: "saved", REMOVING: "being removed", REMOVED: "removed"}
