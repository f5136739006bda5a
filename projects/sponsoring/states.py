"""States of a sponsor's programme and of one project's draw on it."""

from django.db.models import TextChoices


class ProgrammeState(TextChoices):
    OPEN = "open", "Open"
    PAUSED = "paused", "Paused"
    ENDED = "ended", "Ended"


class DrawState(TextChoices):
    ASKED = "asked", "Waiting for the sponsor"
    APPROVED = "approved", "Approved"
    USED = "used", "Paying for the work"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    ENDED = "ended", "Ended unused"


P, D = ProgrammeState, DrawState
PROGRAMME_MOVES = {P.OPEN: {P.PAUSED, P.ENDED}, P.PAUSED: {P.OPEN, P.ENDED}, P.ENDED: set()}
DRAW_MOVES = {
    D.ASKED: {D.APPROVED, D.DECLINED, D.WITHDRAWN, D.ENDED},
    D.APPROVED: {D.USED, D.WITHDRAWN, D.ENDED},
    D.USED: {D.APPROVED, D.ENDED},  # the engagement did not come about, and all of it came back
    D.DECLINED: set(),
    D.WITHDRAWN: set(),
    D.ENDED: set(),
}
LIVE = (D.ASKED, D.APPROVED, D.USED)
