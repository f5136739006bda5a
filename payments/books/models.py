"""The papers of money: whom an organisation wants on its invoices, and the numbered invoices and credit notes.

A document is written once and never edited: names, lines and amounts are copied into it.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from marketplace.ground import clock
from marketplace.ground.models import PublicId

from ..holds.models import Hold, Refund


class BillingDetails(models.Model):
    """What an organisation wants to read on its invoices from now on."""

    payer_ref = models.CharField(max_length=80, unique=True)
    name = models.CharField("name on invoices", max_length=160)
    address = models.TextField(max_length=400)
    tax_id = models.CharField("tax or VAT number", max_length=40, blank=True)
    po_number = models.CharField("purchase order number", max_length=40, blank=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "billing details"

    def __str__(self):
        return self.name

    def block(self) -> dict:
        """As it is copied into a document."""
        return {
            "name": self.name,
            "address": self.address,
            "tax_id": self.tax_id,
            "po_number": self.po_number,
        }


class Document(models.Model):
    """An invoice for one secured hold, or a credit note for one refund of it. Amounts in minor units."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", "Invoice"
        CREDIT_NOTE = "credit_note", "Credit note"

    public_id = PublicId()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    number = models.CharField(max_length=24, unique=True)
    hold = models.ForeignKey(Hold, models.PROTECT, related_name="documents")
    payer_ref = models.CharField(max_length=80)
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, blank=True, related_name="credit_note")
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="credit_notes"
    )  # the invoice that a credit note takes back in part or whole
    currency = models.CharField(max_length=3)
    lines = models.JSONField(default=list)  # [{"text": ..., "amount": minor units}], adding up to total
    total = models.BigIntegerField()  # what the payer paid, or got back
    tax = models.BigIntegerField(default=0)  # of total
    seller = models.JSONField(default=dict)
    buyer = models.JSONField(default=dict)
    about = models.CharField(max_length=200)
    payee = models.CharField(max_length=160, blank=True)  # who does the work
    method = models.CharField(max_length=40, blank=True)  # how it was paid
    issued_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["hold"], condition=Q(kind="invoice"), name="one_invoice_per_hold"
            ),
            models.CheckConstraint(condition=Q(total__gte=1, tax__gte=0), name="document_amounts"),
            models.CheckConstraint(
                condition=Q(kind="invoice", corrects=None) | Q(kind="credit_note", corrects__isnull=False),
                name="credit_note_points_at_an_invoice",
            ),
        ]
        indexes = [models.Index(fields=["payer_ref", "-issued_at", "-id"], name="documents_of_a_payer")]

    def __str__(self):
        return self.number

    @property
    def is_invoice(self) -> bool:
        return self.kind == self.Kind.INVOICE
