"""The offline Stripe's own memory. Nothing outside this package reads or writes these tables."""

from django.db import models


class Thing(models.Model):
    """Any object of the API, as the JSON that it answers with."""

    id = models.CharField(max_length=80, primary_key=True)
    order = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=40)
    account = models.CharField(
        max_length=80, blank=True
    )  # the connected account it belongs to; empty: the platform
    created = models.BigIntegerField()  # Unix seconds of the shared clock
    data = models.JSONField()
    notes = models.JSONField(default=dict)  # what the API does not show
    due = models.BigIntegerField(null=True, db_index=True)  # when something happens to it by itself

    class Meta:
        indexes = [models.Index(fields=["kind", "account", "-order"])]

    def __str__(self):
        return self.id


class Line(models.Model):
    """A balance transaction."""

    id = models.CharField(max_length=80, primary_key=True)
    order = models.BigIntegerField(db_index=True)
    account = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=80, blank=True)
    amount = models.BigIntegerField()
    fee = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    created = models.BigIntegerField()
    available_on = models.BigIntegerField()
    payout = models.CharField(max_length=80, blank=True, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["account", "-order"]), models.Index(fields=["source"])]

    def __str__(self):
        return self.id


class Key(models.Model):
    """An idempotency key: what was asked under it and, once it is known, what was answered."""

    key = models.CharField(max_length=255)
    account = models.CharField(max_length=80, blank=True)
    asked = models.CharField(max_length=64)  # digest of path and parameters
    status = models.PositiveSmallIntegerField(null=True)  # empty while the first request is running
    body = models.JSONField(null=True)
    created = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "account"], name="one_answer_per_key")]

    def __str__(self):
        return self.key


class Delivery(models.Model):
    """One event on its way to the webhook address."""

    event = models.ForeignKey(Thing, models.CASCADE, related_name="deliveries")
    due = models.FloatField(
        db_index=True
    )  # real Unix seconds: how mail is carried is no matter of the shared clock
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.BooleanField(default=False)
    corrupt = models.BooleanField(default=False)
    last_status = models.PositiveSmallIntegerField(null=True)

    def __str__(self):
        return f"{self.event_id} x{self.attempts}"


class Fault(models.Model):
    """Something that goes wrong on purpose, the next `times` times."""

    path = models.CharField(max_length=120)  # beginning of the path
    method = models.CharField(max_length=6, default="POST")
    kind = models.CharField(max_length=12)
    seconds = models.FloatField(default=0)
    times = models.IntegerField(default=1)
    share = models.FloatField(default=1)  # of the requests that it could hit

    def __str__(self):
        return f"{self.kind} {self.path}"


class Setting(models.Model):
    """How webhooks are carried and how fast money moves. One row."""

    data = models.JSONField(default=dict)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_sandbox_setting")]

    def __str__(self):
        return "settings"
