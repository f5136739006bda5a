"""What is not the same in the books and at Stripe, from the run that first saw it until it is gone."""

from django.db import models
from django.db.models import Q

from marketplace.ground import clock


class Difference(models.Model):
    key = models.CharField(max_length=200)  # the same thing has the same key in every run
    what = models.CharField(max_length=200)
    cause = models.CharField(max_length=300)
    amount = models.BigIntegerField(default=0)  # minor units
    currency = models.CharField(max_length=3, blank=True)
    serious = models.BooleanField("doubled or missing money", default=False)
    about_at = models.DateTimeField(null=True, blank=True)  # when the thing itself happened
    first_seen = models.DateTimeField(default=clock.now)
    last_seen = models.DateTimeField(default=clock.now)
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["cleared_at", "-first_seen", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(cleared_at=None), name="one_open_difference")
        ]
        indexes = [models.Index(fields=["first_seen"], condition=Q(cleared_at=None), name="differences_open")]

    def __str__(self):
        return f"{self.what}: {self.cause}"
