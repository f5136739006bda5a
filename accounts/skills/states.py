"""The states of a skill in the vocabulary."""

from django.db import models


class SkillState(models.TextChoices):
    PENDING = "pending", "Waiting for a moderator"
    ACCEPTED = "accepted", "In the vocabulary"
    MERGED = "merged", "Another name for a skill we have"


SKILL_MOVES = {
    SkillState.PENDING: {SkillState.ACCEPTED, SkillState.MERGED},
    SkillState.ACCEPTED: set(),
    SkillState.MERGED: set(),
}
