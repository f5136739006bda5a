"""Who can be paid, and what Stripe has sent to their bank."""

import uuid

from django.conf import settings
from django.db import models

from marketplace.ground import clock
from marketplace.ground.models import PublicId

from ..stripe.models import Call
from . import states


class PayeeAccount(models.Model):
    """A person as the books know them. `party` is the surrogate; the person may be erased and the row
    stays.
    """

    MOVES = states.PAYEE_MOVES
    STATES = [(state, words) for state, words in states.PAYEE_WORDS.items()]

    public_id = PublicId()
    party = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="payee_account"
    )
    state = models.CharField(max_length=12, choices=STATES, default=states.NONE)
    country = models.CharField(max_length=2, default="us")
    call = models.OneToOneField(Call, models.PROTECT, null=True, blank=True, related_name="+")
    stripe_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    needs = models.JSONField(default=list, blank=True)  # what Stripe still asks for, in its own words
    synced_at = models.DateTimeField(null=True, blank=True)
    payouts_read_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-id"]
        verbose_name = "payout account"

    def __str__(self):
        return self.public_id

    @property
    def needs_words(self) -> list[str]:
        """What Stripe still asks for, in words for people."""
        return list(dict.fromkeys(states.need_words(need) for need in self.needs))

    @property
    def in_review(self) -> bool:
        """Stripe has been told everything and is checking it: there is nothing that the person could do."""
        begun = self.state in (states.ONBOARDING, states.RESTRICTED) and bool(self.stripe_id)
        return begun and self.synced_at is not None and not self.needs

    @property
    def can_receive(self) -> bool:
        return self.state == states.ACTIVE and bool(self.stripe_id)


class Payout(models.Model):
    """Money that Stripe sends from a person's Stripe account to their bank."""

    MOVES = states.PAYOUT_MOVES
    STATES = [(state, words) for state, words in states.PAYOUT_WORDS.items()]

    public_id = PublicId()
    payee = models.ForeignKey(PayeeAccount, models.PROTECT, related_name="payouts")
    stripe_id = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=12, choices=STATES, default=states.PENDING)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    arrival_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "payout"

    def __str__(self):
        return self.public_id
