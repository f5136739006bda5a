"""Secured money: the hold of one engagement, its parts, and what went in and out of it.

payments does not know what an engagement or a milestone is: `ref` and `payer_ref` are given from above.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.ground import clock
from marketplace.ground.models import PublicId

from ..connect.models import PayeeAccount, Payout
from ..connect.states import IN_TRANSIT, PAID, PENDING
from ..ledger.chart import code
from ..stripe.models import Call
from ..wallets.models import Lot
from . import states


def choices(words):
    return list(words.items())


class Hold(models.Model):
    MOVES = states.HOLD_MOVES

    public_id = PublicId()
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ref = models.CharField(max_length=80, unique=True)
    payee = models.ForeignKey(PayeeAccount, models.PROTECT, related_name="holds")
    payer_ref = models.CharField(max_length=80, db_index=True)
    state = models.CharField(max_length=12, choices=choices(states.HOLD_WORDS), default=states.UNFUNDED)
    currency = models.CharField(max_length=3)
    price = models.BigIntegerField()
    fee = models.BigIntegerField()
    sponsored = models.BigIntegerField(default=0)  # of the price, paid by sponsors; the payer owes the rest
    description = models.CharField(max_length=200)
    release_delay_days = models.PositiveSmallIntegerField(default=0)
    deadline = models.DateTimeField(null=True, blank=True)  # by when it has to be secured
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_why = models.CharField(max_length=200, blank=True)
    freezes = models.JSONField(default=dict, blank=True)  # who or what stopped it: {cause: why}
    secured_at = models.DateTimeField(null=True, blank=True)
    hold_days = models.PositiveSmallIntegerField()  # how long it may be held once secured, as agreed
    limit_at = models.DateTimeField(null=True, blank=True)  # held at most until then
    limit_near_told_at = models.DateTimeField(null=True, blank=True)
    limit_told_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(price__range=(1, 99_999_999), fee__gte=0, fee__lt=F("price")), name="hold_amounts"
            ),
            models.CheckConstraint(
                condition=Q(sponsored__gte=0, sponsored__lte=F("price") - F("fee")), name="hold_sponsored"
            ),
        ]
        indexes = [
            models.Index(fields=["limit_at"], condition=Q(state=states.SECURED), name="holds_by_limit")
        ]

    def __str__(self):
        return self.ref

    @property
    def net(self) -> int:
        return self.price - self.fee

    @property
    def due(self) -> int:
        """What the payer has to bring, fee included; 0 when sponsors pay for all of it."""
        return self.price - self.sponsored

    @property
    def stopped_by_bank(self) -> bool:
        return any(not cause.startswith("moderator") for cause in self.freezes)

    @property
    def is_secured(self) -> bool:
        return self.state in (states.SECURED, states.SETTLED)

    @property
    def status(self) -> str:
        """The state in words for people."""
        return "on hold" if self.frozen_at else states.HOLD_WORDS[self.state]

    def figures(self) -> dict:
        """Where the money of this hold is, in minor units; see `figures.figures_of` for the keys."""
        from .figures import figures_of

        return figures_of([self])[self.pk]


class Part(models.Model):
    """The money for one milestone from one source: the payer (`lot` is None) or one lot of a sponsor's wallet.

    A milestone (`ref`) has as many parts as it has sources. The fee is waived on a sponsored part.
    """

    public_id = PublicId()
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    hold = models.ForeignKey(Hold, models.PROTECT, related_name="parts")
    ref = models.CharField(max_length=80)
    payee = models.ForeignKey(PayeeAccount, models.PROTECT, related_name="parts")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="parts")
    position = models.PositiveSmallIntegerField(default=0)
    price = models.BigIntegerField()
    fee = models.BigIntegerField()

    class Meta:
        ordering = ["hold", "position"]
        verbose_name = "part of a hold"
        verbose_name_plural = "parts of holds"
        constraints = [
            models.UniqueConstraint(
                fields=["hold", "ref", "lot"], nulls_distinct=False, name="one_part_per_ref_and_source"
            ),
            models.CheckConstraint(condition=Q(lot=None) | Q(fee=0), name="no_fee_on_a_sponsored_part"),
            models.CheckConstraint(
                condition=Q(price__range=(1, 99_999_999), fee__gte=0, fee__lt=F("price")), name="part_amounts"
            ),
        ]

    def __str__(self):
        return self.ref

    @property
    def net(self) -> int:
        return self.price - self.fee

    @property
    def account(self) -> str:
        """The ledger account that holds this part's money."""
        return code("hold", self.hold.currency, self.uuid)

    @property
    def release(self) -> "Release | None":
        """The release that counts: not one that was refused, nor one that gives back what was taken back."""
        found = [r for r in self.releases.all() if r.state != states.REJECTED and r.reversal_id is None]
        return found[-1] if found else None

    @property
    def status(self) -> str:
        """One key of `states.PART_WORDS`. Reads `hold`, `releases.payout`, `refund_lines.refund`, `returns`."""
        if self.hold.state in (states.UNFUNDED, states.PROCESSING, states.CANCELLED):
            return self.hold.state
        live = [r for r in self.releases.all() if r.state not in (states.REJECTED, states.REVERSED)]
        if live:
            return live[-1].status
        refunds = {line.refund.state for line in self.refund_lines.all()} - {states.FAILED}
        if refunds:
            return "refunded" if refunds <= set(states.REFUND_DONE) else "refunding"
        if self.lot_id and self.returns.all():
            return "returned"
        if self.release:
            return self.release.status
        if any(line.state == states.GONE for line in self.frozen_lines.all()):
            return "charged_back"
        return "frozen" if self.hold.frozen_at else "held"

    @property
    def status_words(self) -> str:
        return states.PART_WORDS[self.status]


