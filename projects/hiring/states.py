"""The lives of an offer, of the engagement that follows from it, and of its milestones, as data.

What the money does is told by payments alone.
"""

from django.db import models


class OfferState(models.TextChoices):
    OPEN = "open", "Waiting for the student"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    EXPIRED = "expired", "Lapsed"
    WITHDRAWN = "withdrawn", "Withdrawn"


OFFER_MOVES = {
    OfferState.OPEN: {OfferState.ACCEPTED, OfferState.DECLINED, OfferState.EXPIRED, OfferState.WITHDRAWN},
    OfferState.ACCEPTED: set(),
    OfferState.DECLINED: set(),
    OfferState.EXPIRED: set(),
    OfferState.WITHDRAWN: set(),
}


class EngagementState(models.TextChoices):
    AWAITING_FUNDS = "awaiting_funds", "Waiting for the funds"
    FUNDED = "funded", "Funds secured"
    ACTIVE = "active", "At work"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"


E = EngagementState
ENGAGEMENT_MOVES = {
    E.AWAITING_FUNDS: {E.FUNDED, E.CANCELLED},
    E.FUNDED: {E.ACTIVE, E.CANCELLED},
    E.ACTIVE: {E.COMPLETED, E.CANCELLED},
    E.COMPLETED: set(),
    E.CANCELLED: set(),
}
LIVE = (E.AWAITING_FUNDS, E.FUNDED, E.ACTIVE)


class EndReason(models.TextChoices):
    DONE = "done", "All milestones approved"
    NO_FUNDS = "no_funds", "The funds were not secured in time"
    NO_KICKOFF = "no_kickoff", "It never started"
    BY_EMPLOYER = "by_employer", "Cancelled by the employer"
    BY_STUDENT = "by_student", "Cancelled by the student"
    BY_MODERATOR = "by_moderator", "Cancelled by a moderator"
    PAYMENT = "payment", "The payment went back"
    LIMIT = "limit", "The funds were held as long as the rules allow"
    DISPUTE = "dispute", "Settled in a dispute"


class MilestoneState(models.TextChoices):
    PLANNED = "planned", "Planned"
    IN_PROGRESS = "in_progress", "In progress"
    SUBMITTED = "submitted", "Handed in"
    CHANGES_REQUESTED = "changes_requested", "Changes asked for"
    APPROVED = "approved", "Approved"
    CANCELLED = "cancelled", "Cancelled"


M = MilestoneState
MILESTONE_MOVES = {
    M.PLANNED: {M.IN_PROGRESS, M.CANCELLED},
    M.IN_PROGRESS: {M.SUBMITTED, M.APPROVED, M.CANCELLED},  # approved: a dispute gave the student all of it
    M.SUBMITTED: {M.CHANGES_REQUESTED, M.APPROVED, M.CANCELLED},
    M.CHANGES_REQUESTED: {M.SUBMITTED, M.APPROVED, M.CANCELLED},
    M.APPROVED: set(),
    M.CANCELLED: set(),
}


class CheckState(models.TextChoices):
    ASKED = "asked", "Waiting for a moderator"
    ALLOWED = "allowed", "Agreed"
    REFUSED = "refused", "Not agreed"


CHECK_MOVES = {
    CheckState.ASKED: {CheckState.ALLOWED, CheckState.REFUSED},
    CheckState.ALLOWED: set(),
    CheckState.REFUSED: set(),
}
