"""Writing a draft: from nothing, from a template, or from an earlier posting."""

from django.db import transaction

from accounts.employers.models import Organisation
from accounts.employers.queries import membership
from marketplace.ground import clock, policy
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.states import record
from projects.catalog import library

from .. import drafts, queries
from ..models import PlannedMilestone, Project, ProjectSkill, Question
from ..states import ProjectState
from .asking import check, lock

COPIED = (
    "organisation",
    "template_slug",
    "title",
    "function",
    "summary",
    "outcome",
    "deliverables",
    "good_to_know",
    "hours",
    "price",
    "currency",
    "zone",
    "location_mode",
    "location",
    "ai_rule",
    "show_right",
    "work_authorisation",
    "min_age",
    "only_school",
    "names_hidden",
)


@transaction.atomic
def start_project(*, by, organisation: Organisation, template_slug: str = "") -> Project:
    """A new draft of `organisation`, filled from the template of that slug if one is given.

    Raises `NotAllowed` for somebody who is not a member, `WrongMoment` while the organisation is suspended,
    `Invalid` for a template that does not exist.
    """
    if membership(by, organisation) is None:
        raise NotAllowed("Only members of an organisation can post for it.")
    if reason := queries.suspension(organisation):
        raise WrongMoment(reason)
    now = clock.now()
    project = Project.objects.create(
        organisation=organisation,
        created_by=by,
        fee_bp=policy.current().fee_bp,
        zone=by.zone,
        created_at=now,
        updated_at=now,
    )
    record(project, ProjectState.DRAFT, by=by, reason="started")
    if template_slug:
        _fill(project, template_slug, by)
    return project


@transaction.atomic
def use_template(*, by, project: Project, template_slug: str) -> Project:
    """Put the words, hours and price of a template in place of what a draft says; "" empties it. Dates stay."""
    lock(project)
    check(by, project, "edit")
    if template_slug:
        _fill(project, template_slug, by)
    else:
        drafts.write(
            project,
            _touched(
                project,
                {
                    "template_slug": "",
                    "title": "",
                    "summary": "",
                    "outcome": "",
                    "deliverables": [],
                    "good_to_know": "",
                    "milestones": [],
                    "questions": [],
                    "must_skills": [],
                    "nice_skills": [],
                },
            ),
            by=by,
        )
    return project


def _fill(project: Project, slug: str, by) -> None:
    template = library.get(slug)
    if template is None:
        raise Invalid({"template": ["There is no such template. Choose one from the list."]})
    values = drafts.clean(drafts.from_template(template, project))
    drafts.write(project, _touched(project, {**values, "template_slug": slug, "step": 2}), by=by)


def _touched(project: Project, values: dict) -> dict:
    project.fee_bp = policy.current().fee_bp  # a draft always shows the fee in force
    project.updated_at = clock.now()
    return values


@transaction.atomic
def save_draft(*, by, project: Project, data: dict) -> Project:
    """Store `data` (see `drafts.FIELDS`; names left out stay as they are) in a draft.

    Money in minor units, hours as a number, dates as `date` or ISO text. Raises `Invalid` with the problems by
    field, and then stores nothing.
    """
    lock(project)
    check(by, project, "edit")
    values = drafts.clean(data, project.currency)
    drafts.write(project, _touched(project, values), by=by)
    return project


@transaction.atomic
def duplicate_project(*, by, project: Project) -> Project:
    """A new draft with the same words, pay and milestones, and without dates."""
    check(by, project, "duplicate")
    now = clock.now()
    copy = Project.objects.create(
        **{name: getattr(project, name) for name in COPIED},
        created_by=by,
        fee_bp=policy.current().fee_bp,
        step=5,
        created_at=now,
        updated_at=now,
    )
    PlannedMilestone.objects.bulk_create(
        PlannedMilestone(
            project=copy,
            order=m.order,
            title=m.title,
            outcome=m.outcome,
            done_when=m.done_when,
            hours=m.hours,
        )
        for m in project.milestones.all()
    )
    Question.objects.bulk_create(
        Question(project=copy, order=q.order, text=q.text) for q in project.questions.all()
    )
    ProjectSkill.objects.bulk_create(
        ProjectSkill(project=copy, skill_id=s.skill_id, must=s.must) for s in project.project_skills.all()
    )
    record(copy, ProjectState.DRAFT, by=by, reason="copied", note=f"A copy of {project}")
    return copy
