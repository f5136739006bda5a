"""Offer, engagement with its milestones, and the agreement both sides accepted, frozen."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.employers.models import Organisation
from marketplace.ground import clock
from marketplace.ground.models import PublicId
from projects.applying.models import Application
from projects.posting.models import Project

from .states import (
    CHECK_MOVES,
    ENGAGEMENT_MOVES,
    LIVE,
    MILESTONE_MOVES,
    OFFER_MOVES,
    CheckState,
    EndReason,
    EngagementState,
    MilestoneState,
    OfferState,
)


class Offer(models.Model):
    MOVES = OFFER_MOVES

    public_id = PublicId()
    project = models.ForeignKey(Project, models.PROTECT, related_name="offers")
    application = models.ForeignKey(Application, models.PROTECT, related_name="offers")
    state = models.CharField(max_length=10, choices=OfferState.choices, default=OfferState.OPEN)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    message = models.TextField(max_length=1200, blank=True)
    start_on = models.DateField()
    due_on = models.DateField()
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    decline_note = models.TextField(max_length=600, blank=True)
    # What the employer agreed to by making the offer; accepting it makes the agreement, word for word.
    terms = models.JSONField(default=dict)
    text = models.TextField(blank=True)  # Markdown
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of `text`

    class Meta:
        app_label = "projects"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(state="open"), name="one_open_offer_per_project"
            )
        ]
        indexes = [models.Index(fields=["expires_at"], condition=models.Q(state="open"), name="offer_open")]

    def __str__(self):
        return f"Offer {self.public_id}"


class Engagement(models.Model):
    """A hired project: one student, one agreement, its milestones. Terms are frozen; money amounts in minor units."""

    MOVES = ENGAGEMENT_MOVES

    public_id = PublicId()
    project = models.ForeignKey(Project, models.PROTECT, related_name="engagements")
    application = models.ForeignKey(Application, models.PROTECT, related_name="engagements")
    offer = models.OneToOneField(Offer, models.PROTECT, related_name="engagement")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="engagements")
    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="engagements")
    hold = models.OneToOneField("payments.Hold", models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(
        max_length=16, choices=EngagementState.choices, default=EngagementState.AWAITING_FUNDS
    )
    end_reason = models.CharField(max_length=12, choices=EndReason.choices, blank=True)
    disputed_at = models.DateTimeField(null=True, blank=True)  # a flag that stops the clocks

    title = models.CharField(max_length=120)
    price = models.PositiveIntegerField()
    fee = models.PositiveIntegerField()
    sponsored = models.PositiveIntegerField(default=0)  # of the price, paid by a sponsor and free of the fee
    currency = models.CharField(max_length=3)
    hours = models.DecimalField(max_digits=5, decimal_places=1, default=Decimal("0"))
    policy = models.JSONField()  # Policy.frozen() on the day of acceptance
    release_delay_days = models.PositiveSmallIntegerField(
        default=0
    )  # an unproven employer's first engagement

    created_at = models.DateTimeField(default=clock.now, editable=False)
    fund_by = models.DateTimeField()
    funds_coming_at = models.DateTimeField(
        null=True, blank=True
    )  # a bank debit is on its way: clocks stand still
    funded_at = models.DateTimeField(null=True, blank=True)
    start_on = models.DateField()
    due_on = models.DateField()
    kickoff_by = models.DateTimeField(null=True, blank=True)
    kickoff_cancel_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    review_until = models.DateTimeField(null=True, blank=True)  # of each other, after the end

    class Meta:
        app_label = "projects"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(state__in=[*LIVE, EngagementState.COMPLETED]),
                name="one_live_engagement_per_project",
            )
        ]
        indexes = [
            models.Index(fields=["student", "-created_at"]),
            models.Index(fields=["organisation", "-created_at"]),
            models.Index(
                fields=["fund_by"], condition=models.Q(state="awaiting_funds"), name="engagement_unfunded"
            ),
            models.Index(
                fields=["kickoff_cancel_at"], condition=models.Q(state="funded"), name="engagement_unstarted"
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def net(self) -> int:
        """What the student gets for the whole, in minor units."""
        return self.price - self.fee

    @property
    def due(self) -> int:
        """What the employer pays, all in, in minor units."""
        return self.price - self.sponsored

    @property
    def hold_ref(self) -> str:
        """What payments calls this engagement."""
        return f"engagement:{self.public_id}"


class Agreement(models.Model):
    """The frozen terms that both sides accepted: as data, and as the text they read. Never edited."""

    engagement = models.OneToOneField(Engagement, models.PROTECT, related_name="agreement")
    terms = (
        models.JSONField()
    )  # parties by surrogate, scope, milestones, money, dates, IP, right to show, AI rule, policy
    text = models.TextField()  # Markdown
    digest = models.CharField(max_length=64)  # SHA-256 of `text`
    employer_accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    employer_accepted_at = models.DateTimeField()
    student_accepted_at = models.DateTimeField()

    class Meta:
        app_label = "projects"

    def __str__(self):
        return f"Agreement of {self.engagement}"


class Milestone(models.Model):
    """`price` and `fee` are this milestone's shares in minor units; all shares of an engagement add up to the cent."""

    MOVES = MILESTONE_MOVES

    public_id = PublicId()
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="milestones")
    order = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    outcome = models.CharField(max_length=300, blank=True)
    done_when = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    hours = models.DecimalField(max_digits=5, decimal_places=1, default=Decimal("0"))
    price = models.PositiveIntegerField()
    fee = models.PositiveIntegerField()
    sponsored = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=18, choices=MilestoneState.choices, default=MilestoneState.PLANNED)
    due_at = models.DateTimeField()
    rounds_used = models.PositiveSmallIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True, blank=True)  # the latest version
    review_ends_at = models.DateTimeField(null=True, blank=True)  # silence until then is approval
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by_silence = models.BooleanField(default=False)

    class Meta:
        app_label = "projects"
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["engagement", "order"], name="one_work_milestone_per_place")
        ]
        indexes = [
            models.Index(
                fields=["review_ends_at"], condition=models.Q(state="submitted"), name="milestone_review"
            ),
            models.Index(
                fields=["due_at"],
                condition=models.Q(state__in=["in_progress", "changes_requested"]),
                name="milestone_due",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def net(self) -> int:
        """What the student gets for this milestone, in minor units."""
        return self.price - self.fee

    @property
    def due(self) -> int:
        """What the employer pays for this milestone, in minor units."""
        return self.price - self.sponsored

    @property
    def part_ref(self) -> str:
        """What payments calls this milestone's share."""
        return f"{self.engagement.public_id}-{self.order}"


class ContractorCheck(models.Model):
    """The same student once more: a moderator looks whether that is still a contract for work."""

    MOVES = CHECK_MOVES

    public_id = PublicId()
    application = models.OneToOneField(Application, models.PROTECT, related_name="contractor_check")
    state = models.CharField(max_length=10, choices=CheckState.choices, default=CheckState.ASKED)
    why = models.TextField("why the same person again", max_length=600)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField("what the employer reads", max_length=1500, blank=True)

    class Meta:
        app_label = "projects"
        verbose_name = "repeat hire"
        indexes = [
            models.Index(
                fields=["asked_at"], condition=models.Q(state="asked"), name="contractor_check_queue"
            )
        ]

    def __str__(self):
        return f"Repeat hire for {self.application.project}"