class Funding(models.Model):
    """One visit of the payer to Stripe's payment page, for all that the payer owes for one hold."""

    MOVES = states.FUNDING_MOVES

    public_id = PublicId()
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    hold = models.ForeignKey(Hold, models.PROTECT, related_name="fundings")
    call = models.OneToOneField(Call, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=choices(states.FUNDING_WORDS), default=states.DRAFT)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    success_url = models.URLField(max_length=500)
    cancel_url = models.URLField(max_length=500)
    expires_at = models.DateTimeField()
    session_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    url = models.URLField(max_length=1000, blank=True)
    intent_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    charge_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    method = models.CharField(max_length=40, blank=True)
    extra = models.BooleanField(default=False)  # paid although nothing was due: it goes back by itself
    # What came when it was not what had been asked for; it stands as the payer's credit.
    received = models.BigIntegerField(null=True, blank=True)
    received_currency = models.CharField(max_length=3, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    synced_at = models.DateTimeField(null=True, blank=True)
    funded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["hold"], condition=Q(state__in=states.FUNDING_LIVE), name="one_live_funding"
            ),
            models.UniqueConstraint(
                fields=["hold"], condition=Q(state=states.FUNDED, extra=False), name="one_paid_funding"
            ),
            models.CheckConstraint(condition=Q(amount__range=(1, 99_999_999)), name="funding_amount"),
        ]

    def __str__(self):
        return self.public_id


