"""The work itself: what is handed in, what is asked for, and more time."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from marketplace.ground import clock
from marketplace.ground.models import PublicId
from projects.hiring.models import Engagement, Milestone

from .states import EXTENSION_MOVES, ExtensionState


class Submission(models.Model):
    """One delivered version of a milestone."""

    public_id = PublicId()
    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="submissions")
    version = models.PositiveSmallIntegerField()
    note = models.TextField(max_length=3000, blank=True)
    links = ArrayField(models.URLField(max_length=500), default=list, blank=True)
    ai_note = models.CharField("where AI tools were used", max_length=500, blank=True)
    hours = models.DecimalField("hours it took", max_digits=5, decimal_places=1, null=True, blank=True)
    late = models.BooleanField(default=False)  # handed in after it was due
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
    due_at = models.DateTimeField()  # of the next version
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
    due_before = models.DateTimeField()  # when it was due without the extra time
    until = models.DateTimeField()
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    answer_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_note = models.CharField(max_length=500, blank=True)

    class Meta:
        app_label = "projects"
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["milestone"], condition=models.Q(state="asked"), name="one_open_extension"
            )
        ]
        indexes = [
            models.Index(fields=["answer_by"], condition=models.Q(state="asked"), name="extension_asked")
        ]

    def __str__(self):
        return f"More time for {self.milestone}"


class Cancellation(models.Model):
    """How an engagement was cancelled: by which side, when it settles, and what it came to in minor units.

    An employer who cancels after kick-off gives the student time to hand in what there is; until `settles_at` the
    engagement goes on. Everything else settles at once.
    """

    class Side(models.TextChoices):
        EMPLOYER = "employer", "The employer"
        STUDENT = "student", "The student"
        CLOCK = "clock", "The clock"
        DISPUTE = "dispute", "The outcome of a dispute"

    class Basis(models.TextChoices):
        NOTHING = "nothing", "Nothing more is due"
        KICKOFF = "kickoff", "It never started, and the employer was the cause"
        SUBMITTED = "submitted", "The work that was handed in"
        ELAPSED = "elapsed", "The time that had passed"
        MINIMUM = "minimum", "The least that is due"
        DISPUTE = "dispute", "What a dispute came to"

    engagement = models.OneToOneField(Engagement, models.PROTECT, related_name="cancellation")
    side = models.CharField(max_length=10, choices=Side.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = models.TextField(max_length=1000, blank=True)
    asked_at = models.DateTimeField(default=clock.now)
    settles_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    basis = models.CharField(max_length=10, choices=Basis.choices, blank=True)
    pays = models.PositiveIntegerField(default=0)  # net to the student beyond what was approved
    refunds = models.PositiveIntegerField(default=0)  # back to the employer, fee included
    returns = models.PositiveIntegerField(default=0)  # back to the sponsor

    class Meta:
        app_label = "projects"
        ordering = ["-asked_at"]
        indexes = [
            models.Index(fields=["settles_at"], condition=models.Q(settled_at=None), name="cancellation_due")
        ]

    def __str__(self):
        return f"Cancellation of {self.engagement}"
