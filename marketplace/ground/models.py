"""Rows that belong to the whole house: the audit trail, the operator's policy and brand, holidays, heartbeats."""

import zoneinfo
from datetime import timedelta

import pghistory
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from . import clock, ids


def new_public_id() -> str:
    return ids.public_id()


class PublicId(models.CharField):
    """The random id that stands in addresses and API answers instead of the primary key."""

    def __init__(self, **kwargs):
        kwargs.update(max_length=12, unique=True, editable=False, default=new_public_id)
        super().__init__(**kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        for key in ("max_length", "unique", "editable", "default"):
            kwargs.pop(key, None)
        return name, path, args, kwargs


class StateChange(models.Model):
    """Who moved which thing from what to what, why and when. Written by `states.move()` and never edited."""

    kind = models.CharField(max_length=60)  # model label, e.g. "projects.application"
    thing_id = models.BigIntegerField()
    from_state = models.CharField(max_length=30, blank=True)
    to_state = models.CharField(max_length=30)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=60, blank=True)
    note = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["kind", "thing_id", "at"])]

    def __str__(self):
        return f"{self.kind} {self.thing_id}: {self.from_state} -> {self.to_state}"

    @classmethod
    def of(cls, *things):
        """The timeline of one or several things, oldest first, with the person who acted."""
        query = models.Q()
        for thing in things:
            query |= models.Q(kind=thing._meta.label_lower, thing_id=thing.pk)
        return cls.objects.filter(query).select_related("by") if things else cls.objects.none()


def _between(low: int, high: int) -> list:
    return [MinValueValidator(low), MaxValueValidator(high)]


def _known_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError("There is no such time zone. Write it like America/New_York.")


