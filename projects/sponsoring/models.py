"""What a sponsor pays for: programmes with their rules, and the draws of projects on them."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.schools.models import School
from accounts.skills.functions import Function
from marketplace.ground import clock
from marketplace.ground.models import PublicId
from payments.wallets.models import Wallet
from projects.posting.models import Project

from .states import DRAW_MOVES, LIVE, PROGRAMME_MOVES, DrawState, ProgrammeState

MAX = 99_999_999


class Programme(models.Model):
    """Rules by which a wallet pays. Amounts in minor units of the wallet's currency; a share in basis points."""

    class Approval(models.TextChoices):
        EACH = "each", "We look at each request"
        RULES = "rules", "Approved when it fits the rules"

    MOVES = PROGRAMME_MOVES

    public_id = PublicId()
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="programmes")
    state = models.CharField(max_length=10, choices=ProgrammeState.choices, default=ProgrammeState.OPEN)
    name = models.CharField(max_length=80)
    about = models.TextField("what it is for", max_length=600, blank=True)
    starts_on = models.DateField("from")
    ends_on = models.DateField("until")
    budget = models.BigIntegerField()
    share_bp = models.PositiveSmallIntegerField("share of the student's pay")
    cap_project = models.BigIntegerField("most per project", null=True, blank=True)
    cap_student = models.BigIntegerField("most per student", null=True, blank=True)
    approval = models.CharField(max_length=10, choices=Approval.choices, default=Approval.EACH)
    # who
    schools = models.ManyToManyField(School, related_name="+", blank=True)  # none: any school
    first_timers_only = models.BooleanField("only students without a completed project", default=False)
    # which projects
    functions = ArrayField(
        models.CharField(max_length=20, choices=Function.choices), default=list, blank=True
    )  # none: any
    verified_only = models.BooleanField("only verified employers", default=True)
    small_only = models.BooleanField("only employers of at most 50 people", default=False)
    hours_min = models.DecimalField(max_digits=5, decimal_places=1, default=Decimal(0))
    hours_max = models.DecimalField(max_digits=5, decimal_places=1, default=Decimal(80))
    hourly_min = models.BigIntegerField("least pay per hour", default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        app_label = "projects"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(budget__range=(1, MAX)), name="programme_budget"),
            models.CheckConstraint(condition=Q(share_bp__range=(100, 10_000)), name="programme_share"),
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="programme_dates"),
            models.CheckConstraint(
                condition=(Q(cap_project=None) | Q(cap_project__range=(1, MAX)))
                & (Q(cap_student=None) | Q(cap_student__range=(1, MAX))),
                name="programme_caps",
            ),
        ]
        indexes = [models.Index(fields=["ends_on"], condition=Q(state="open"), name="programme_open")]

    def __str__(self):
        return self.name


class Draw(models.Model):
    """One project's draw on a programme: asked for, approved, and then used by one engagement's hold.

    `promised` is set aside while it is approved; `used` is what the hold took and has not given back.
    """

    MOVES = DRAW_MOVES

    public_id = PublicId()
    project = models.ForeignKey(Project, models.PROTECT, related_name="draws")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="draws")
    state = models.CharField(max_length=10, choices=DrawState.choices, default=DrawState.ASKED)
    share_bp = models.PositiveSmallIntegerField()  # as it was when this was asked for
    promised = models.BigIntegerField(default=0)
    used = models.BigIntegerField(default=0)
    hold = models.OneToOneField("payments.Hold", models.PROTECT, null=True, blank=True, related_name="draw")
    student = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    note = models.TextField("why", max_length=600, blank=True)
    answer = models.TextField("the sponsor's answer", max_length=600, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=clock.now, editable=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "projects"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(state__in=LIVE), name="one_live_draw_per_project"
            ),
            models.CheckConstraint(condition=Q(promised__gte=0, used__gte=0), name="draw_amounts"),
            models.CheckConstraint(condition=Q(share_bp__range=(100, 10_000)), name="draw_share"),
        ]
        indexes = [
            models.Index(fields=["programme", "state", "-id"]),
            models.Index(fields=["student"], condition=Q(state="used"), name="draw_by_student"),
        ]

    def __str__(self):
        return f"{self.programme} for {self.project}"
