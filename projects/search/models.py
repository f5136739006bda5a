"""What a person keeps while looking."""

from django.conf import settings
from django.db import models

from marketplace.ground import clock
from projects.posting.models import Project


class Bookmark(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="bookmarks")
    project = models.ForeignKey(Project, models.CASCADE, related_name="bookmarks")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        app_label = "projects"
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["user", "project"], name="one_bookmark")]

    def __str__(self):
        return f"{self.user} saved {self.project}"
