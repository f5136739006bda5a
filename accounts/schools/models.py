"""Schools, recognised from real academic e-mail domains, and the people who work in their career centres."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from marketplace.ground import clock
from marketplace.ground.models import PublicId


class School(models.Model):
    public_id = PublicId()
    name = models.CharField(max_length=200, unique=True)
    domains = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        app_label = "accounts"
        ordering = ["name"]

    def __str__(self):
        return self.name


class SchoolStaff(models.Model):
    """Somebody of the career centre (`coordinator`) of one school; made by a moderator in the admin."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="school_posts")
    school = models.ForeignKey(School, models.CASCADE, related_name="staff")
    title = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        app_label = "accounts"
        verbose_name_plural = "school staff"
        constraints = [models.UniqueConstraint(fields=["user", "school"], name="one_post_per_school")]

    def __str__(self):
        return f"{self.user} at {self.school}"
