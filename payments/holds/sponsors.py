"""What came back to sponsors of the money that they had given to holds."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from marketplace.ground import clock

from .models import Part


class SponsorReturn(models.Model):
    """What was not used of a sponsored part, back in the lot that it came from."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    part = models.ForeignKey(Part, models.PROTECT, related_name="returns")
    amount = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]
        verbose_name = "return to a wallet"
        verbose_name_plural = "returns to wallets"
        constraints = [
            models.CheckConstraint(condition=Q(amount__range=(1, 99_999_999)), name="sponsor_return_amount")
        ]

    def __str__(self):
        return f"{self.part_id}: {self.amount}"
