"""The window in which students apply, and its end."""

from datetime import datetime, timedelta

from django.db import transaction

from marketplace.ground import calendar, clock, policy
from marketplace.ground.states import move, record

from .. import notices, queries, signals
from ..models import Project
from ..states import ClosedReason, ProjectState
from .asking import check, keep, lock


def window_to(project: Project, apply_by: datetime) -> dict[str, datetime]:
    """The three instants of a window. None of them falls in the night of the project's zone."""
    rules = policy.current()
    days = {"apply_by": 0, "answer_by": rules.answer_days, "closes_silently_at": rules.answer_final_days}
    return {
        name: calendar.after_quiet(apply_by + timedelta(days=step), project.zone)
        for name, step in days.items()
    }


def set_window(project: Project, apply_by: datetime) -> None:
    """Move the end of a locked project's window, and with it the employer's answer clock."""
    old = project.apply_by
    moved = window_to(project, apply_by)
    moved["apply_by"] = apply_by  # a window that ends early ends now
    keep(project, **moved)
    if old != project.apply_by:
        signals.window_moved.send(Project, project=project, old=old)


@transaction.atomic
def extend_window(*, by, project: Project) -> Project:
    """Once: as many days again as a window has, while it is still open and not full."""
    lock(project)
    check(by, project, "extend")
    days = policy.current().application_window_days
    later = calendar.after_quiet(project.apply_by + timedelta(days=days), project.zone)
    set_window(project, later)
    keep(project, extended_at=clock.now())
    record(
        project, project.state, by=by, reason="extended", note=f"Extended by {days} days", old=project.state
    )
    return project


@transaction.atomic
def close_project(*, by, project: Project, reason: str) -> Project:
    """Close a posting for `reason` (a `ClosedReason`); by: a member or moderator, or None for a clock or a room above.

    Moves the row and sends `project_closed` in the same transaction, so that the room above answers whoever still
    waits. Raises `WrongMoment` when it is closed already.
    """
    lock(project)
    if by is not None:
        check(by, project, "close")
    shut(project, by=by, reason=reason)
    return project


def shut(project: Project, *, by, reason: str, note: str = "") -> None:
    now = clock.now()
    move(
        project,
        ProjectState.CLOSED,
        by=by,
        reason=reason,
        note=note,
        closed_reason=reason,
        closed_at=now,
        updated_at=now,
        paused_at=None,
    )
    signals.project_closed.send(Project, project=project, reason=reason, by=by)


@transaction.atomic
def close_empty(project_id: int) -> bool:
    """Close a posting whose window ended and to which nobody applied. Returns whether it was closed.

    Safe to call twice, late or at once: the row is locked, and nothing happens while it is not due.
    """
    project = (
        Project.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(queries.ended_empty(), pk=project_id)
        .first()
    )
    if project is None:
        return False
    shut(project, by=None, reason=ClosedReason.EXPIRED)
    notices.ended_empty(project)
    return True
