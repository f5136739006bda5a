"""States of the things an employer's organisation is proved and staffed by."""

from django.db import models


class ProofState(models.TextChoices):
    PENDING = "pending", "Waiting for a moderator"
    ACCEPTED = "accepted", "Accepted"
    REFUSED = "refused", "Refused"


# Back to pending: a refused proof is handed in again, or the name or address that it proved has changed.
PROOF_MOVES = {
    ProofState.PENDING: {ProofState.ACCEPTED, ProofState.REFUSED},
    ProofState.ACCEPTED: {ProofState.REFUSED, ProofState.PENDING},
    ProofState.REFUSED: {ProofState.ACCEPTED, ProofState.PENDING},
}


class InviteState(models.TextChoices):
    OPEN = "open", "Waiting for an answer"
    ACCEPTED = "accepted", "Joined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"


INVITE_MOVES = {
    InviteState.OPEN: {InviteState.ACCEPTED, InviteState.WITHDRAWN, InviteState.EXPIRED},
    InviteState.ACCEPTED: set(),
    InviteState.WITHDRAWN: set(),
    InviteState.EXPIRED: set(),
}
