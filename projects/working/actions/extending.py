"""More time: asked for by one side, answered by the other, granted by silence."""

from datetime import date, timedelta

from django.db import transaction

from marketplace.ground import calendar, clock
from marketplace.ground.errors import Invalid, WrongMoment
from marketplace.ground.states import move, record
from projects.hiring.models import Engagement, Milestone

from .. import clocks, notices, queries
from ..inputs import clean_text
from ..models import Extension
from ..states import ExtensionState
from .common import lock_milestone, move_dates


def ask_extension(*, by, milestone: Milestone, until: date, reason: str) -> Extension:
    """Ask for more time until the end of the day `until`. Raises `NotAllowed`, `WrongMoment`, `Invalid`."""
    queries.insist(by, queries.fresh(milestone), "ask_extension")
    reason = clean_text("reason", reason, 500, "Say why, in a sentence.")
    with transaction.atomic():
        row = lock_milestone(milestone)
        queries.insist(by, row, "ask_extension")
        first, last = queries.extension_days(row)
        if not first <= until <= last:
            raise Invalid({"until": [f"Choose a day from {first:%-d %B} to {last:%-d %B}."]})
        engagement, now = row.engagement, clock.now()
        zone = clocks.zone_of(engagement)
        hours = clocks.rule(engagement, "extension_answer_hours")
        extension = Extension.objects.create(
            milestone=row,
            due_before=row.due_at,
            until=calendar.end_of_day(until, zone),
            reason=reason,
            asked_by=by,
            asked_at=now,
            answer_by=calendar.after_quiet(now + timedelta(hours=hours), zone),
        )
        record(extension, extension.state, by=by, note=reason)
        notices.tell_extension_asked(extension)
    return extension


def answer_extension(*, by, extension: Extension, grant: bool, note: str = "") -> Extension:
    """Grant or refuse more time; `by` None grants when nobody answered in time. Later dates move along.

    Raises `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    with transaction.atomic():
        milestone = lock_milestone(extension.milestone)
        row = Extension.objects.select_for_update().get(pk=extension.pk)
        row.milestone, engagement, now = milestone, milestone.engagement, clock.now()
        if by is not None:
            queries.insist(by, row, "answer")
            note = clean_text("note", note, 500)
        elif row.state != ExtensionState.ASKED or row.answer_by > now or not queries.is_running(engagement):
            raise WrongMoment("The time to answer is not over.")
        state = ExtensionState.GRANTED if grant else ExtensionState.REFUSED
        move(row, state, by=by, reason="" if by else "silence", note=note, answered_at=now, answer_note=note)
        if grant:
            _extend(engagement, milestone, row)
        notices.tell_extension_answered(row, by, grant)
    return row


def _extend(engagement: Engagement, milestone: Milestone, extension: Extension) -> None:
    zone = clocks.zone_of(engagement)
    days = (clocks.local_day(extension.until, zone) - clocks.local_day(milestone.due_at, zone)).days
    rows = [row for row in engagement.milestones.all() if row.order >= milestone.order]
    move_dates(engagement, rows, days, f"More time for “{milestone.title}”.")
