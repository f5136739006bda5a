"""What goes to Stripe and what comes from it: every call and every event is a committed row first."""

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from marketplace.ground import clock

from . import states


def new_environment() -> str:
    return secrets.token_hex(4)


class Install(models.Model):
    """Names this copy of the database in idempotency keys, so that a clone never repeats the original's
    calls.
    """

    environment = models.CharField(max_length=8, default=new_environment)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_install")]

    def __str__(self):
        return self.environment


class Call(models.Model):
    """One thing we ask Stripe to do. Committed before it is made; its parameters never change."""

    MOVES = states.CALL_MOVES
    STATES = [(state, words) for state, words in states.CALL_WORDS.items()]

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    operation = models.CharField(max_length=40)
    environment = models.CharField(max_length=8)
    generation = models.PositiveSmallIntegerField(default=1)
    params = models.JSONField()
    currency = models.CharField(max_length=3, blank=True)  # of the money that it moves
    api_version = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=STATES, default=states.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    first_sent_at = models.DateTimeField(null=True, blank=True)  # of this generation
    look_first = models.BooleanField(default=False)  # ask Stripe whether it exists before sending again
    stripe_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    error_code = models.CharField(max_length=80, blank=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True, blank=True)
    # Whom it names asked to be forgotten while it was on its way: scrubbed as soon as it has ended.
    forget = models.BooleanField(default=False)
    scrubbed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "call to Stripe"
        verbose_name_plural = "calls to Stripe"
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state=states.PENDING), name="calls_due"),
            models.Index(fields=["created_at"], condition=Q(scrubbed_at=None), name="calls_to_scrub"),
        ]

    def __str__(self):
        return f"{self.operation} {self.uuid}"

    @property
    def idempotency_key(self) -> str:
        return f"{self.environment}:{self.operation}:{self.uuid}:g{self.generation}"


class Event(models.Model):
    """One event from Stripe, stored once by its id. A hint that something changed, never the truth itself."""

    MOVES = states.EVENT_MOVES
    STATES = [(state, words) for state, words in states.EVENT_WORDS.items()]

    event_id = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=120)
    thin = models.BooleanField(default=False)
    account = models.CharField(max_length=120, blank=True)
    object_id = models.CharField(max_length=120, blank=True)
    livemode = models.BooleanField(default=False)
    api_version = models.CharField(max_length=40, blank=True)
    payload = models.JSONField()
    source = models.CharField(max_length=10, default="webhook")  # or "poll"
    state = models.CharField(max_length=10, choices=STATES, default=states.NEW)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    error = models.CharField(max_length=500, blank=True)
    received_at = models.DateTimeField(default=clock.now)
    applied_at = models.DateTimeField(null=True, blank=True)
    scrubbed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "event from Stripe"
        verbose_name_plural = "events from Stripe"
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state=states.NEW), name="events_due"),
            models.Index(fields=["received_at"], condition=Q(scrubbed_at=None), name="events_to_scrub"),
        ]

    def __str__(self):
        return f"{self.kind} {self.event_id}"


class Stop(models.Model):
    """Calls to Stripe that are held back until somebody has looked. Every one stays on record."""

    class Kind(models.TextChoices):
        BOOKS = "books", "the books and Stripe differ"
        KEY = "key", "Stripe refuses our key"
        HAND = "hand", "by a moderator"

    currency = models.CharField(max_length=3, blank=True, help_text="Empty for all currencies.")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    why = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    retry_at = models.DateTimeField(null=True, blank=True)  # a refused key is tried again then
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    lifted_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "stop of payments"
        verbose_name_plural = "stops of payments"
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "kind"], condition=Q(lifted_at=None), name="one_open_stop"
            )
        ]

    def __str__(self):
        return f"{self.currency or 'all currencies'}: {self.why}"


class Cursor(models.Model):
    """How far a list at Stripe has been read."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self):
        return self.name


class BalanceLine(models.Model):
    """One of Stripe's balance transactions on the platform's account, kept to compare with the ledger."""

    stripe_id = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=60)
    source = models.CharField(max_length=120, blank=True)
    amount = models.BigIntegerField()
    fee = models.BigIntegerField(default=0)
    net = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    made_at = models.DateTimeField()
    matched = models.BooleanField(default=False)

    class Meta:
        ordering = ["-made_at", "-id"]
        verbose_name = "Stripe balance line"
        indexes = [
            models.Index(fields=["source"], name="lines_by_source"),
            models.Index(fields=["made_at"], condition=Q(matched=False), name="lines_open"),
        ]

    def __str__(self):
        return self.stripe_id


class Reconciliation(models.Model):
    """One comparison of the books with Stripe's."""

    at = models.DateTimeField(default=clock.now)
    full = models.BooleanField("everything, not only what is new", default=False)
    lines = models.PositiveIntegerField("balance lines read", default=0)
    objects_read = models.PositiveIntegerField("objects read", default=0)
    # {"USD": {"stripe": .., "books": .., "available": .., "pending": .., "owed": .., "own": ..}}, minor units
    sums = models.JSONField(default=dict, blank=True)
    # [{"key", "what", "cause", "amount", "currency", "since", "serious"}]; since: when it was first seen
    differences = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "reconciliation"

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M}: {len(self.differences)} differences"
