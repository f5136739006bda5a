"""The life of an invitation, as data."""

from django.db import models


class InvitationState(models.TextChoices):
    OPEN = "open", "Waiting for an answer"
    ACCEPTED = "accepted", "Has applied"
    DECLINED = "declined", "Said no"
    EXPIRED = "expired", "Ended unanswered"
    WITHDRAWN = "withdrawn", "Withdrawn"


S = InvitationState
INVITATION_MOVES = {
    S.OPEN: {S.ACCEPTED, S.DECLINED, S.EXPIRED, S.WITHDRAWN},
    S.ACCEPTED: set(),
    S.DECLINED: set(),
    S.EXPIRED: set(),
    S.WITHDRAWN: set(),
}


class NoReason(models.TextChoices):
    """Why a student says no to an invitation; saying it is optional."""

    TIME = "time", "I have no time then"
    SKILLS = "skills", "It is not what I am good at"
    INTEREST = "interest", "It does not interest me"
    PAY = "pay", "The pay is too low for me"
    PLACE = "place", "I cannot get there"
    OTHER = "other", "Something else"
