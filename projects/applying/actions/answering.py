"""How everybody gets an answer in the end: the rest of a project at once, the lot, and the employer's clock."""

from datetime import datetime, timedelta

from marketplace.ground import calendar, clock, policy
from marketplace.ground.states import record
from projects.posting.actions import set_window
from projects.posting.models import Project
from projects.posting.states import ProjectState

from .. import notices
from ..lot import draw
from ..states import ApplicationState, DeclineReason
from .common import finish, open_rows

S = ApplicationState


def decline_rest(project: Project, *, by=None, reason: str = DeclineReason.FILLED, except_ids=()) -> int:
    """Give every application of `project` that is still open its final answer. The caller holds the project's lock.

    Those that a person had opened count as answered, because the choice of a person decided them.
    """
    rows = [row for row in open_rows(project) if row.pk not in set(except_ids)]
    for application in rows:
        finish(application, S.DECLINED, by=by, reason=reason, answered=application.opened_at is not None)
    return len(rows)


def expire_rest(project: Project) -> int:
    """The employer did not respond: every open application is closed and says so."""
    rows = open_rows(project)
    for application in rows:
        finish(application, S.EXPIRED, by=None, reason=DeclineReason.SILENT)
    return len(rows)


# --- the window and the lot ------------------------------------------------------------------------------
def close_window(project: Project) -> None:
    """All places are taken and the shortest window is over: nobody else can apply. The project is locked.

    When more came than it takes, lots are drawn among those that no person has chosen yet.
    """
    if project.apply_by > clock.now():
        set_window(project, clock.now())
    draw_lot(project)


def draw_lot(project: Project) -> int:
    """Leave at most `application_cap` open applications; how many the lot fell against. The project is locked."""
    rows = open_rows(project)
    pool = [row for row in rows if row.state == S.SUBMITTED]
    keep = max(project.application_cap - (len(rows) - len(pool)), 0)
    if keep >= len(pool):
        return 0
    kept = _kept(pool, keep)
    out = [row for row in pool if row.pk not in kept]
    for application in out:
        finish(application, S.DECLINED, by=None, reason=DeclineReason.LOT)
    record(
        project,
        project.state,
        old=project.state,
        reason="lot_drawn",
        note=f"{len(pool)} took part, {keep} places, of the {sum(r.first_timer for r in pool)} first-timers "
        f"{sum(r.first_timer for r in pool if r.pk in kept)} stayed.",
    )
    return len(out)


def _kept(pool: list, keep: int) -> set[int]:
    """Those whom the employer asked to apply stay in; lots are drawn for the places that are left."""
    asked = [row for row in pool if row.invited]
    rows, stay = (asked, set()) if len(asked) >= keep else (pool, {row.pk for row in asked})
    rest = [row for row in rows if row.pk not in stay]
    newcomers = [row.pk for row in rest if row.first_timer]
    return stay | draw(newcomers, [row.pk for row in rest if not row.first_timer], keep - len(stay))


# --- the employer's clock --------------------------------------------------------------------------------
def shift_answer_clock(project: Project, start: datetime, end: datetime) -> None:
    """Move the employer's answer clock by what lies between two instants, as far as it runs then (after `apply_by`).

    An offer pauses the clock: `start` now, `end` the offer's last moment moves it out by all of that, and ending
    the offer early (`start` its last moment, `end` now) moves it back in. The project is locked by the caller.
    """
    step = max(end, project.apply_by) - max(start, project.apply_by)
    if not step or project.answer_by is None:
        return
    rules = policy.current()
    floor = project.apply_by + timedelta(days=rules.answer_days)
    answer_by = max(calendar.after_quiet(project.answer_by + step, project.zone), floor)
    silence = timedelta(days=rules.answer_final_days - rules.answer_days)
    Project.objects.filter(pk=project.pk).update(answer_by=answer_by, closes_silently_at=answer_by + silence)
    project.answer_by, project.closes_silently_at = answer_by, answer_by + silence


def reopen_for_reserve(project: Project) -> int:
    """The work of a filled project never started: those in reserve get as long as any applicant to hear.

    The project is locked. Returns how many wait in reserve.
    """
    rows = [row for row in open_rows(project) if row.in_reserve]
    if rows and project.state == ProjectState.CLOSED:
        rules, now = policy.current(), clock.now()
        answer_by = now + timedelta(days=rules.answer_days)
        silent = now + timedelta(days=rules.answer_final_days)
        Project.objects.filter(pk=project.pk).update(answer_by=answer_by, closes_silently_at=silent)
        project.answer_by, project.closes_silently_at = answer_by, silent
        for application in rows:
            notices.reserve_is_up(application)
        return len(rows)
    return 0
