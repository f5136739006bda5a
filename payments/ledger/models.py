"""The books. Rows are only ever added; the triggers of migration 9001 hold that against everybody.

People and organisations appear by surrogate (a part's, hold's or party's uuid), so that erasing a person
leaves the books whole.
"""

from django.db import models

from marketplace.ground import clock


class LedgerAccount(models.Model):
    code = models.CharField(max_length=120, unique=True)
    currency = models.CharField(max_length=3)
    sign = models.SmallIntegerField()  # 1 debit normal, -1 credit normal
    guarded = models.BooleanField()
    balance = models.BigIntegerField(default=0)  # kept by the database for guarded accounts only

    class Meta:
        ordering = ["code"]
        verbose_name = "ledger account"
        constraints = [
            models.CheckConstraint(condition=models.Q(sign__in=[1, -1]), name="ledger_sign"),
            models.CheckConstraint(
                condition=models.Q(guarded=False) | models.Q(balance__gte=0), name="ledger_never_overdrawn"
            ),
        ]

    def __str__(self):
        return self.code


class LedgerTransaction(models.Model):
    kind = models.CharField(max_length=40)
    key = models.CharField(
        max_length=120, unique=True
    )  # what this posting is about; a second one is the same one
    ref = models.CharField(max_length=120, blank=True)  # what caused it
    note = models.CharField(max_length=200, blank=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    at = models.DateTimeField(default=clock.now)
    # Set by the database: entries may only join a transaction in the database transaction that made it.
    xid = models.BigIntegerField(editable=False)
    started = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = "ledger transaction"
        indexes = [models.Index(fields=["ref"]), models.Index(fields=["at"])]

    def __str__(self):
        return self.key


class LedgerEntry(models.Model):
    transaction = models.ForeignKey(LedgerTransaction, models.PROTECT, related_name="entries")
    account = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="entries")
    amount = models.BigIntegerField()  # minor units; debit above zero, credit below
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ["id"]
        verbose_name = "ledger entry"
        verbose_name_plural = "ledger entries"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(amount=0) & models.Q(amount__range=(-99_999_999, 99_999_999)),
                name="ledger_amount_in_range",
            ),
        ]

    def __str__(self):
        return f"{self.account_id}: {self.amount} {self.currency}"
