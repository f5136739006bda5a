"""What an action may refuse with. Pages, the API and the admin turn these into the same three answers.

not visible -> 404 (`django.http.Http404` from the query), visible but not for your role -> 403 (`NotAllowed`),
right role at the wrong moment -> 409 (`WrongMoment`), bad input -> 400/422 beside the field (`Invalid`).
"""

from django.core.exceptions import ValidationError


class Refused(Exception):
    """Base of the refusals; `reason` is a sentence for the person who asked."""

    status = 400

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class NotAllowed(Refused):
    status = 403


class WrongMoment(Refused):
    status = 409


class Invalid(ValidationError):
    """Bad input found inside an action: `Invalid({"field": ["message", ...]})`; nothing was changed."""
