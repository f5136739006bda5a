"""An application: one student, one project, the answers, and where it stands."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from marketplace.ground import clock
from marketplace.ground.models import PublicId
from projects.posting.models import Project, Question

from .states import APPLICATION_MOVES, OPEN, ApplicationState, DeclineReason


class Application(models.Model):
    MOVES = APPLICATION_MOVES

    public_id = PublicId()
    project = models.ForeignKey(Project, models.PROTECT, related_name="applications")
    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="applications")
    state = models.CharField(max_length=12, choices=ApplicationState.choices, default=ApplicationState.DRAFT)
    pitch = models.TextField("why you", max_length=1200, blank=True)
    eligible = models.BooleanField(default=True)  # the only word an employer sees about work authorisation
    first_timer = models.BooleanField(default=True)  # no completed engagement when applying
    # Asked by the employer to apply: the name is known, the lot leaves it in, and it counts towards no limit.
    invited = models.BooleanField(default=False)
    in_reserve = models.BooleanField(default=False)  # agreed to stay in reserve until kick-off
    number = models.PositiveSmallIntegerField(default=0)  # "Applicant 7", while the name is hidden
    created_at = models.DateTimeField(default=clock.now, editable=False)
    saved_at = models.DateTimeField(default=clock.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)  # a person of the employer looked at it
    answered_at = models.DateTimeField(null=True, blank=True)  # shortlisted, offered or declined by a person
    shortlisted_at = models.DateTimeField(null=True, blank=True)  # from then on the name is known
    decided_at = models.DateTimeField(null=True, blank=True)  # reached its final answer
    decline_reason = models.CharField(max_length=12, choices=DeclineReason.choices, blank=True)
    decline_note = models.TextField(max_length=600, blank=True)

    class Meta:
        app_label = "projects"
        constraints = [models.UniqueConstraint(fields=["project", "student"], name="one_application_each")]
        indexes = [
            models.Index(fields=["student", "-saved_at"]),
            models.Index(fields=["project", "state", "submitted_at"]),
        ]

    def __str__(self):
        return f"Application {self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("applying:detail", args=[self.public_id])

    @property
    def is_open(self) -> bool:
        """Whether the student still waits for an answer."""
        return self.state in OPEN

    @property
    def is_blind(self) -> bool:
        """Whether the employer must not yet see name, school or anything else that tells who it is."""
        return self.project.names_hidden and self.shortlisted_at is None and not self.invited


class Answer(models.Model):
    application = models.ForeignKey(Application, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    text = models.TextField(max_length=1500, blank=True)  # at most 120 words

    class Meta:
        app_label = "projects"
        ordering = ["question__order"]
        constraints = [
            models.UniqueConstraint(fields=["application", "question"], name="one_answer_per_question")
        ]

    def __str__(self):
        return self.text[:40]
