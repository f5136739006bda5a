"""What an action may refuse with. Pages, the API and the admin turn these into the same three answers.

not visible -> 404 (`django.http.Http404` from the query), visible but not for your role -> 403 (`NotAllowed`),
right role at the wrong moment -> 409 (`WrongMoment`), bad input -> 400/422 beside the field (`Invalid`).
"""

from django.core.exceptions import ValidationError
from django.db import OperationalError


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


class Busy(Refused):
    """Others hold the row for longer than PostgreSQL waits (`lock_timeout`), or it broke a deadlock by this act."""

    status = 409


BUSY_CODES = ("55P03", "40P01")  # lock_not_available, deadlock_detected


def refusal_of(error: BaseException) -> Refused | None:
    """The refusal that `error` is for the person who asked; None when it is something else."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, OperationalError) and getattr(error.__cause__, "pgcode", "") in BUSY_CODES:
        return Busy("Others are changing this at the same moment. Please try again.")
    return None


class Invalid(ValidationError):
    """Bad input found inside an action: `Invalid({"field": ["message", ...]})`; nothing was changed."""
