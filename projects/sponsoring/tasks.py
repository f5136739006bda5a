"""The clock of sponsoring: what was promised to projects that are over, and programmes that end soon."""

from datetime import timedelta

from celery import shared_task
from django.db import transaction

from marketplace.ground import clock

from . import actions, notices, queries, rules
from .models import Programme
from .states import ProgrammeState

SOON = timedelta(days=14)


@shared_task(name="sponsoring.clock")
def sponsoring_clock():
    for draw in queries.stale()[:500]:
        actions.end_unused(draw)


@shared_task(name="sponsoring.reminders")
def sponsoring_reminders():
    """Programmes that end within 14 days with money left; each end is told of once."""
    today = clock.now().date()
    ending = Programme.objects.filter(
        state=ProgrammeState.OPEN, ends_on__gte=today, ends_on__lte=today + SOON
    ).select_related("wallet__school", "wallet__organisation")
    for programme in ending.order_by("ends_on")[:500]:
        gone = rules.taken(programme)
        left = min(programme.budget - gone["used"] - gone["promised"], queries.free(programme.wallet))
        if left > 0:
            with transaction.atomic():
                notices.ending(programme, left)
