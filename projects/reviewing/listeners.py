"""Hears when an engagement ends, inside the same transaction."""

from django.dispatch import receiver

from projects.hiring.signals import engagement_ended

from . import actions


@receiver(engagement_ended, dispatch_uid="reviewing.engagement_ended")
def ended(sender, engagement, **_):
    actions.issue_credential(engagement)
