"""What a moderator decides about a posting, or a rule about reports: let out, send back, hide, show, remove."""

from django.db import transaction

from marketplace.ground import clock, policy
from marketplace.ground.states import move, record

from .. import notices, queries, signals
from ..models import ModerationDecision, Project
from ..states import ClosedReason, ProjectState
from .asking import check, keep, lock, moderate, reasons_of
from .closing import shut
from .sending import put_out, refuse

Outcome = ModerationDecision.Outcome


@transaction.atomic
def publish_project(
    *, by, project: Project, reasons: str = "", below_floor: bool = False, hours: bool = False
) -> Project:
    """A moderator lets a posting out. `below_floor` and `hours` say that this was seen and is meant.

    Raises `Invalid` when the brief check still finds something that stops it.
    """
    reasons = reasons_of(reasons, needed=False)
    lock(project)
    check(by, project, "publish")
    project.fee_bp = policy.current().fee_bp
    found = queries.findings(project)
    waivers = queries.waivers(project, found)
    agreed = {queries.BELOW_FLOOR: below_floor, queries.LONG: hours}
    refuse(project, [f for f in found if f.stops and not (f.rule in waivers and agreed[f.rule])])
    ModerationDecision.objects.create(
        project=project,
        outcome=Outcome.PUBLISHED,
        reasons=reasons,
        by=by,
        at=clock.now(),
        approves_below_floor=below_floor and queries.BELOW_FLOOR in waivers,
        approves_hours=hours and queries.LONG in waivers,
    )
    put_out(project, by=by, reason="reviewed", note=reasons)
    return project


@transaction.atomic
def send_back(*, by, project: Project, reasons: str) -> Project:
    """A moderator asks for changes; the posting is a draft again and the employer reads `reasons`."""
    reasons = reasons_of(reasons)
    lock(project)
    check(by, project, "send_back")
    decision = ModerationDecision.objects.create(
        project=project, outcome=Outcome.SENT_BACK, reasons=reasons, by=by, at=clock.now()
    )
    move(project, ProjectState.DRAFT, by=by, reason="sent_back", note=reasons, updated_at=clock.now())
    notices.sent_back(project, decision)
    return project


@transaction.atomic
def remove_project(*, by, project: Project, reasons: str) -> Project:
    """A moderator takes a posting down for good; `project_closed` makes sure everybody who applied hears."""
    reasons = reasons_of(reasons)
    lock(project)
    check(by, project, "remove")
    decision = ModerationDecision.objects.create(
        project=project, outcome=Outcome.REMOVED, reasons=reasons, by=by, at=clock.now()
    )
    shut(project, by=by, reason=ClosedReason.REMOVED, note=reasons)
    notices.removed(project, decision)
    return project


@transaction.atomic
def pause_project(*, by, project: Project, reasons: str) -> Project:
    """Hide an open posting from students. by: a moderator, or None for the rule about reports."""
    reasons = reasons_of(reasons)
    lock(project)
    moderate(by, project, "pause")
    now = clock.now()
    decision = ModerationDecision.objects.create(
        project=project, outcome=Outcome.PAUSED, reasons=reasons, by=by, at=now
    )
    keep(project, paused_at=now)
    record(project, project.state, by=by, reason="paused", note=reasons, old=project.state)
    if project.state == ProjectState.PUBLISHED:
        signals.project_hidden.send(Project, project=project)
    notices.paused(project, decision)
    return project


@transaction.atomic
def resume_project(*, by, project: Project, reasons: str = "") -> Project:
    """Show a paused posting again; the time it was hidden is added to its window and to the answer clock."""
    reasons = reasons_of(reasons, needed=False)
    lock(project)
    moderate(by, project, "resume")
    now = clock.now()
    decision = ModerationDecision.objects.create(
        project=project, outcome=Outcome.RESUMED, reasons=reasons, by=by, at=now
    )
    hidden = now - project.paused_at
    old = project.apply_by
    moved = {}
    if project.state == ProjectState.PUBLISHED:
        moved = {name: getattr(project, name) + hidden for name in ("answer_by", "closes_silently_at")}
        if old > project.paused_at:
            moved["apply_by"] = old + hidden
    keep(project, paused_at=None, **moved)
    record(project, project.state, by=by, reason="resumed", note=reasons, old=project.state)
    if moved:
        signals.window_moved.send(Project, project=project, old=old)
        signals.project_shown.send(Project, project=project)
        notices.resumed(project, decision)
    return project


@transaction.atomic
def lift_strike(*, by, project: Project, reasons: str) -> Project:
    """On appeal, another moderator stops counting a silent closing against the employer; the record stays public."""
    reasons = reasons_of(reasons)
    lock(project)
    check(by, project, "lift_strike")
    keep(project, strike_lifted_at=clock.now())
    record(project, project.state, by=by, reason="strike_lifted", note=reasons, old=project.state)
    return project
