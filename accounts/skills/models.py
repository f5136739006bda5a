"""The skill vocabulary: one row a skill, with the other names people type for it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from marketplace.ground import clock
from marketplace.ground.models import PublicId

from .functions import Function
from .states import SKILL_MOVES, SkillState


class Skill(models.Model):
    """A skill that a student may list and a project may ask for.

    `slug` is the stable name that seed data and templates use. A skill that somebody typed and that the
    vocabulary did not know is `pending` until a moderator accepts it; a pending skill can be shown on the
    profile of whoever typed it, but is suggested to nobody and carries no weight in matching.
    """

    class Kind(models.TextChoices):
        TOOL = "tool", "Tool"
        METHOD = "method", "Method"
        DOMAIN = "domain", "Field of knowledge"
        LANGUAGE = "language", "Language"

    State = SkillState
    MOVES = SKILL_MOVES

    public_id = PublicId()
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    function = models.CharField(max_length=20, choices=Function.choices, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.METHOD)
    aliases = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, help_text="Other names people type for it."
    )
    related = ArrayField(
        models.SlugField(max_length=60), default=list, blank=True, help_text="Slugs of close skills."
    )
    # {slug: 0.6 to 1}: who has the other one has this one in part. Never between languages.
    near = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=SkillState.choices, default=SkillState.PENDING)
    proposed_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)
    edited_at = models.DateTimeField(
        null=True, blank=True, editable=False
    )  # by a moderator: the list gives way

    class Meta:
        app_label = "accounts"
        ordering = ["name"]
        indexes = [models.Index(fields=["state", "function"], name="skill_state_function")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state=SkillState.PENDING) | ~models.Q(function=""),
                name="accepted_skill_has_function",
            ),
        ]

    def __str__(self):
        return self.name
