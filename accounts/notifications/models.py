"""What people are told: the notification in the app, the e-mail that goes with it (an outbox), and their choices."""

from django.conf import settings
from django.db import models

from marketplace.ground import clock, ids
from marketplace.ground.models import PublicId


class Notification(models.Model):
    """Once per (person, kind, thing, deadline): a moved deadline reminds anew, a re-run never repeats."""

    public_id = PublicId()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications", db_index=False
    )  # the first index below serves it
    kind = models.CharField(max_length=40)
    thing = models.CharField(max_length=80)  # "projects.offer:41"
    deadline = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    label = models.CharField(max_length=60, blank=True)  # of the button that leads to `url`
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True)
    digested_at = models.DateTimeField(null=True, blank=True)
    wants_digest = models.CharField(max_length=10, blank=True)  # "", "daily", "weekly"

    class Meta:
        app_label = "accounts"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "thing", "deadline"], name="told_once")
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"]),
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notification_unread"),
            models.Index(
                fields=["wants_digest", "user"],
                condition=models.Q(digested_at=None),
                name="notification_undigested",
            ),
        ]

    def __str__(self):
        return self.title


class Letter(models.Model):
    """The text of many mails, rendered once; `{{name}}`-like marks stand where one differs from the next."""

    key = models.CharField(max_length=120, unique=True)
    text = models.TextField()
    html = models.TextField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        app_label = "accounts"

    def __str__(self):
        return self.key


class Mail(models.Model):
    """An e-mail to be sent, and then the record that it was. The row is the queue."""

    class State(models.TextChoices):
        PENDING = "pending", "To be sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Given up"
        CANCELLED = "cancelled", "No longer wanted"

    key = models.CharField(max_length=200, unique=True)  # the same mail is never written twice
    message_id = models.CharField(max_length=120, unique=True)  # kept on a repeat after a crash
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="mails")
    to = models.EmailField()
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, related_name="mails")
    words = models.JSONField(default=dict, blank=True)  # what fills the marks of its letter
    part = models.CharField(
        max_length=12, blank=True
    )  # what one click stops, when that is less than the kind
    unsubscribe = models.BooleanField(default=False)  # carries the one-click header (RFC 8058)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    send_after = models.DateTimeField(default=clock.now)
    leased_until = models.DateTimeField(null=True, blank=True)  # real time: a lease is about processes
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "accounts"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["send_after"], condition=models.Q(state="pending"), name="mail_pending")
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"


class Preference(models.Model):
    """How one person wants one kind: `instant`, `daily`, `weekly` or `app` (no e-mail). No row means the kind's default."""

    class How(models.TextChoices):
        INSTANT = "instant", "E-mail at once"
        DAILY = "daily", "Daily digest"
        WEEKLY = "weekly", "Weekly digest"
        APP = "app", "Only in the app"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="preferences")
    kind = models.CharField(max_length=40)
    how = models.CharField(max_length=10, choices=How.choices)

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_preference_per_kind")]

    def __str__(self):
        return f"{self.kind}: {self.how}"


class UnsubscribeToken(models.Model):
    """The secret in the one-click link of a person's mails."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="unsubscribe_token")
    token = models.CharField(max_length=40, unique=True, default=ids.secret)

    class Meta:
        app_label = "accounts"

    def __str__(self):
        return f"Unsubscribe link of {self.user_id}"
