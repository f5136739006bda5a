"""The clocks of the work. Each finds what is due and lets an action decide again under its lock."""

import logging
from datetime import timedelta

from celery import shared_task

from accounts.employers.queries import members
from marketplace.ground import clock
from marketplace.ground.errors import Refused
from projects.hiring.models import Milestone
from projects.hiring.states import EngagementState

from . import actions, clocks, due, notices, queries

log = logging.getLogger(__name__)

AT_ONCE = 200  # rows of one kind in one run; the next run takes the rest
LOOK_AHEAD = timedelta(hours=48)


def each(rows, act) -> int:
    """Do `act` to each row; what has meanwhile changed is left alone, and one failure does not stop the others."""
    done = 0
    for row in rows[:AT_ONCE]:
        try:
            act(row)
            done += 1
        except Refused as refusal:
            log.info("%s %s left alone: %s", row._meta.label_lower, row.pk, refusal.reason)
        except Exception:
            log.exception("the clock failed on %s %s", row._meta.label_lower, row.pk)
    return done


@shared_task(name="working.kickoff_clock")
def kickoff_clock():
    """Start what has come to its agreed day; end what never started in time."""
    now = clock.now()
    rows = due.starts_over(now).select_related("project")[:AT_ONCE]
    each(
        [row for row in rows if clocks.agreed_start(row) <= now],
        lambda row: actions.kick_off(by=None, engagement=row),
    )
    each(due.ends_over(now).order_by("kickoff_cancel_at"), actions.cancel_by_clock)


@shared_task(name="working.review_clock")
def review_clock():
    """Silence is approval."""
    rows = due.reviews_over(clock.now()).order_by("review_ends_at")
    each(rows, lambda row: actions.approve_milestone(by=None, milestone=row, silence=True))


@shared_task(name="working.extension_clock")
def extension_clock():
    """No answer is a yes."""
    rows = due.extensions_over(clock.now()).select_related("milestone").order_by("answer_by")
    each(rows, lambda row: actions.answer_extension(by=None, extension=row, grant=True))


@shared_task(name="working.cancel_clock")
def cancel_clock():
    """Settle what an employer cancelled 48 hours ago."""
    each(due.cancellations_over(clock.now()).order_by("settles_at"), actions.settle_cancellation)


@shared_task(name="working.reminders")
def reminders():
    """Derived from the rows as they are now; each is told once for each deadline."""
    now = clock.now()
    _remind_kickoffs(now)
    _remind_reviews(now)
    _remind_due(now)


def _remind_kickoffs(now) -> None:
    waiting = (
        due.running()
        .filter(state=EngagementState.FUNDED, kickoff_by__lte=now + timedelta(hours=24))
        .select_related("project", "organisation", "student")
    )
    for engagement in waiting[:AT_ONCE]:
        notices.tell_kickoff_needed(engagement, engagement.kickoff_by, "kickoff")
        if engagement.kickoff_cancel_at and engagement.kickoff_cancel_at - now <= timedelta(hours=48):
            notices.tell_kickoff_needed(engagement, engagement.kickoff_cancel_at, "cancel")


def _remind_reviews(now) -> None:
    """24 hours and 4 hours before silence counts; the evening before when that hour is at night."""
    rows = (
        due.reviews_over(now + LOOK_AHEAD)
        .filter(review_ends_at__gt=now)
        .select_related("engagement__project", "engagement__organisation", "engagement__student")
        .order_by("review_ends_at")
    )
    for milestone in rows[:AT_ONCE]:
        for user in members(milestone.engagement.organisation):
            for part, before in (("24h", timedelta(hours=24)), ("4h", timedelta(hours=4))):
                if clocks.remind_at(milestone.review_ends_at, before, user.zone) <= now:
                    notices.tell_review_ending(milestone, user, part)


def _remind_due(now) -> None:
    rows = (
        Milestone.objects.filter(
            state__in=queries.OPEN_WORK,
            due_at__lte=now + LOOK_AHEAD,
            engagement__state=EngagementState.ACTIVE,
            engagement__in=due.running(),
        )
        .select_related("engagement__project", "engagement__organisation", "engagement__student")
        .order_by("due_at")
    )
    for milestone in rows[:AT_ONCE]:
        notices.tell_due(milestone, due_part(milestone, now))


def due_part(milestone: Milestone, now) -> str:
    """Which reminder a milestone that is due within 48 hours is at: "48h", "today" or "overdue"."""
    if milestone.due_at <= now:
        return "overdue"
    zone = milestone.engagement.student.zone
    return "today" if clocks.local_day(milestone.due_at, zone) == clocks.local_day(now, zone) else "48h"
