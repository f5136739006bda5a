"""What is taken back from a student, and what they owe when their Stripe balance was too low for it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.ground import clock
from marketplace.ground.models import PublicId

from ..connect.models import PayeeAccount
from ..ledger.chart import code
from ..stripe.models import Call
from . import states
from .models import Part, Refund, Release, choices


class Reversal(models.Model):
    """One taking back of a sent release: `net` from the student, `fee` from the platform, together `gross`.

    `amount` of the net is asked of Stripe; the rest was never sent (it had repaid a debt) and is owed at once.
    What comes back stands on `recovered` until it goes to the payer, to the bank, or to the student again.
    """

    MOVES = states.REVERSAL_MOVES

    class Purpose(models.TextChoices):
        REFUND = "refund", "to be refunded to the payer"
        DISPUTE = "dispute", "to cover a dispute"
        HAND = "hand", "made at Stripe by hand"

    class GoneTo(models.TextChoices):
        NOBODY = "", "with nobody yet"
        PAYER = "payer", "the payer"
        BANK = "bank", "the bank that disputes"
        STUDENT = "student", "the student again"

    public_id = PublicId()
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    release = models.ForeignKey(Release, models.PROTECT, related_name="reversals")
    call = models.OneToOneField(Call, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=12, choices=choices(states.REVERSAL_WORDS), default=states.QUEUED)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.REFUND)
    net = models.BigIntegerField()
    fee = models.BigIntegerField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    dispute_ref = models.CharField(max_length=120, blank=True, db_index=True)  # Stripe's id of the dispute
    gone_to = models.CharField(max_length=10, choices=GoneTo.choices, default=GoneTo.NOBODY, blank=True)
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, blank=True, related_name="from_reversal")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=200)
    reversal_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    failure = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(net__range=(1, 99_999_999), fee__gte=0, amount__gte=0, amount__lte=F("net")),
                name="reversal_amounts",
            )
        ]
        indexes = [models.Index(fields=["state", "-created_at"], name="reversals_by_state")]

    def __str__(self):
        return self.public_id

    @property
    def gross(self) -> int:
        return self.net + self.fee

    @property
    def account(self) -> str:
        """The ledger account on which stands what came back."""
        return code("recovered", self.currency, self.uuid)

    @property
    def complete(self) -> bool:
        """Whether the whole gross stands on `account`, taken back or advanced."""
        return self.state == states.SENT or (self.state == states.SHORT and hasattr(self, "receivable"))


class FrozenLine(models.Model):
    """What of one part stands on `hold_frozen` for one dispute."""

    MOVES = states.FROZEN_MOVES

    part = models.ForeignKey(Part, models.PROTECT, related_name="frozen_lines")
    dispute_ref = models.CharField(max_length=120, db_index=True)  # Stripe's id of the dispute
    state = models.CharField(max_length=8, choices=choices(states.FROZEN_WORDS), default=states.FROZEN)
    amount = models.BigIntegerField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]
        verbose_name = "frozen part"
        constraints = [
            models.CheckConstraint(condition=Q(amount__range=(1, 99_999_999)), name="frozen_line_amount")
        ]

    def __str__(self):
        return f"{self.dispute_ref}: {self.amount}"


class Receivable(models.Model):
    """What a student owes because a reversal fell short. Repaid from their next releases, never by a charge."""

    MOVES = states.RECEIVABLE_MOVES

    public_id = PublicId()
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    payee = models.ForeignKey(PayeeAccount, models.PROTECT, related_name="receivables")
    reversal = models.OneToOneField(Reversal, models.PROTECT, related_name="receivable")
    state = models.CharField(max_length=12, choices=choices(states.RECEIVABLE_WORDS), default=states.OWED)
    amount = models.BigIntegerField()
    repaid = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=200)
    # Above the policy's limit a second moderator agrees before it is written off.
    write_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    write_off_why = models.CharField(max_length=300, blank=True)
    write_off_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__range=(1, 99_999_999), repaid__gte=0, repaid__lte=F("amount")),
                name="receivable_amounts",
            )
        ]
        indexes = [
            models.Index(fields=["payee", "currency"], condition=Q(state="owed"), name="receivables_owed")
        ]

    def __str__(self):
        return self.public_id

    @property
    def left(self) -> int:
        return self.amount - self.repaid

    @property
    def account(self) -> str:
        return code("student_receivable", self.currency, self.payee.party)


class Repayment(models.Model):
    """What one release kept back to repay one receivable."""

    receivable = models.ForeignKey(Receivable, models.PROTECT, related_name="repayments")
    release = models.ForeignKey(Release, models.PROTECT, related_name="repayments")
    amount = models.BigIntegerField()
    undone = models.BooleanField(default=False)  # the release was refused, so it repaid nothing
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["receivable", "release"], name="one_repayment_per_release"),
            models.CheckConstraint(condition=Q(amount__range=(1, 99_999_999)), name="repayment_amount"),
        ]

    def __str__(self):
        return f"{self.receivable_id}: {self.amount}"
