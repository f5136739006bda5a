"""The life of a dispute between the two parties of an engagement, as data."""

from django.db import models


class DisputeState(models.TextChoices):
    OPENED = "opened", "Waiting for the other side"
    ANSWERED = "answered", "Two amounts, not agreed yet"
    DECIDING = "deciding", "A moderator decides"
    DECIDED = "decided", "Decided, can be appealed"
    APPEALED = "appealed", "Another moderator hears the appeal"
    SETTLED = "settled", "Settled"
    WITHDRAWN = "withdrawn", "Withdrawn"
    OVERTAKEN = "overtaken", "Ended with the project"


D = DisputeState
DISPUTE_MOVES = {
    D.OPENED: {D.ANSWERED, D.DECIDING, D.SETTLED, D.WITHDRAWN, D.OVERTAKEN},
    D.ANSWERED: {D.DECIDING, D.SETTLED, D.WITHDRAWN, D.OVERTAKEN},
    D.DECIDING: {D.DECIDED, D.SETTLED, D.WITHDRAWN, D.OVERTAKEN},
    D.DECIDED: {D.APPEALED, D.SETTLED, D.OVERTAKEN},
    D.APPEALED: {D.SETTLED, D.OVERTAKEN},
    D.SETTLED: set(),
    D.WITHDRAWN: set(),
    D.OVERTAKEN: set(),
}
OPEN = (D.OPENED, D.ANSWERED, D.DECIDING, D.DECIDED, D.APPEALED)
BETWEEN_THEM = (D.OPENED, D.ANSWERED, D.DECIDING)  # the two can still end it themselves
TO_DECIDE = (D.DECIDING, D.APPEALED)  # a moderator's desk
