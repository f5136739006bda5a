"""Who pays: one customer at Stripe for each paying organisation, and what Stripe keeps for it.

Card numbers are Stripe's alone; a row here says no more than a receipt would.
"""

from django.db import models

from marketplace.ground import clock
from marketplace.ground.models import PublicId

from ..stripe.models import Call
from . import states


class Payer(models.Model):
    """`ref` is the public id of the organisation, the same that a hold knows as its `payer_ref`."""

    public_id = PublicId()
    ref = models.CharField(max_length=80, unique=True)
    call = models.OneToOneField(Call, models.PROTECT, null=True, blank=True, related_name="+")
    stripe_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    closed_at = models.DateTimeField(null=True, blank=True)  # nobody acts for it any more
    created_at = models.DateTimeField(default=clock.now)
    methods_read_at = models.DateTimeField(null=True, blank=True)  # when the list that we keep was asked for

    class Meta:
        ordering = ["-id"]

    def __str__(self):
        return self.ref


class PaymentMethod(models.Model):
    MOVES = states.METHOD_MOVES
    STATES = list(states.METHOD_WORDS.items())

    public_id = PublicId()
    payer = models.ForeignKey(Payer, models.PROTECT, related_name="methods")
    stripe_id = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=STATES, default=states.SAVED)
    kind = models.CharField(max_length=40)  # Stripe's name: card, us_bank_account
    brand = models.CharField(max_length=40, blank=True)
    last4 = models.CharField(max_length=4, blank=True)
    exp_month = models.PositiveSmallIntegerField(null=True, blank=True)
    exp_year = models.PositiveSmallIntegerField(null=True, blank=True)
    call = models.OneToOneField(Call, models.PROTECT, null=True, blank=True, related_name="+")
    saved_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-saved_at", "-id"]
        verbose_name = "payment method"

    def __str__(self):
        return self.public_id

    @property
    def words(self) -> str:
        """`Visa ending in 4242`"""
        name = self.brand.replace("_", " ").title() or self.kind.replace("_", " ").capitalize()
        return f"{name} ending in {self.last4}" if self.last4 else name

    @property
    def expires(self) -> str:
        return f"{self.exp_month:02d}/{self.exp_year}" if self.exp_month and self.exp_year else ""

    @property
    def has_expired(self) -> bool:
        now = clock.now()
        return bool(self.exp_year) and (self.exp_year, self.exp_month or 12) < (now.year, now.month)
