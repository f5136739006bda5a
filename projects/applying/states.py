"""The life of an application, as data."""

from django.db import models


class ApplicationState(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Sent"
    SHORTLISTED = "shortlisted", "Shortlisted"
    OFFERED = "offered", "Offer made"
    HIRED = "hired", "Hired"
    DECLINED = "declined", "Not this time"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Closed without an answer"


S = ApplicationState
APPLICATION_MOVES = {
    S.DRAFT: {S.SUBMITTED},
    S.SUBMITTED: {S.SHORTLISTED, S.OFFERED, S.DECLINED, S.WITHDRAWN, S.EXPIRED},
    S.SHORTLISTED: {S.SUBMITTED, S.OFFERED, S.DECLINED, S.WITHDRAWN, S.EXPIRED},
    # back to the list when the offer lapses or is withdrawn, or when the funds never come
    S.OFFERED: {S.SHORTLISTED, S.HIRED, S.DECLINED, S.WITHDRAWN, S.EXPIRED},
    S.HIRED: set(),
    S.DECLINED: set(),
    S.WITHDRAWN: {S.SUBMITTED},  # a change of mind before the window ends
    S.EXPIRED: set(),
}
OPEN = (S.SUBMITTED, S.SHORTLISTED, S.OFFERED)  # still waiting for an answer


class DeclineReason(models.TextChoices):
    """Why an application ended: `EMPLOYER_REASONS` are picked by a person, the others are given by the rules."""

    FILLED = "filled", "They chose someone else"
    SKILLS = "skills", "Others were closer on the skills"
    ANSWERS = "answers", "The answers did not show enough yet"
    DATES = "dates", "The dates or hours did not fit"
    ELIGIBLE = "eligible", "A condition of the project is not met"
    LOT = "lot", "More applied than the project takes, and the lot fell to others"
    CANCELLED = "cancelled", "The project was cancelled"
    SILENT = "silent", "The employer did not respond"
    NO_FUNDS = "no_funds", "The employer did not secure the pay in time"


R = DeclineReason
EMPLOYER_REASONS = (R.SKILLS, R.ANSWERS, R.DATES, R.FILLED, R.ELIGIBLE)
