"""Payments that a bank questions: disputes (chargebacks and inquiries), and early warnings of fraud."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from marketplace.ground import clock
from marketplace.ground.models import PublicId

from ..holds.models import Funding, Hold, choices
from ..ledger.chart import code
from ..stripe.models import Call
from ..wallets.models import Lot
from . import states


class Dispute(models.Model):
    """One dispute as Stripe tells it, what it did to our money, and what we answered.

    It is about the payment for a hold, or a sponsor's into its wallet (a lot). Neither when the payment pays for
    nothing; then it stands for staff to look at.
    """

    MOVES = states.DISPUTE_MOVES

    public_id = PublicId()
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    stripe_id = models.CharField(max_length=120, unique=True)
    charge_id = models.CharField(max_length=120, db_index=True)
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, blank=True, related_name="disputes")
    funding = models.ForeignKey(Funding, models.PROTECT, null=True, blank=True, related_name="disputes")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="disputes")
    state = models.CharField(max_length=24, choices=choices(states.DISPUTE_WORDS), default=states.OTHER)
    status = models.CharField("state at Stripe", max_length=40, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    taken = models.BigIntegerField(default=0)  # what the bank holds of ours at present, without its fee
    # Of what the bank took, what the sponsor's lot bears; the rest was with projects, and is the platform's risk.
    covered = models.BigIntegerField(default=0)
    due_by = models.DateTimeField(null=True, blank=True)
    reminded_hours = models.PositiveSmallIntegerField(null=True, blank=True)  # the last reminder's distance
    times_lost = models.PositiveSmallIntegerField(default=0)
    booked_lost = models.BooleanField(default=False)
    settled_as = models.CharField(
        max_length=12, blank=True
    )  # the outcome that was told: won, lost, withdrawn
    evidence = models.JSONField(
        default=dict, blank=True
    )  # Stripe's field names; what a moderator sees and edits
    evidence_call = models.OneToOneField(Call, models.PROTECT, null=True, blank=True, related_name="+")
    evidence_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    evidence_sent_at = models.DateTimeField(null=True, blank=True)
    submissions = models.PositiveSmallIntegerField("answers that Stripe has", default=0)
    opened_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__range=(1, 99_999_999)), name="dispute_amount"),
            models.CheckConstraint(condition=Q(covered__gte=0), name="dispute_covered"),
        ]
        indexes = [models.Index(fields=["state", "due_by"], name="disputes_by_due")]

    def __str__(self):
        return self.public_id

    @property
    def is_open(self) -> bool:
        return self.state in states.OPEN

    @property
    def beyond(self) -> int:
        """What the bank took beyond what the sponsor's lot bears, minor units: it was with projects already."""
        return self.taken - self.covered

    @property
    def account(self) -> str:
        """What the bank has taken and not yet decided about."""
        return code("dispute_receivable", self.currency, self.uuid)

    @property
    def frozen_account(self) -> str:
        return code("hold_frozen", self.currency, self.uuid)


class FraudWarning(models.Model):
    """A card network's early warning that a payment may be fraud. Nobody has asked for the money yet."""

    MOVES = states.WARNING_MOVES

    public_id = PublicId()
    stripe_id = models.CharField(max_length=120, unique=True)
    charge_id = models.CharField(max_length=120, db_index=True)
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, blank=True, related_name="fraud_warnings")
    state = models.CharField(max_length=12, choices=choices(states.WARNING_WORDS), default=states.FRESH)
    kind = models.CharField("kind of fraud", max_length=60, blank=True)
    actionable = models.BooleanField(default=True)
    released = models.BooleanField("money was released already", default=False)
    at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = "fraud warning"

    def __str__(self):
        return self.public_id
