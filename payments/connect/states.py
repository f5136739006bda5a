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
    NONE: "not set up",
    ONBOARDING: "set-up under way",
    ACTIVE: "ready to be paid",
    RESTRICTED: "Stripe needs something",
    CLOSED: "closed",
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
    PENDING: "being sent",
    IN_TRANSIT: "on its way to the bank",
    PAID: "paid out",
    FAILED: "refused by the bank",
    CANCELED: "cancelled",
}

#: Beginnings of Stripe's names of what is missing, and what people call it.
NEED_WORDS = (
    ("external_account", "A bank account"),
    ("bank_account", "A bank account"),
    ("outbound", "A bank account"),
    ("identity.individual.document", "A photo of an identity document"),
    ("identity.individual.date_of_birth", "Your date of birth"),
    ("identity.individual.dob", "Your date of birth"),
    ("identity.individual.address", "Your address"),
    ("identity.individual.id_number", "Your tax or social security number"),
    ("identity.individual.given_name", "Your name"),
    ("identity.individual.surname", "Your name"),
    ("identity.individual.phone", "Your phone number"),
    ("identity.individual.email", "Your e-mail address"),
    ("identity.attestations", "Your agreement to Stripe's terms"),
)


def need_words(need: str) -> str:
    """`identity.individual.address` -> `Your address`; what is not in the list in Stripe's own words."""
    for beginning, words in NEED_WORDS:
        if need.startswith(beginning):
            return words
    return need.rsplit(".", 1)[-1].replace("_", " ").capitalize()
