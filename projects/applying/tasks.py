"""The clocks of applying. Each task finds what is due and settles one project at a time; twice or late is the same."""

import logging
from datetime import timedelta

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q

from marketplace.ground import clock, policy
from projects.posting.actions import close_project, lock_project
from projects.posting.models import Project
from projects.posting.states import ClosedReason, ProjectState

from . import actions, notices, queries
from .models import Application
from .states import OPEN, ApplicationState

log = logging.getLogger(__name__)
REMIND_ON = (3, 6)  # days after the window closed
S = ApplicationState


@shared_task(name="applying.answer_clock")
def answer_clock():
    """Windows that are full, lots to draw, answers that never came, and projects that nobody waits for any more."""
    for rows, settle in due(clock.now()):
        each(list(rows.order_by("pk").values_list("pk", flat=True)[:500]), settle)


def each(rows, settle) -> None:
    """Settle every row; one that cannot be settled is logged and never keeps the others waiting."""
    for row in rows:
        try:
            settle(row)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("%s could not settle %s", settle.__name__, row)


def due(now):
    """(projects, what to do with each), in the order in which it has to happen."""
    shown = Project.objects.filter(paused_at=None)
    published = shown.filter(state=ProjectState.PUBLISHED)
    least = timedelta(hours=policy.current().application_window_min_hours)
    still_open = Count("applications", filter=Q(applications__state__in=OPEN))
    yield (
        published.filter(
            published_at__lte=now - least, apply_by__gt=now, application_count__gte=F("application_cap")
        ),
        close_full_window,
    )
    yield (
        published.filter(
            apply_by__lte=now,
            application_count__gt=F("application_cap"),
        )
        .annotate(still_open=still_open)
        .filter(still_open__gt=F("application_cap")),
        draw_late_lot,
    )
    filled = Q(state=ProjectState.CLOSED, closed_reason=ClosedReason.FILLED)
    yield (
        shown.filter(Q(state=ProjectState.PUBLISHED) | filled, closes_silently_at__lte=now).filter(
            Exists(Application.objects.filter(project=OuterRef("pk"), state__in=(S.SUBMITTED, S.SHORTLISTED)))
        ),
        close_silently,
    )
    yield (
        published.filter(apply_by__lte=now, application_count__gt=0).exclude(
            Exists(Application.objects.filter(project=OuterRef("pk"), state__in=OPEN))
        ),
        close_answered,
    )


@transaction.atomic
def close_full_window(pk: int) -> None:
    project = lock_project(pk)
    if (
        project.state == ProjectState.PUBLISHED
        and project.apply_by > clock.now()
        and queries.is_full(project)
    ):
        actions.close_window(project)


@transaction.atomic
def draw_late_lot(pk: int) -> None:
    """The window ran out with more applications than the project takes."""
    project = lock_project(pk)
    if project.state == ProjectState.PUBLISHED and project.apply_by <= clock.now():
        actions.draw_lot(project)


@transaction.atomic
def close_silently(pk: int) -> None:
    """Day 10: whoever still waits is told that the employer did not respond. An offer that is out pauses this."""
    project = lock_project(pk)
    if project.closes_silently_at is None or project.closes_silently_at > clock.now() or project.paused_at:
        return
    rows = Application.objects.filter(project=project, state__in=OPEN)
    if rows.filter(state=S.OFFERED).exists():
        return
    waiting = rows.count()
    if project.state == ProjectState.PUBLISHED and waiting:
        notices.closed_silently(project, waiting)
        close_project(by=None, project=project, reason=ClosedReason.SILENT)
    elif (
        project.closed_reason == ClosedReason.FILLED
        and not project.engagements.exclude(state="cancelled").exists()
    ):
        actions.decline_rest(project)  # they were in reserve for work that never started


@transaction.atomic
def close_answered(pk: int) -> None:
    """The window is over and everybody has an answer, but nobody was hired."""
    project = lock_project(pk)
    if project.state != ProjectState.PUBLISHED or project.apply_by > clock.now():
        return
    if not Application.objects.filter(project=project, state__in=OPEN).exists():
        close_project(by=None, project=project, reason=ClosedReason.EXPIRED)


@shared_task(name="applying.reminders")
def reminders():
    """Days 3 and 6 after the window closed, while somebody waits and no offer is out."""
    now = clock.now()
    rules = policy.current()
    due = Project.objects.filter(
        ~queries.in_play(),
        state=ProjectState.PUBLISHED,
        paused_at=None,
        apply_by__lte=now,
        answer_by__gt=now,
        answer_by__lte=now + timedelta(days=rules.answer_days - REMIND_ON[0]),
        application_count__gt=0,
    )
    each(list(due.order_by("answer_by", "pk").values_list("pk", flat=True)[:1000]), remind)


@transaction.atomic
def remind(pk: int) -> None:
    answer_days = policy.current().answer_days
    project = Project.objects.select_related("organisation").get(pk=pk)
    waiting = Application.objects.filter(project=project, state__in=(S.SUBMITTED, S.SHORTLISTED)).count()
    reached = [
        day for day in REMIND_ON if clock.now() >= project.answer_by - timedelta(days=answer_days - day)
    ]
    if waiting and reached:
        notices.answer_due(project, waiting, reached[-1])  # late on both days: only the later one is sent
