"""What people report: a posting, a person or a message."""

from django.conf import settings
from django.db import models

from marketplace.ground import clock
from marketplace.ground.models import PublicId
from projects.posting.models import Project
from projects.talking.models import Message

from .states import REPORT_MOVES, ReportState


class Report(models.Model):
    class Reason(models.TextChoices):
        FRAUD = "fraud", "It looks like a fraud"
        UNPAID = "unpaid", "It asks for unpaid work"
        UNSAFE = "unsafe", "It is unsafe or illegal"
        DISCRIMINATION = "discrimination", "It shuts people out unfairly"
        HARASSMENT = "harassment", "Somebody is being harassed"
        CONTACT = "contact", "It moves people off the site"
        OTHER = "other", "Something else"

    MOVES = REPORT_MOVES

    public_id = PublicId()
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="reports")
    project = models.ForeignKey(Project, models.CASCADE, null=True, blank=True, related_name="reports")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="reports_about"
    )
    message = models.ForeignKey(Message, models.CASCADE, null=True, blank=True, related_name="reports")
    reason = models.CharField(max_length=16, choices=Reason.choices)
    text = models.TextField("what happened", max_length=2000, blank=True)
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.OPEN)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    answer_by = models.DateTimeField()  # the next business day
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    answer = models.TextField("what we did", max_length=1500, blank=True)

    class Meta:
        app_label = "projects"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(project__isnull=False, person__isnull=True, message__isnull=True)
                | models.Q(project__isnull=True, person__isnull=False, message__isnull=True)
                | models.Q(project__isnull=True, person__isnull=True, message__isnull=False),
                name="report_has_one_target",
            ),
            models.UniqueConstraint(
                fields=["reporter", "project"],
                condition=models.Q(state="open", project__isnull=False),
                name="one_open_report_per_posting",
            ),
            models.UniqueConstraint(
                fields=["reporter", "person"],
                condition=models.Q(state="open", person__isnull=False),
                name="one_open_report_per_person",
            ),
            models.UniqueConstraint(
                fields=["reporter", "message"],
                condition=models.Q(state="open", message__isnull=False),
                name="one_open_report_per_message",
            ),
        ]

    def __str__(self):
        return f"{self.get_reason_display()} ({self.get_state_display().lower()})"
