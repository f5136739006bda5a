"""The plain thread of an engagement."""

from django.conf import settings
from django.db import models

from marketplace.ground import clock
from marketplace.ground.models import PublicId
from projects.hiring.models import Engagement


class Message(models.Model):
    public_id = PublicId()
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(max_length=4000)
    form_token = models.CharField(max_length=40, unique=True)  # the same form sent twice is one message
    at = models.DateTimeField(default=clock.now)

    class Meta:
        app_label = "projects"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["engagement", "-at", "-id"])]

    def __str__(self):
        return f"Message {self.public_id}"


class ReadMark(models.Model):
    """Until where somebody has read a thread."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="read_marks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        app_label = "projects"
        constraints = [models.UniqueConstraint(fields=["engagement", "user"], name="one_read_mark")]

    def __str__(self):
        return f"{self.user_id} read {self.engagement_id}"
