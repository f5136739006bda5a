"""What a student has said no to, so that the next list is better."""

from django.conf import settings
from django.db import models

from marketplace.ground import clock
from projects.posting.models import Project


class Why(models.TextChoices):
    """Reasons about the work. None of them says anything about the person."""

    SKILLS = "skills", "These are not my skills"
    FUNCTION = "function", "I do not want this kind of work"
    HOURS = "hours", "It takes more hours a week than I have"
    PAY = "pay", "The hourly pay is too low for me"
    PLACE = "place", "I cannot get there"
    DATES = "dates", "The dates do not suit me"
    EMPLOYER = "employer", "Not with this employer"
    OTHER = "other", "Something else"


class Dismissal(models.Model):
    """One project that a student does not want to see again. `learned`: whether it still moves others down."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="dismissals")
    project = models.ForeignKey(Project, models.CASCADE, related_name="dismissals")
    why = models.CharField(max_length=10, choices=Why.choices)
    learned = models.BooleanField(default=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        app_label = "projects"
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["user", "project"], name="one_dismissal_each")]
        indexes = [models.Index(fields=["project"], name="dismissal_project")]

    def __str__(self):
        return f"{self.get_why_display()}: {self.project}"
