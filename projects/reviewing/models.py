"""After the end: reviews (both ways, double-blind) and the record of a completed engagement."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from marketplace.ground import clock
from marketplace.ground.models import PublicId
from projects.hiring.models import Engagement


class Side(models.TextChoices):
    EMPLOYER = "employer", "The employer"
    STUDENT = "student", "The student"


class Review(models.Model):
    """`side` wrote it about the other one; hidden until both are in or the window closes."""

    public_id = PublicId()
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="reviews")
    side = models.CharField(max_length=10, choices=Side.choices)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    score = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    again = models.BooleanField("would work together again")
    text = models.TextField(max_length=1500, blank=True)
    at = models.DateTimeField(default=clock.now)
    public_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "projects"
        constraints = [
            models.UniqueConstraint(fields=["engagement", "side"], name="one_review_per_side"),
            models.CheckConstraint(condition=models.Q(score__gte=1, score__lte=5), name="score_one_to_five"),
        ]

    def __str__(self):
        return f"Review by {self.get_side_display().lower()}"


class Credential(models.Model):
    """The record of a completed engagement, at a stable address; `claims` is frozen when it is issued."""

    public_id = PublicId()
    engagement = models.OneToOneField(Engagement, models.PROTECT, related_name="credential")
    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="credentials")
    claims = models.JSONField()
    issued_at = models.DateTimeField(default=clock.now)
    in_portfolio = models.BooleanField(default=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "projects"
        ordering = ["-issued_at"]
        indexes = [models.Index(fields=["student", "-issued_at"])]

    def __str__(self):
        return f"Credential {self.public_id}"
