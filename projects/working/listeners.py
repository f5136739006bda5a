"""Hears what payments says about the money of an engagement, and tells its people."""

from django.dispatch import receiver

from payments import signals
from projects.hiring.models import Engagement

from . import notices


def _engagement(hold) -> Engagement | None:
    return Engagement.objects.select_related("project", "organisation", "student").filter(hold_id=hold.pk).first()


@receiver(signals.part_released, dispatch_uid="working.part_released")
def part_released(sender, part, release, at, **_):
    engagement = _engagement(part.hold)
    if engagement:
        notices.tell_released(engagement, release)


@receiver(signals.release_waiting, dispatch_uid="working.release_waiting")
def release_waiting(sender, part, release, why, **_):
    engagement = _engagement(part.hold)
    if engagement:
        notices.tell_release_waits(engagement, release, why)


@receiver(signals.payout_paid, dispatch_uid="working.payout_paid")
def payout_paid(sender, user, amount, currency, payout, **_):
    if user is not None:
        notices.tell_payout(user, amount, currency, payout)


@receiver(signals.payout_failed, dispatch_uid="working.payout_failed")
def payout_failed(sender, user, amount, currency, payout, why, **_):
    if user is not None:
        notices.tell_payout_failed(user, amount, currency, payout, why)
