"""Hears when an engagement ends, inside the same transaction; export and erasure of reviews and records."""

from django.dispatch import receiver

from accounts.users import erasure, export
from projects.hiring.signals import engagement_ended

from . import actions
from .models import Credential, Review, Side


@receiver(engagement_ended, dispatch_uid="reviewing.engagement_ended")
def ended(sender, engagement, **_):
    actions.issue_credential(engagement)


def _reviews(user) -> dict:
    written = Review.objects.filter(author=user).order_by("at")
    about = Review.objects.filter(
        engagement__student=user, side=Side.EMPLOYER, public_at__isnull=False
    ).order_by("at")
    return {
        "written": [export.plain(row, without=("author",)) for row in written],
        "about_you": [export.plain(row, without=("author",)) for row in about],
        "records": [
            export.plain(row, without=("student",)) for row in Credential.objects.filter(student=user)
        ],
    }


@erasure.register_scrub
def _forget(user) -> None:
    """A record says a name, and a review of a person may: both go. What they wrote about others stays, unsigned."""
    Credential.objects.filter(student=user).delete()
    Review.objects.filter(engagement__student=user, side=Side.EMPLOYER).update(text="")
    Review.objects.filter(author=user).update(author=None)


export.register("reviews", _reviews)
