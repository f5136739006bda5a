"""A student's profile: what fits them, what they show, and the answers only they and the rules may see."""

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models.functions import Lower

from accounts.schools.models import School
from accounts.skills.functions import Function
from accounts.skills.models import Skill
from marketplace.ground import clock


class StudentProfile(models.Model):
    class Answer(models.TextChoices):
        YES = "yes", "Yes"
        NO = "no", "No"
        UNSAID = "unsaid", "Prefer not to say"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="student")
    headline = models.CharField(max_length=120, blank=True)
    about = models.TextField(max_length=2000, blank=True)
    school = models.ForeignKey(School, models.SET_NULL, null=True, blank=True, related_name="students")
    school_verified_at = models.DateTimeField(null=True, blank=True)
    school_email = models.EmailField(blank=True)
    programme = models.CharField("what you study", max_length=120, blank=True)
    graduates_in = models.PositiveSmallIntegerField("year you finish", null=True, blank=True)
    hours_free = models.PositiveSmallIntegerField(
        "hours a week you have free", default=10, validators=[MaxValueValidator(40)]
    )
    place = models.CharField("town or city", max_length=120, blank=True)
    interests = ArrayField(
        models.CharField(max_length=20, choices=Function.choices), default=list, blank=True
    )
    website = models.URLField(blank=True)
    # Shown to employers only as "eligible" or not at all.
    may_work = models.CharField(
        "may work in this country", max_length=10, choices=Answer.choices, default=Answer.UNSAID
    )
    needs_sponsor = models.CharField(
        "needs a sponsored visa", max_length=10, choices=Answer.choices, default=Answer.UNSAID
    )
    needs_school_sign_off = models.BooleanField(default=False)
    resume = models.FileField(upload_to="resumes/", blank=True)
    resume_name = models.CharField(max_length=120, blank=True)
    open_to_invitations = models.BooleanField("employers may find me", default=False)
    invitations_answered_at = models.DateTimeField(
        null=True, blank=True, editable=False
    )  # yes or no; asked until then
    portfolio_on = models.BooleanField("public portfolio page", default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.UniqueConstraint(
                Lower("school_email"),
                condition=models.Q(school_verified_at__isnull=False) & ~models.Q(school_email=""),
                name="one_student_per_school_address",
            )
        ]

    def __str__(self):
        return f"Student profile of {self.user}"


class SchoolCode(models.Model):
    """The code that was sent to a school address; typing it in proves that the address is the student's."""

    LIFE = timedelta(minutes=30)
    TRIES = 5

    student = models.OneToOneField(StudentProfile, models.CASCADE, related_name="school_code")
    email = models.EmailField()
    digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()

    class Meta:
        app_label = "accounts"

    def __str__(self):
        return f"School code for student {self.student_id}"


class StudentSkill(models.Model):
    class Level(models.TextChoices):
        LEARNING = "learning", "Learning"
        ABLE = "able", "Can do alone"
        STRONG = "strong", "Strong"

    student = models.ForeignKey(StudentProfile, models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, models.CASCADE, related_name="+")
    level = models.CharField(max_length=10, choices=Level.choices, default=Level.ABLE)
    evidence = models.CharField("where you used it", max_length=200, blank=True)

    class Meta:
        app_label = "accounts"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["student", "skill"], name="one_row_per_skill")]

    def __str__(self):
        return str(self.skill)
