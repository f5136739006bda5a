"""A project: what an employer posts, in the words and numbers that a student decides by."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from accounts.employers.models import Organisation
from accounts.schools.models import School
from accounts.skills.functions import Function
from accounts.skills.models import Skill
from marketplace.ground import clock
from marketplace.ground.models import PublicId

from .columns import HOURLY_NET, NET
from .states import PROJECT_MOVES, ClosedReason, ProjectState


class LocationMode(models.TextChoices):
    REMOTE = "remote", "Remote"
    HYBRID = "hybrid", "Partly on site"
    ONSITE = "onsite", "On site"


class AiRule(models.TextChoices):
    ALLOWED = "allowed", "AI tools are welcome"
    DISCLOSE = "disclose", "AI tools are fine, say where"
    FORBIDDEN = "forbidden", "No AI tools"


class ShowRight(models.TextChoices):
    FULL = "full", "May show the work"
    ANONYMISED = "anonymised", "May show it without names"
    NONE = "none", "May not show it"


class Project(models.Model):
    """`price` is what the employer pays, all in, in minor units of `currency`; `hours` is the estimate."""

    MOVES = PROJECT_MOVES

    public_id = PublicId()
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="projects")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=ProjectState.choices, default=ProjectState.DRAFT)
    closed_reason = models.CharField(max_length=10, choices=ClosedReason.choices, blank=True)
    template_slug = models.CharField(max_length=60, blank=True)
    step = models.PositiveSmallIntegerField(default=1)  # how far the form has been filled in

    title = models.CharField(max_length=120, blank=True)
    function = models.CharField(max_length=20, choices=Function.choices, blank=True)
    summary = models.TextField("what needs doing, and why", max_length=4000, blank=True)
    outcome = models.CharField("what is true when it is done", max_length=300, blank=True)
    deliverables = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    good_to_know = models.TextField("good to know", max_length=1500, blank=True)

    hours = models.DecimalField(max_digits=5, decimal_places=1, default=Decimal("0"))
    price = models.PositiveIntegerField(default=0)
    currency = models.CharField(max_length=3, default="USD")
    fee_bp = models.PositiveIntegerField(default=1000)  # set from the policy when sent or published
    start_on = models.DateField("agreed start", null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    zone = models.CharField("time zone", max_length=60, default="America/New_York")
    # Computed by the database, to filter and sort by; in Python ask `queries.net` and `queries.hourly_net`.
    net_pay = models.GeneratedField(
        expression=NET, output_field=models.BigIntegerField(), db_persist=True, editable=False
    )
    net_hourly = models.GeneratedField(
        expression=HOURLY_NET, output_field=models.BigIntegerField(null=True), db_persist=True, editable=False
    )

    location_mode = models.CharField(max_length=10, choices=LocationMode.choices, default=LocationMode.REMOTE)
    location = models.CharField(max_length=120, blank=True)
    ai_rule = models.CharField("AI tools", max_length=10, choices=AiRule.choices, default=AiRule.DISCLOSE)
    show_right = models.CharField(
        "the student's right to show the work",
        max_length=12,
        choices=ShowRight.choices,
        default=ShowRight.FULL,
    )
    work_authorisation = models.BooleanField("only students who may work in this country", default=False)
    min_age = models.PositiveSmallIntegerField(
        "youngest age", null=True, blank=True, validators=[MinValueValidator(16), MaxValueValidator(99)]
    )
    only_school = models.ForeignKey(
        School, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="only students of"
    )
    names_hidden = models.BooleanField("hide names and schools for the first look", default=True)
    skills = models.ManyToManyField(Skill, through="ProjectSkill", related_name="+")

    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)  # to the moderators
    published_at = models.DateTimeField(null=True, blank=True)
    apply_by = models.DateTimeField(null=True, blank=True)
    answer_by = models.DateTimeField(null=True, blank=True)
    closes_silently_at = models.DateTimeField(null=True, blank=True)
    extended_at = models.DateTimeField(null=True, blank=True)  # one extension of the window
    closed_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)  # by reports; not shown to students while set
    strike_lifted_at = models.DateTimeField(
        null=True, blank=True
    )  # on appeal: a silent closing that does not count
    application_cap = models.PositiveSmallIntegerField(default=25)
    application_count = models.PositiveIntegerField(default=0)  # submitted and not withdrawn

    class Meta:
        app_label = "projects"
        indexes = [
            models.Index(fields=["organisation", "-updated_at"]),
            models.Index(
                fields=["-published_at", "-id"],
                condition=models.Q(state="published"),
                name="project_open_new",
            ),
            models.Index(
                fields=["function", "-published_at", "-id"],
                condition=models.Q(state="published"),
                name="project_open_function",
            ),
            models.Index(
                fields=["apply_by"], condition=models.Q(state="published"), name="project_open_deadline"
            ),
            models.Index(
                fields=["-net_pay", "-id"], condition=models.Q(state="published"), name="project_open_pay"
            ),
            models.Index(
                fields=["-net_hourly", "-id"], condition=models.Q(state="published"), name="project_open_rate"
            ),
            models.Index(
                fields=["closes_silently_at"],
                condition=models.Q(state="published"),
                name="project_open_silent",
            ),
            models.Index(fields=["sent_at"], condition=models.Q(state="in_review"), name="project_queue"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="closed") | ~models.Q(closed_reason=""), name="closed_for_a_reason"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="published")
                | models.Q(price__gt=0, hours__gt=0, published_at__isnull=False, apply_by__isnull=False),
                name="published_is_complete",
            ),
        ]

    def __str__(self):
        return self.title or "Untitled project"

    @property
    def is_remote(self) -> bool:
        return self.location_mode == LocationMode.REMOTE


class ProjectSkill(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="project_skills")
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="+")
    must = models.BooleanField("needed", default=True)  # else nice to have

    class Meta:
        app_label = "projects"
        ordering = ["-must", "id"]
        constraints = [models.UniqueConstraint(fields=["project", "skill"], name="one_row_per_project_skill")]
        indexes = [models.Index(fields=["skill", "project"])]

    def __str__(self):
        return str(self.skill)


class PlannedMilestone(models.Model):
    """A milestone as posted; its share of the price follows its hours."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="milestones")
    order = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    outcome = models.CharField(max_length=300, blank=True)
    done_when = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    hours = models.DecimalField(max_digits=5, decimal_places=1, default=Decimal("0"))

    class Meta:
        app_label = "projects"
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["project", "order"], name="one_milestone_per_place")]

    def __str__(self):
        return self.title


class Question(models.Model):
    """A screening question; answers are at most 120 words, and it may not ask for work."""

    public_id = PublicId()
    project = models.ForeignKey(Project, models.CASCADE, related_name="questions")
    order = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)

    class Meta:
        app_label = "projects"
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["project", "order"], name="one_question_per_place")]

    def __str__(self):
        return self.text


class ModerationDecision(models.Model):
    """What a moderator decided about a posting, with the reasons the employer reads."""

    class Outcome(models.TextChoices):
        PUBLISHED = "published", "Published"
        SENT_BACK = "sent_back", "Sent back with reasons"
        REMOVED = "removed", "Removed"
        PAUSED = "paused", "Paused"
        RESUMED = "resumed", "Shown again"

    project = models.ForeignKey(Project, models.CASCADE, related_name="decisions")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reasons = models.TextField(blank=True)
    approves_below_floor = models.BooleanField(default=False)
    approves_hours = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        app_label = "projects"
        ordering = ["-at"]

    def __str__(self):
        return f"{self.get_outcome_display()}: {self.project}"