@pghistory.track()
class Policy(models.Model):
    """The operator's rules: one row, edited in the admin. Agreements freeze `frozen()` when they are made."""

    pay_floor_cents = models.PositiveIntegerField(
        "pay floor per hour, in cents",
        default=2000,
        help_text="On the student's net pay per estimated hour, before tax.",
        validators=_between(1, 1_000_000),
    )
    local_minimum_wage_cents = models.PositiveIntegerField(
        "local minimum wage per hour, in cents",
        default=1500,
        help_text="The floor is the higher of the pay floor and 1.25 times this.",
        validators=_between(0, 1_000_000),
    )
    fee_bp = models.PositiveIntegerField(
        "platform fee, in hundredths of a percent", default=1000, validators=_between(0, 3000)
    )
    min_hours = models.PositiveSmallIntegerField(default=5, validators=_between(1, 500))
    max_hours = models.PositiveSmallIntegerField(default=40, validators=_between(1, 500))
    max_hours_approved = models.PositiveSmallIntegerField(
        "most hours a moderator may allow", default=80, validators=_between(1, 500)
    )
    min_days = models.PositiveSmallIntegerField(
        "earliest due date, days after kick-off", default=7, validators=_between(1, 365)
    )
    max_days = models.PositiveSmallIntegerField(
        "latest due date, days after kick-off", default=31, validators=_between(1, 365)
    )
    hard_max_days = models.PositiveSmallIntegerField(
        "hard limit in days, extensions included", default=56, validators=_between(1, 365)
    )
    application_window_days = models.PositiveSmallIntegerField(default=7, validators=_between(1, 60))
    application_window_min_hours = models.PositiveSmallIntegerField(default=72, validators=_between(1, 1440))
    application_cap = models.PositiveSmallIntegerField(
        "applications per project", default=25, validators=_between(1, 1000)
    )
    answer_days = models.PositiveSmallIntegerField(
        "employer's answer clock, days", default=7, validators=_between(1, 60)
    )
    answer_final_days = models.PositiveSmallIntegerField(
        "silent closing, days after the window", default=10, validators=_between(1, 90)
    )
    offer_hours = models.PositiveSmallIntegerField(
        "offer life, hours", default=48, validators=_between(12, 720)
    )
    offer_weekend_hours = models.PositiveSmallIntegerField(
        "offer life over a weekend, hours", default=72, validators=_between(12, 720)
    )
    funds_business_days = models.PositiveSmallIntegerField(
        "days to secure funds", default=3, validators=_between(1, 60)
    )
    kickoff_days = models.PositiveSmallIntegerField(default=7, validators=_between(1, 60))
    kickoff_cancel_days = models.PositiveSmallIntegerField(default=14, validators=_between(1, 90))
    kickoff_penalty_bp = models.PositiveIntegerField(
        "paid to the student when the employer never starts, hundredths of a percent of the net",
        default=1000,
        validators=_between(0, 10_000),
    )
    review_business_days = models.PositiveSmallIntegerField(
        "review clock, business days", default=3, validators=_between(1, 60)
    )
    review_short_days = models.PositiveSmallIntegerField(
        "review clock of short projects", default=2, validators=_between(1, 60)
    )
    short_project_days = models.PositiveSmallIntegerField(
        "a project under this many days is short", default=15, validators=_between(0, 365)
    )
    review_last_days = models.PositiveSmallIntegerField(
        "review clock of the last milestone", default=5, validators=_between(1, 60)
    )
    revision_rounds = models.PositiveSmallIntegerField(default=2, validators=_between(0, 20))
    revision_days = models.PositiveSmallIntegerField(
        "days per round of changes", default=5, validators=_between(1, 60)
    )
    extension_notice_hours = models.PositiveSmallIntegerField(default=48, validators=_between(0, 720))
    extension_answer_hours = models.PositiveSmallIntegerField(default=24, validators=_between(1, 720))
    extension_max_bp = models.PositiveIntegerField(
        "longest extension, hundredths of a percent", default=5000, validators=_between(0, 10_000)
    )
    peer_review_days = models.PositiveSmallIntegerField(
        "days to review each other", default=14, validators=_between(1, 60)
    )
    public_score_min = models.PositiveSmallIntegerField(
        "engagements before a public score", default=2, validators=_between(1, 1000)
    )
    public_figure_min = models.PositiveSmallIntegerField(
        "cases before a public figure", default=5, validators=_between(1, 1000)
    )
    hold_days = models.PositiveSmallIntegerField(
        "funds are held at most, days", default=90, validators=_between(1, 730)
    )
    hold_warning_days = models.PositiveSmallIntegerField(
        "and moderators are warned so many days before", default=7, validators=_between(0, 365)
    )
    dispute_answer_days = models.PositiveSmallIntegerField(
        "days to answer a dispute", default=4, validators=_between(1, 30)
    )
    dispute_decision_days = models.PositiveSmallIntegerField(
        "business days for a moderator to decide a dispute", default=5, validators=_between(1, 30)
    )
    dispute_appeal_days = models.PositiveSmallIntegerField(
        "days to appeal against that, the money waits", default=4, validators=_between(1, 30)
    )
    advance_short_reversals = models.BooleanField(
        "when a student's Stripe balance is too low for a reversal, the platform advances it",
        default=True,
        help_text="The payer is refunded at once, and the student's next releases repay it.",
    )
    write_off_second_cents = models.PositiveIntegerField(
        "written off by one moderator, at most cents",
        default=10_000,
        validators=_between(0, 100_000_000),
        help_text="Above this a second moderator has to agree.",
    )
    disputes_from_students = models.BooleanField(
        "approved pay may be taken back for a card dispute",
        default=False,
        help_text="Otherwise the platform bears what a lost dispute costs of approved work.",
    )
    refund_on_fraud_warning = models.BooleanField(
        "a fraud warning refunds by itself while nothing is approved", default=False
    )
    unproven_max_cents = models.PositiveIntegerField(
        "first engagement of an employer, most cents", default=50000, validators=_between(100, 100_000_000)
    )
    unproven_release_days = models.PositiveSmallIntegerField(
        "and released days after approval", default=7, validators=_between(0, 365)
    )
    new_employer_open_projects = models.PositiveSmallIntegerField(default=2, validators=_between(1, 1000))
    clean_for_skip_review = models.PositiveSmallIntegerField(
        "clean engagements (different students) before review is skipped",
        default=3,
        validators=_between(1, 1000),
    )
    sample_one_in = models.PositiveSmallIntegerField(
        "of skipped reviews, one in ... is still read", default=10, validators=_between(1, 1000)
    )
    live_engagements = models.PositiveSmallIntegerField(
        "live engagements per student", default=3, validators=_between(1, 100)
    )
    weekly_hours_max = models.PositiveSmallIntegerField(default=30, validators=_between(1, 168))
    weekly_hours_warn = models.PositiveSmallIntegerField(default=20, validators=_between(1, 168))
    open_applications = models.PositiveSmallIntegerField(
        "applications in open windows per student", default=10, validators=_between(1, 1000)
    )
    invitation_days = models.PositiveSmallIntegerField(
        "an invitation to apply is open, days", default=5, validators=_between(1, 30)
    )
    invitations_per_project = models.PositiveSmallIntegerField(default=15, validators=_between(0, 200))
    invitations_per_week = models.PositiveSmallIntegerField(
        "invitations of one employer in a week", default=30, validators=_between(0, 1000)
    )
    invitations_to_student = models.PositiveSmallIntegerField(
        "invitations to one student in a week", default=5, validators=_between(1, 100)
    )
    invitation_rest_days = models.PositiveSmallIntegerField(
        "days of rest after a student said no to an employer", default=60, validators=_between(0, 730)
    )
    fair_order = models.BooleanField(
        "lists of students are ordered fairly",
        default=True,
        help_text="Off: by fit alone. On: people who were seen little lately move up, and first-timers keep their "
        "share of the first places.",
    )
    fair_strength = models.PositiveSmallIntegerField(
        "how much those seen little lately move up, in hundredths of fit",
        default=10,
        validators=_between(0, 40),
        help_text="The fairness report shows what each value costs and brings.",
    )
    strikes = models.PositiveSmallIntegerField(
        "strikes before a pause", default=2, validators=_between(1, 100)
    )
    chain_projects = models.PositiveSmallIntegerField(
        "projects with one student in six months", default=3, validators=_between(1, 100)
    )
    chain_hours = models.PositiveSmallIntegerField(
        "hours with one student in six months", default=120, validators=_between(1, 10_000)
    )
    zone = models.CharField(
        "operator's time zone", max_length=60, default="America/New_York", validators=[_known_zone]
    )
    tax_forms_by = models.CharField(max_length=120, default="the platform, through Stripe")
    tax_threshold_cents = models.PositiveIntegerField(
        "yearly pay from which a tax form is filed, in cents",
        default=200_000,
        help_text="In US dollars and per person and calendar year; 0 for none. US form 1099-NEC: 2,000 USD for 2026.",
        validators=_between(0, 100_000_000),
    )
    tax_threshold_words = models.TextField(
        "what students are told about it",
        max_length=600,
        blank=True,
        default="In the United States, contractors who are paid this much or more in a calendar year get a form "
        "1099-NEC, and the tax office gets a copy. Pay below it may be taxable too. This is information, not "
        "legal or tax advice.",
    )
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name_plural = "policy"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_policy")]

    def __str__(self):
        return "Policy"

    # The first may not be more than the second: a site with these the wrong way round accepts nothing.
    IN_ORDER = (
        ("min_hours", "max_hours"),
        ("max_hours", "max_hours_approved"),
        ("min_days", "max_days"),
        ("max_days", "hard_max_days"),
        ("answer_days", "answer_final_days"),
        ("kickoff_days", "kickoff_cancel_days"),
        ("offer_hours", "offer_weekend_hours"),
        ("weekly_hours_warn", "weekly_hours_max"),
    )

    def clean(self):
        """The rules that go together have to fit each other; a field that is wrong by itself is told by itself."""
        errors = {}
        for less, more in self.IN_ORDER:
            low, high = getattr(self, less), getattr(self, more)
            if low is not None and high is not None and low > high:
                label = self._meta.get_field(more).verbose_name
                errors[less] = f"This has to be at most {high}, which is “{label}”."
        hours, days = self.application_window_min_hours, self.application_window_days
        if hours is not None and days is not None and hours > days * 24:
            errors["application_window_min_hours"] = (
                f"The window is {days * 24} hours, so this has to be at most {days * 24}."
            )
        if errors:
            raise ValidationError(errors)

    def frozen(self) -> dict:
        """The rules as plain data, for an agreement to keep."""
        return {
            f.name: getattr(self, f.name)
            for f in self._meta.concrete_fields
            if f.name not in ("id", "updated_at")
        }

    @property
    def floor_cents(self) -> int:
        """The pay floor in cents of net pay per estimated hour: the higher of the floor and 1.25 x the minimum wage."""
        return max(self.pay_floor_cents, -(-self.local_minimum_wage_cents * 5 // 4))


colour = RegexValidator(r"^#[0-9a-fA-F]{6}$", "Write the colour as # and six digits, for example #0f5b4f.")


class Brand(models.Model):
    """What makes the site the operator's: name, logo, colours, legal pages. One row, edited in the admin."""

    name = models.CharField(max_length=60, default="Foothold")
    operator = models.CharField("who runs this site", max_length=120, default="Foothold")
    tagline = models.CharField(max_length=160, default="Short, paid projects for students")
    support_email = models.EmailField(default="help@example.com")
    postal_address = models.CharField(max_length=200, blank=True, help_text="Stands under every e-mail.")
    logo = models.ImageField(
        upload_to="brand/", blank=True, help_text="PNG or WebP, at least 64 pixels high."
    )
    colour_light = models.CharField("main colour", max_length=7, blank=True, validators=[colour])
    colour_dark = models.CharField("main colour on dark", max_length=7, blank=True, validators=[colour])
    terms = models.TextField("terms of use (Markdown)", blank=True)
    privacy = models.TextField("privacy notice (Markdown)", blank=True)
    imprint = models.TextField("about the operator (Markdown)", blank=True)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name_plural = "brand"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_brand")]

    def __str__(self):
        return self.name


class Holiday(models.Model):
    """A day on which the operator's business clocks stand still."""

    day = models.DateField(unique=True)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["day"]

    def __str__(self):
        return f"{self.day} {self.name}"


class FormToken(models.Model):
    """A form that has been acted on; see `once.only_once`."""

    KEPT = timedelta(days=2)

    token = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField(default=clock.now, db_index=True)

    def __str__(self):
        return self.token


class Heartbeat(models.Model):
    """When a background part last showed itself: `worker` or `beat`. Read by /healthz and the admin's front page."""

    STALE_AFTER = timedelta(seconds=90)

    part = models.CharField(max_length=20, primary_key=True)
    # Real time, not the movable clock: this is about processes, not deadlines.
    seen_at = models.DateTimeField()

    def __str__(self):
        return self.part
