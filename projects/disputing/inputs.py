"""What people say in a dispute, judged once for pages, API and admin. Raises `Invalid` with the fields."""

from collections.abc import Sequence

from marketplace.ground.errors import Invalid
from marketplace.ground.money import show, step
from projects.hiring.models import Milestone
from projects.working.inputs import clean_files, clean_text

MAX_WORDS, MAX_FILES = 3000, 10
SAY_WHY = {
    "opening": "Say what happened, so that the other side and a moderator can follow it.",
    "answer": "Say why, so that the other side and a moderator can follow it.",
    "appeal": "Say what the decision got wrong. Somebody else reads it.",
    "decision": "Say why. Both sides read this.",
}


def clean_amount(amount, milestone: Milestone, field: str = "amount") -> int:
    """Minor units of the student's net: 0 to the whole pay of `milestone`, in steps that Stripe can send."""
    currency = milestone.engagement.currency
    if type(amount) is not int:
        raise Invalid({field: ["Write the amount in digits; 0 is possible, too."]})
    if not 0 <= amount <= milestone.net:
        raise Invalid({field: [f"Name an amount from 0 to {show(milestone.net, currency)}, the whole pay."]})
    if amount % step(currency):
        raise Invalid({field: ["In this currency the last of the three decimals has to be 0."]})
    return amount


def clean_words(text: str, kind: str, field: str = "text") -> str:
    return clean_text(field, text, MAX_WORDS, SAY_WHY[kind])


def clean_statement(milestone: Milestone, kind: str, *, amount, text: str, files: Sequence = ()):
    """(amount, text, named files), every problem told at once."""
    errors: dict[str, list[str]] = {}
    found = []
    for check in (
        lambda: clean_amount(amount, milestone),
        lambda: clean_words(text, kind),
        lambda: clean_files(files),
    ):
        try:
            found.append(check())
        except Invalid as error:
            errors.update(error.message_dict)
    if errors:
        raise Invalid(errors)
    return found
