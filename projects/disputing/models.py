"""A dispute about the money of one milestone, what each side and each moderator said, and the files with it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from marketplace.ground import clock
from marketplace.ground.models import PublicId
from projects.hiring.models import Engagement, Milestone

from .states import DISPUTE_MOVES, OPEN, TO_DECIDE, DisputeState


class Side(models.TextChoices):
    STUDENT = "student", "The student"
    EMPLOYER = "employer", "The employer"
    MODERATOR = "moderator", "A moderator"


PARTIES = Side.choices[:2]


class Dispute(models.Model):
    """Amounts are what the student gets, net, in minor units: from 0 to the whole pay of the milestone."""

    class How(models.TextChoices):
        AGREED = "agreed", "The two sides agreed"
        DECIDED = "decided", "A moderator decided"
        APPEALED = "appealed", "Another moderator decided on appeal"

    MOVES = DISPUTE_MOVES

    public_id = PublicId()
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="disputes")
    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="disputes")
    state = models.CharField(max_length=10, choices=DisputeState.choices, default=DisputeState.OPENED)
    side = models.CharField("opened by", max_length=10, choices=PARTIES)
    asked = models.PositiveIntegerField()  # by the side that opened it
    offered = models.PositiveIntegerField(null=True, blank=True)  # by the other side
    opened_at = models.DateTimeField(default=clock.now)
    answer_by = models.DateTimeField()  # the other side's time to answer
    agree_by = models.DateTimeField(
        null=True, blank=True
    )  # after an answer: the two can agree alone until then
    decide_by = models.DateTimeField(null=True, blank=True)  # a moderator, the first or the second
    decided = models.PositiveIntegerField(null=True, blank=True)  # the first moderator's amount
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    appeal_until = models.DateTimeField(null=True, blank=True)  # the money waits until then
    appealed_by = models.CharField(max_length=10, choices=PARTIES, blank=True)
    student_accepted_at = models.DateTimeField(null=True, blank=True)  # the decision
    employer_accepted_at = models.DateTimeField(null=True, blank=True)
    how = models.CharField(max_length=10, choices=How.choices, blank=True)
    pays = models.PositiveIntegerField(null=True, blank=True)  # what the student got in the end
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "projects"
        verbose_name = "dispute between the parties"
        verbose_name_plural = "disputes between the parties"
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["engagement"], condition=Q(closed_at=None), name="one_open_dispute"
            ),
            models.UniqueConstraint(fields=["milestone", "side"], name="one_dispute_of_each_side"),
            models.CheckConstraint(
                condition=Q(closed_at=None, state__in=OPEN)
                | (Q(closed_at__isnull=False) & ~Q(state__in=OPEN)),
                name="dispute_closed_when_over",
            ),
            models.CheckConstraint(
                condition=~Q(state="settled") | Q(pays__isnull=False), name="dispute_settled_with_an_amount"
            ),
        ]
        indexes = [
            models.Index(fields=["answer_by"], condition=Q(state="opened"), name="dispute_unanswered"),
            models.Index(fields=["decide_by"], condition=Q(state__in=TO_DECIDE), name="dispute_to_decide"),
        ]

    def __str__(self):
        return f"Dispute about “{self.milestone.title}”"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def other_side(self) -> str:
        """The side that did not open it."""
        return Side.EMPLOYER if self.side == Side.STUDENT else Side.STUDENT

    def accepted_at(self, side: str):
        """When `side` ("student" or "employer") accepted the moderator's decision."""
        return getattr(self, f"{side}_accepted_at")


class Statement(models.Model):
    """What was said, once for each kind: the opening, the answer, a decision, the appeal, and the final decision."""

    class Kind(models.TextChoices):
        OPENING = "opening", "Opened the dispute"
        ANSWER = "answer", "Answered"
        DECISION = "decision", "Decided"
        APPEAL = "appeal", "Appealed"
        FINAL = "final", "Decided on appeal"

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="statements")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    side = models.CharField(max_length=10, choices=Side.choices)
    amount = models.PositiveIntegerField(null=True, blank=True)
    text = models.TextField(max_length=3000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        app_label = "projects"
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["dispute", "kind"], name="one_statement_of_each_kind")]

    def __str__(self):
        return self.get_kind_display()


class StatementFile(models.Model):
    public_id = PublicId()
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="files")
    file = models.FileField(upload_to="work/")
    name = models.CharField(max_length=120)
    size = models.PositiveIntegerField()

    class Meta:
        app_label = "projects"
        ordering = ["id"]

    def __str__(self):
        return self.name
