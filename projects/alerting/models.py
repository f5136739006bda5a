"""Searches that somebody keeps, and what they found."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from marketplace.ground import clock
from marketplace.ground.models import PublicId
from projects.posting.models import Project


class TextQuery(models.Field):
    """A `tsquery`, written as a SQL expression and never read back."""

    def db_type(self, connection):
        return "tsquery"


class SavedSearch(models.Model):
    """A filter of the browse page in columns, so that one statement can ask all of them about one new project.

    query: the query string of the page, without `?`, order and page. An empty list means "any". `functions` holds
    "*" for any, so that an index can find the searches of one function. words: the text as PostgreSQL asks it.
    """

    class How(models.TextChoices):
        INSTANT = "instant", "At once"
        DAILY = "daily", "Once a day"
        WEEKLY = "weekly", "Once a week"
        OFF = "off", "Not at all"

    ANY = "*"

    public_id = PublicId()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_searches")
    name = models.CharField(max_length=80)
    how = models.CharField(max_length=8, choices=How.choices, default=How.DAILY)
    query = models.CharField(max_length=900, blank=True)
    words = TextQuery(null=True, editable=False)
    functions = ArrayField(models.CharField(max_length=20))
    places = ArrayField(models.CharField(max_length=10), default=list)
    skills = ArrayField(models.BigIntegerField(), default=list)
    hours = ArrayField(models.CharField(max_length=10), default=list)
    pay = ArrayField(models.CharField(max_length=10), default=list)
    rate_min = models.IntegerField(null=True)  # minor units an hour
    hours_min = models.IntegerField(null=True)
    hours_max = models.IntegerField(null=True)
    pay_min = models.BigIntegerField(null=True)  # minor units of net
    pay_max = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(default=clock.now)  # when a daily or weekly mail was last made

    class Meta:
        app_label = "projects"
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["user", "query"], name="one_search_each")]
        indexes = [
            GinIndex(fields=["functions"], condition=~models.Q(how="off"), name="saved_search_function"),
            models.Index(
                fields=["sent_at"],
                condition=models.Q(how__in=["daily", "weekly"]),
                name="saved_search_due",
            ),
        ]

    def __str__(self):
        return self.name


class Alert(models.Model):
    """A project that a saved search found on the day it was published. Once for each of them."""

    search = models.ForeignKey(SavedSearch, models.CASCADE, related_name="alerts")
    project = models.ForeignKey(Project, models.CASCADE, related_name="alerts")
    found_at = models.DateTimeField(default=clock.now)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "projects"
        constraints = [models.UniqueConstraint(fields=["search", "project"], name="one_alert_each")]
        indexes = [
            models.Index(fields=["search", "-id"], condition=models.Q(told_at=None), name="alert_untold"),
            models.Index(fields=["project"], name="alert_project"),
        ]

    def __str__(self):
        return f"{self.search}: {self.project}"


class SearchRun(models.Model):
    """That the saved searches were asked about a project: the claim that keeps a second run from asking again."""

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True, related_name="search_run")
    at = models.DateTimeField(default=clock.now)
    found = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "projects"

    def __str__(self):
        return f"{self.found} found {self.project_id}"
