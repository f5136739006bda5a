"""The states of a skill in the vocabulary."""

from django.db import models


class SkillState(models.TextChoices):
    PENDING = "pending", "Waiting for a moderator"
    ACCEPTED = "accepted", "In the vocabulary"


SKILL_MOVES = {
    SkillState.PENDING: {SkillState.ACCEPTED},
    SkillState.ACCEPTED: set(),
}
