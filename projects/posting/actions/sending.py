"""Sending a posting to the moderators, or straight out, and taking it back."""

from datetime import timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts.employers.models import Organisation
from marketplace.ground import clock, policy
from marketplace.ground.errors import Invalid
from marketplace.ground.states import move

from .. import notices, queries, signals
from ..models import Project
from ..states import ProjectState
from .asking import check, lock
from .closing import index_project, window_to


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
    if not waivers and _is_trusted(project.organisation) and not _is_sampled(project):
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


def _is_trusted(organisation: Organisation) -> bool:
    """Clean completed engagements with enough different students (a later room; reached by its relation's name)."""
    clean = organisation.engagements.filter(state="completed", disputed_at=None)
    return clean.order_by().values("student").distinct().count() >= policy.current().clean_for_skip_review


def _is_sampled(project: Project) -> bool:
    """One in so many, fixed for each posting so that sending it twice does not help."""
    one_in = policy.current().sample_one_in
    number = int(
        salted_hmac("projects.posting.sample", project.public_id, algorithm="sha256").hexdigest(), 16
    )
    return one_in > 0 and number % one_in == 0


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
    index_project(project)
    signals.project_published.send(Project, project=project)
    notices.published(project)
