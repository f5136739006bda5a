"""Hears the end of an engagement, fills the places of the workspace that belong to disputes; export and erasure."""

from django.dispatch import receiver

from accounts.users import erasure, export
from projects.hiring.signals import engagement_ended
from projects.working import panels, story

from . import actions, pages
from .models import Statement

REMOVED = "This was removed with its author's account."


@receiver(engagement_ended, dispatch_uid="disputing.engagement_ended")
def ended(sender, engagement, **_):
    actions.overtake(engagement)


def _said(user) -> list:
    rows = Statement.objects.filter(by=user).select_related("dispute__engagement").order_by("at", "id")
    return [
        {
            "at": row.at,
            "engagement": row.dispute.engagement.public_id,
            "kind": row.kind,
            "amount": row.amount,
            "currency": row.dispute.engagement.currency,
            "text": row.text,
        }
        for row in rows
    ]


@erasure.register_scrub
def _forget(user) -> None:
    Statement.objects.filter(by=user).exclude(side="moderator").update(text=REMOVED)


export.register("disputes", _said)
panels.register("disputes", pages.panel)
story.register_dispute(pages.next_step)
