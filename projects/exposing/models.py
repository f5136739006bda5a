"""Who was shown to whom, at which place: the memory that fair ordering and the fairness report live on.

People stand here by the number of their account and by nothing else. One row is one list as somebody saw it.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from marketplace.ground import clock
from marketplace.ground.models import PublicId


class ListKind(models.TextChoices):
    NOTICE = "notice", "Students told of a project"
    FITTING = "fitting", "Students who fit, as an employer saw them"
    FOR_YOU = "for_you", "Projects for a student"
    SIMILAR = "similar", "Projects like another one"
    BROWSE = "browse", "Projects that somebody looked through"
    ALERT = "alert", "Projects in a mail"


OF_STUDENTS = (ListKind.NOTICE, ListKind.FITTING)


class ShownList(models.Model):
    """`about`: the project whose students are listed, or the account that sees projects. Fits in thousandths.

    shown: accounts (or projects) in the order in which they stood, the first at place `start` + 1; `fits` beside
    them, empty where nobody asked. qualified: everybody who could have stood there (fit at least 0.6 of the best); newcomers: who of both
    has finished nothing yet. best: the highest fits that these places could have held.
    """

    public_id = PublicId()
    key = models.CharField(
        max_length=40, unique=True
    )  # the same list for the same reader on one day is one row
    kind = models.CharField(max_length=10, choices=ListKind.choices)
    about = models.BigIntegerField()
    function = models.CharField(max_length=20, blank=True)
    order = models.CharField(max_length=20, blank=True)  # of a list of projects: by what, or like which
    start = models.PositiveSmallIntegerField(default=0)
    shown = ArrayField(models.BigIntegerField(), default=list)
    fits = ArrayField(models.SmallIntegerField(), default=list)
    qualified = ArrayField(models.BigIntegerField(), default=list)
    newcomers = ArrayField(models.BigIntegerField(), default=list)
    best = ArrayField(models.SmallIntegerField(), default=list)
    at = models.DateTimeField(default=clock.now)
    counted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "projects"
        indexes = [
            models.Index(fields=["at"], name="shown_list_at"),
            models.Index(fields=["about"], condition=models.Q(kind="notice"), name="shown_list_told"),
            models.Index(fields=["id"], condition=models.Q(counted_at=None), name="shown_list_uncounted"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {len(self.shown)} shown"


class StudentExposure(models.Model):
    """How much of being seen somebody has had lately: the sum of 1/log2(1 + place), halved every 84 days."""

    student = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="exposure"
    )
    seen = models.FloatField(default=0)  # as of `at`
    at = models.DateTimeField(default=clock.now)

    class Meta:
        app_label = "projects"

    def __str__(self):
        return f"{self.seen:.2f}"


class ExposureWeek(models.Model):
    """The figures of one week, for everybody or for one function or school. Shares from 0 to 1; None without cases."""

    class Scope(models.TextChoices):
        ALL = "all", "Everybody"
        FUNCTION = "function", "By function"
        SCHOOL = "school", "By school"

    week = models.DateField()  # its Monday, UTC
    scope = models.CharField(max_length=10, choices=Scope.choices, default=Scope.ALL)
    value = models.CharField(max_length=40, blank=True)  # a function's slug or a school's number
    lists = models.PositiveIntegerField(default=0)
    qualified = models.PositiveIntegerField(default=0)  # distinct students in 28 days
    gini = models.FloatField(null=True)
    seen = models.FloatField(null=True)  # share of the qualified who were shown in 28 days
    newcomers_top = models.FloatField(null=True)  # first-timers' share of the first ten places
    newcomers_qualified = models.FloatField(null=True)  # their share of the qualified
    fit_kept = models.FloatField(null=True)  # fit of what was shown, over the best that could have been
    strength = models.PositiveSmallIntegerField(
        default=0
    )  # the slider when it was written; 0 when switched off
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        app_label = "projects"
        ordering = ["week"]
        constraints = [
            models.UniqueConstraint(fields=["week", "scope", "value"], name="one_exposure_week_each")
        ]

    def __str__(self):
        return f"{self.week}, {self.get_scope_display()} {self.value}".strip()
