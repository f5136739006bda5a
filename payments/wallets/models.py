"""Sponsors' money: a wallet, the lots that came into it, and what went back to the sponsor.

What is left of a lot is the balance of its own ledger account, so the database itself refuses to give away more
than there is. payments knows no rules about whom a sponsor pays for; they stand in projects.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.employers.models import Organisation
from accounts.schools.models import School
from marketplace.ground import clock
from marketplace.ground.models import PublicId

from ..ledger.chart import code
from ..stripe.models import Call
from . import states


def choices(words):
    return list(words.items())


class Wallet(models.Model):
    """The money of one sponsor: a school, or a foundation (an organisation that pays for others' projects)."""

    MOVES = states.WALLET_MOVES

    public_id = PublicId()
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="wallets")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="wallets"
    )
    state = models.CharField(max_length=10, choices=choices(states.WALLET_WORDS), default=states.OPEN)
    currency = models.CharField(max_length=3, default="USD")
    frozen_why = models.CharField(max_length=200, blank=True)
    low_at = models.BigIntegerField(default=0)  # tell the sponsor when less than this is free; 0 for never
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(school__isnull=False, organisation=None)
                | Q(school=None, organisation__isnull=False),
                name="wallet_of_one_sponsor",
            ),
            models.UniqueConstraint(fields=["school", "currency"], name="one_wallet_per_school"),
            models.UniqueConstraint(fields=["organisation", "currency"], name="one_wallet_per_foundation"),
            models.CheckConstraint(condition=Q(low_at__range=(0, 99_999_999)), name="wallet_low_mark"),
        ]

    def __str__(self):
        return f"Wallet of {self.sponsor}"

    @property
    def sponsor(self) -> str:
        """The sponsor's name, as people read it."""
        return (self.school or self.organisation).name


class Lot(models.Model):
    """One amount that came into a wallet: one visit to Stripe's payment page, or one recorded bank transfer."""

    class Source(models.TextChoices):
        CHECKOUT = "checkout", "Paid with Stripe"
        BANK = "bank", "Bank transfer"

    MOVES = states.LOT_MOVES

    public_id = PublicId()
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="lots")
    source = models.CharField(max_length=10, choices=Source.choices)
    state = models.CharField(max_length=12, choices=choices(states.LOT_WORDS), default=states.DRAFT)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    paid_at = models.DateTimeField(null=True, blank=True)
    # Stripe
    call = models.OneToOneField(Call, models.PROTECT, null=True, blank=True, related_name="+")
    success_url = models.URLField(max_length=500, blank=True)
    cancel_url = models.URLField(max_length=500, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    session_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    url = models.URLField(max_length=1000, blank=True)
    intent_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    charge_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    method = models.CharField(max_length=40, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    # What banks ask about and have not taken: neither given to projects nor sent back meanwhile.
    questioned = models.BigIntegerField(default=0)
    # bank
    reference = models.CharField("reference on the bank statement", max_length=80, blank=True)
    received_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__range=(1, 99_999_999)), name="lot_amount"),
            models.CheckConstraint(condition=Q(questioned__gte=0), name="lot_questioned"),
            models.CheckConstraint(
                condition=~Q(source="checkout", state="paid") | Q(charge_id__isnull=False),
                name="paid_lot_has_its_charge",
            ),
            models.CheckConstraint(
                condition=~Q(source="bank") | (~Q(reference="") & Q(received_on__isnull=False)),
                name="transfer_has_its_reference",
            ),
            # The same line of the bank statement is money only once.
            models.UniqueConstraint(
                fields=["reference", "received_on", "amount", "currency"],
                condition=Q(source="bank", state="paid"),
                name="one_lot_per_bank_line",
            ),
        ]
        indexes = [models.Index(fields=["wallet", "-id"])]

    def __str__(self):
        return self.public_id

    @property
    def account(self) -> str:
        """The ledger account that holds what is left of this lot."""
        return code("sponsor_pool", self.currency, self.uuid)


class Payback(models.Model):
    """Free money of one lot on its way back to the sponsor: to the lot's own charge, or by the operator's bank."""

    MOVES = states.PAYBACK_MOVES

    public_id = PublicId()
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="paybacks")
    call = models.OneToOneField(Call, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=12, choices=choices(states.PAYBACK_WORDS), default=states.QUEUED)
    amount = models.BigIntegerField()
    beyond = models.BigIntegerField(
        default=0
    )  # of it, by hand at Stripe, when it was not free: not the lot's
    unexplained = models.BigIntegerField(default=0)  # of that, what still stands on suspense
    currency = models.CharField(max_length=3)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    refund_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    reference = models.CharField("reference of the bank transfer", max_length=80, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "return to a sponsor"
        verbose_name_plural = "returns to sponsors"
        constraints = [
            models.CheckConstraint(condition=Q(amount__range=(1, 99_999_999)), name="payback_amount")
        ]

    def __str__(self):
        return self.public_id

    @property
    def account(self) -> str:
        """The ledger account that holds it while it is on its way."""
        return code("refund_in_flight", self.currency, self.uuid)
