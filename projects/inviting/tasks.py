"""The clock of invitations: what has run out, and a word a day before."""

from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.db.models import F

from marketplace.ground import clock
from projects.applying.tasks import each

from . import actions, notices
from .models import Invitation
from .states import InvitationState

REMINDER = timedelta(hours=24)


@shared_task(name="inviting.clock")
def run_clock():
    due = Invitation.objects.filter(
        state=InvitationState.OPEN, expires_at__lte=clock.now(), project__paused_at=None
    )
    each(list(due.order_by("expires_at").values_list("pk", flat=True)[:500]), actions.expire)


@shared_task(name="inviting.reminders")
def reminders():
    now = clock.now()
    rows = Invitation.objects.filter(
        state=InvitationState.OPEN,
        expires_at__gt=now,
        expires_at__lte=now + REMINDER,
        created_at__lte=F("expires_at") - REMINDER * 2,
        project__paused_at=None,
    )
    rows = rows.select_related("project__organisation", "student").order_by("expires_at")
    each(list(rows[:1000]), remind)


@transaction.atomic
def remind(invitation: Invitation) -> None:
    notices.ending(invitation)
