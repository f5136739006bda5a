"""The work itself: what is handed in, what is asked for, and more time."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from marketplace.ground import clock
from marketplace.ground.models import PublicId
from projects.hiring.models import Milestone

from .states import EXTENSION_MOVES, ExtensionState


class Submission(models.Model):
    """One delivered version of a milestone."""

    public_id = PublicId()
    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="submissions")
    version = models.PositiveSmallIntegerField()
    note = models.TextField(max_length=3000, blank=True)
    links = ArrayField(models.URLField(max_length=500), default=list, blank=True)
    ai_note = models.CharField("where AI tools were used", max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        app_label = "projects"
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["milestone", "version"], name="one_row_per_version")]

    def __str__(self):
        return f"Version {self.version}"


class SubmissionFile(models.Model):
    public_id = PublicId()
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="files")
    file = models.FileField(upload_to="work/")
    name = models.CharField(max_length=120)
    size = models.PositiveIntegerField()

    class Meta:
        app_label = "projects"
        ordering = ["id"]

    def __str__(self):
        return self.name


class ChangeRequest(models.Model):
    """One round of changes: what to change, by whom asked, until when."""

    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="change_requests")
    submission = models.OneToOneField(Submission, models.PROTECT, related_name="change_request")
    round = models.PositiveSmallIntegerField()
    points = ArrayField(models.CharField(max_length=500))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        app_label = "projects"
        ordering = ["-round"]

    def __str__(self):
        return f"Round {self.round}"


class Extension(models.Model):
    """More time for a milestone; no answer within the policy's hours grants it."""

    MOVES = EXTENSION_MOVES

    public_id = PublicId()
    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="extensions")
    state = models.CharField(max_length=10, choices=ExtensionState.choices, default=ExtensionState.ASKED)
    until = models.DateTimeField()
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    answer_by = models.DateTimeField()
    answer_note = models.CharField(max_length=500, blank=True)

    class Meta:
        app_label = "projects"
        ordering = ["-asked_at"]
        constraints = [models.UniqueConstraint(
            fields=["milestone"], condition=models.Q(state="asked"), name="one_open_extension")]

    def __str__(self):
        return f"More time for {self.milestone}"
