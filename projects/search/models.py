"""What a person keeps while looking."""

from django.conf import settings
from django.db import models

from marketplace.ground import clock
from projects.posting.models import Project


class Bookmark(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="bookmarks")
    project = models.ForeignKey(Project, models.CASCADE, related_name="bookmarks")
    created_at = models.DateTimeField(default=clock.now)
    reminded_for = models.DateTimeField(
        null=True, blank=True
    )  # the deadline that this person was reminded of

    class Meta:
        app_label = "projects"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["project"], name="bookmark_project")]
        constraints = [models.UniqueConstraint(fields=["user", "project"], name="one_bookmark")]

    def __str__(self):
        return f"{self.user} saved {self.project}"