class Release(models.Model):
    """One transfer to one student: `gross` leaves the hold, `net` reaches them, the fee is earned.

    `offset` of the net is kept to repay what the student owes; `transferred` is what Stripe sends.
    """

    MOVES = states.RELEASE_MOVES

    public_id = PublicId()
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    part = models.ForeignKey(Part, models.PROTECT, related_name="releases")
    call = models.OneToOneField(Call, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=14, choices=choices(states.RELEASE_WORDS), default=states.SCHEDULED)
    gross = models.BigIntegerField()
    fee = models.BigIntegerField()
    net = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    # What was taken back since, of the net and of the fee; kept in step with the reversals.
    taken_net = models.BigIntegerField(default=0)
    taken_fee = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    # Gives back to the student what this reversal had taken back (a dispute was won).
    reversal = models.ForeignKey(
        "payments.Reversal", models.PROTECT, null=True, blank=True, related_name="given_back"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=60, blank=True)
    due_at = models.DateTimeField(default=clock.now)  # approved for then; later than now while scheduled
    retry_at = models.DateTimeField(null=True, blank=True)  # not before, after Stripe said "not now"
    destination = models.CharField(max_length=120, blank=True)
    transfer_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    payout = models.ForeignKey(Payout, models.PROTECT, null=True, blank=True, related_name="releases")
    failure = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["part"],
                condition=~Q(state=states.REJECTED) & Q(reversal=None),
                name="one_release_per_part",
            ),
            models.UniqueConstraint(
                fields=["reversal"], condition=~Q(state=states.REJECTED), name="given_back_once"
            ),
            models.CheckConstraint(
                condition=Q(gross=F("fee") + F("net"), net__gte=1, fee__gte=0, gross__lte=99_999_999),
                name="release_amounts",
            ),
            models.CheckConstraint(condition=Q(offset__gte=0, offset__lte=F("net")), name="release_offset"),
            models.CheckConstraint(
                condition=Q(
                    taken_net__gte=0, taken_net__lte=F("net"), taken_fee__gte=0, taken_fee__lte=F("fee")
                ),
                name="release_taken_back",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state=states.SCHEDULED), name="releases_due"),
            models.Index(fields=["state"]),
        ]

    def __str__(self):
        return self.public_id

    @property
    def transferred(self) -> int:
        """What Stripe sends to the student, minor units."""
        return self.net - self.offset

    @property
    def kept_net(self) -> int:
        """What of the net is still the student's, minor units."""
        return self.net - self.taken_net

    @property
    def status(self) -> str:
        """One key of `states.PART_WORDS`."""
        if self.state == states.SENT:
            if self.payout and self.payout.state == PAID:
                return "paid_out"
            return "on_its_way" if self.payout and self.payout.state in (PENDING, IN_TRANSIT) else "released"
        return {
            states.SCHEDULED: "scheduled",
            states.WAITING_PAYEE: "waiting_payee",
            states.WAITING_FUNDS: "waiting_funds",
            states.REVERSED: "reversed",
        }.get(self.state, "releasing")

    @property
    def status_words(self) -> str:
        return states.PART_WORDS[self.status]


class Refund(models.Model):
    """One return to the payer, of parts of a hold (its lines) or of a payment that nothing was due for."""

    MOVES = states.REFUND_MOVES

    public_id = PublicId()
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    hold = models.ForeignKey(Hold, models.PROTECT, related_name="refunds")
    funding = models.ForeignKey(Funding, models.PROTECT, related_name="refunds")
    call = models.OneToOneField(Call, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=choices(states.REFUND_WORDS), default=states.QUEUED)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    # The failed one that this sends again.
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replacement")
    bank_reference = models.CharField(max_length=120, blank=True)  # of a return by bank transfer
    unexplained = models.BigIntegerField(default=0)  # by hand, and nothing was left for it: on suspense
    refund_id = models.CharField(max_length=120, null=True, blank=True, unique=True)
    failure = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__range=(1, 99_999_999)), name="refund_amount")
        ]

    def __str__(self):
        return self.public_id


class RefundLine(models.Model):
    refund = models.ForeignKey(Refund, models.PROTECT, related_name="lines")
    part = models.ForeignKey(Part, models.PROTECT, related_name="refund_lines")
    amount = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__range=(1, 99_999_999)), name="refund_line_amount")
        ]

    def __str__(self):
        return f"{self.refund_id}: {self.amount}"


class PaperCounter(models.Model):
    """The last number of a series of papers in a year; taken under its row lock, so that numbers have no gaps."""

    series = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "year"], name="one_counter_per_series_and_year")
        ]

    def __str__(self):
        return f"{self.series}-{self.year}: {self.last}"


class Receipt(models.Model):
    """The numbered receipt of one secured hold."""

    hold = models.OneToOneField(Hold, models.PROTECT, related_name="receipt")
    number = models.CharField(max_length=20, unique=True)
    issued_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-id"]

    def __str__(self):
        return self.number
