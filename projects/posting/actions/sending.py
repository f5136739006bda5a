"""Sending a posting to the moderators, or straight out, and taking it back."""

from datetime import timedelta

from django.db import transaction

from accounts.employers.models import Organisation
from marketplace.ground import clock, policy
from marketplace.ground.errors import Invalid
from marketplace.ground.states import move

from .. import notices, queries, signals
from ..models import Project
from ..states import ProjectState
from .asking import check, lock
from .closing import window_to


@transaction.atomic
def send_project(*, by, project: Project) -> Project:
    """Send a draft: to a moderator, or straight out for an employer whose work is known (one in some is still read).

    Raises `Invalid` with every finding that stops, by field. Pay below the floor and more hours than usual do
    not stop, but then a moderator has to agree. Raises `WrongMoment` when a cap is reached.
    """
    lock(project)
    # Two drafts sent at once must not both pass the cap. Taken after the project, as everywhere.
    Organisation.objects.select_for_update(no_key=True).get(pk=project.organisation_id)
    check(by, project, "send")
    project.fee_bp = policy.current().fee_bp
    found = queries.findings(project)
    waivers = queries.waivers(project, found)
    refuse(project, [f for f in found if f.stops and f.rule not in waivers])
    now = clock.now()
    move(
        project,
        ProjectState.IN_REVIEW,
        by=by,
        reason="sent",
        sent_at=now,
        fee_bp=project.fee_bp,
        updated_at=now,
    )
    if queries.skips_review(project, waivers):
        put_out(
            project, by=None, reason="trusted", note="Published without a review: earlier projects went well."
        )
    return project


def refuse(project: Project, stopping: list) -> None:
    errors: dict[str, list[str]] = {}
    for finding in stopping:
        errors.setdefault(finding.field, []).append(f"{finding.what} {finding.suggestion}".strip())
    if sentence := queries.too_dear(project):
        errors.setdefault("price", []).append(sentence)
    if errors:
        raise Invalid(errors)


@transaction.atomic
def take_back(*, by, project: Project) -> Project:
    """Take a posting that waits for review back to the desk."""
    lock(project)
    check(by, project, "take_back")
    move(project, ProjectState.DRAFT, by=by, reason="taken_back", sent_at=None, updated_at=clock.now())
    return project


def put_out(project: Project, *, by, reason: str, note: str) -> None:
    now, rules = clock.now(), policy.current()
    move(
        project,
        ProjectState.PUBLISHED,
        by=by,
        reason=reason,
        note=note,
        published_at=now,
        updated_at=now,
        fee_bp=rules.fee_bp,
        application_cap=rules.application_cap,
        extended_at=None,
        paused_at=None,
        **window_to(project, now + timedelta(days=rules.application_window_days)),
    )
    signals.project_published.send(Project, project=project)
    notices.published(project)
