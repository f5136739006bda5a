"""The verbs of a posting: from the first draft to the day it closes."""

from datetime import datetime, timedelta

from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import TextField, Value
from django.utils.crypto import salted_hmac

from accounts.employers.models import Organisation
from accounts.employers.queries import membership
from marketplace.ground import calendar, clock, policy
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.states import move, record
from projects.catalog import library

from . import drafts, notices, queries, signals
from .models import ModerationDecision, PlannedMilestone, Project, ProjectSkill, Question
from .states import ClosedReason, ProjectState

Outcome = ModerationDecision.Outcome
COPIED = ("organisation", "template_slug", "title", "function", "summary", "outcome", "deliverables", "good_to_know",
          "hours", "price", "currency", "zone", "location_mode", "location", "ai_rule", "show_right",
          "work_authorisation", "names_hidden")


# --- locking and asking ----------------------------------------------------------------------------------
def lock_project(pk: int) -> Project:
    """The project with its row locked until the end of the transaction."""
    return Project.objects.select_for_update().get(pk=pk)


def _lock(project: Project) -> None:
    """Lock the row of `project` and read it anew into the same object."""
    project.refresh_from_db(from_queryset=Project.objects.select_for_update(of=("self",)))


def _check(user, project: Project, act: str) -> None:
    """Raise `NotAllowed` when `act` is not for `user`, `WrongMoment` with the reason when it is not for now."""
    acts = queries.allowed_actions(user, project)
    if act not in acts:
        raise NotAllowed("This is for somebody else to do.")
    if acts[act]:
        raise WrongMoment(acts[act])


def _moderate(by, project: Project, act: str) -> None:
    """Like `_check`, but `by` may be None: then a rule of the house acts, and only the moment is asked about."""
    if by is not None:
        _check(by, project, act)
    elif reason := queries.moderator_acts(project)[act]:
        raise WrongMoment(reason)


# --- drafts ----------------------------------------------------------------------------------------------
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
        organisation=organisation, created_by=by, fee_bp=policy.current().fee_bp, zone=by.zone, created_at=now,
        updated_at=now)
    record(project, ProjectState.DRAFT, by=by, reason="started")
    if template_slug:
        _fill(project, template_slug, by)
    return project


@transaction.atomic
def use_template(*, by, project: Project, template_slug: str) -> Project:
    """Put the words, hours and price of a template in place of what a draft says, or none of them for ""; dates stay."""
    _lock(project)
    _check(by, project, "edit")
    if template_slug:
        _fill(project, template_slug, by)
    else:
        drafts.write(project, _touched(project, {
            "template_slug": "", "title": "", "summary": "", "outcome": "", "deliverables": [], "good_to_know": "",
            "milestones": [], "questions": [], "must_skills": [], "nice_skills": []}), by=by)
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
    _lock(project)
    _check(by, project, "edit")
    values = drafts.clean(data, project.currency)
    drafts.write(project, _touched(project, values), by=by)
    return project


@transaction.atomic
def duplicate_project(*, by, project: Project) -> Project:
    """A new draft with the same words, pay and milestones, and without dates."""
    _check(by, project, "duplicate")
    now = clock.now()
    copy = Project.objects.create(
        **{name: getattr(project, name) for name in COPIED}, created_by=by, fee_bp=policy.current().fee_bp, step=5,
        created_at=now, updated_at=now)
    PlannedMilestone.objects.bulk_create(
        PlannedMilestone(project=copy, order=m.order, title=m.title, outcome=m.outcome, done_when=m.done_when, hours=m.hours)
        for m in project.milestones.all())
    Question.objects.bulk_create(Question(project=copy, order=q.order, text=q.text) for q in project.questions.all())
    ProjectSkill.objects.bulk_create(
        ProjectSkill(project=copy, skill_id=s.skill_id, must=s.must) for s in project.project_skills.all())
    record(copy, ProjectState.DRAFT, by=by, reason="copied", note=f"A copy of {project}")
    return copy


# --- to the moderators and out ---------------------------------------------------------------------------
@transaction.atomic
def send_project(*, by, project: Project) -> Project:
    """Send a draft: to a moderator, or straight out for an employer whose work is known (one in some is still read).

    Raises `Invalid` with every finding that stops, by field. Pay below the floor and more hours than usual do
    not stop, but then a moderator has to agree. Raises `WrongMoment` when a cap is reached.
    """
    _lock(project)
    # Two drafts sent at once must not both pass the cap. Taken after the project, as everywhere.
    Organisation.objects.select_for_update(no_key=True).get(pk=project.organisation_id)
    _check(by, project, "send")
    project.fee_bp = policy.current().fee_bp
    found = queries.findings(project)
    waivers = queries.waivers(project, found)
    _refuse(project, [f for f in found if f.stops and f.rule not in waivers])
    now = clock.now()
    move(project, ProjectState.IN_REVIEW, by=by, reason="sent", sent_at=now, fee_bp=project.fee_bp, updated_at=now)
    if not waivers and _is_trusted(project.organisation) and not _is_sampled(project):
        _publish(project, by=None, reason="trusted", note="Published without a review: earlier projects went well.")
    return project


def _refuse(project: Project, stopping: list) -> None:
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
    number = int(salted_hmac("projects.posting.sample", project.public_id, algorithm="sha256").hexdigest(), 16)
    return one_in > 0 and number % one_in == 0


@transaction.atomic
def take_back(*, by, project: Project) -> Project:
    """Take a posting that waits for review back to the desk."""
    _lock(project)
    _check(by, project, "take_back")
    move(project, ProjectState.DRAFT, by=by, reason="taken_back", sent_at=None, updated_at=clock.now())
    return project


@transaction.atomic
def publish_project(*, by, project: Project, reasons: str = "", below_floor: bool = False, hours: bool = False) -> Project:
    """A moderator lets a posting out. `below_floor` and `hours` say that this was seen and is meant.

    Raises `Invalid` when the brief check still finds something that stops it.
    """
    _lock(project)
    _check(by, project, "publish")
    project.fee_bp = policy.current().fee_bp
    found = queries.findings(project)
    waivers = queries.waivers(project, found)
    agreed = {queries.BELOW_FLOOR: below_floor, queries.LONG: hours}
    _refuse(project, [f for f in found if f.stops and not (f.rule in waivers and agreed[f.rule])])
    ModerationDecision.objects.create(
        project=project, outcome=Outcome.PUBLISHED, reasons=reasons, by=by, at=clock.now(),
        approves_below_floor=below_floor and queries.BELOW_FLOOR in waivers,
        approves_hours=hours and queries.LONG in waivers)
    _publish(project, by=by, reason="reviewed", note=reasons)
    return project


def _publish(project: Project, *, by, reason: str, note: str) -> None:
    now, rules = clock.now(), policy.current()
    move(project, ProjectState.PUBLISHED, by=by, reason=reason, note=note, published_at=now, updated_at=now,
         fee_bp=rules.fee_bp, application_cap=rules.application_cap, extended_at=None, paused_at=None,
         **_window(project, now + timedelta(days=rules.application_window_days)))
    index_project(project)
    signals.project_published.send(Project, project=project)
    notices.published(project)


@transaction.atomic
def send_back(*, by, project: Project, reasons: str) -> Project:
    """A moderator asks for changes; the posting is a draft again and the employer reads `reasons`."""
    reasons = _reasons(reasons)
    _lock(project)
    _check(by, project, "send_back")
    decision = ModerationDecision.objects.create(
        project=project, outcome=Outcome.SENT_BACK, reasons=reasons, by=by, at=clock.now())
    move(project, ProjectState.DRAFT, by=by, reason="sent_back", note=reasons, updated_at=clock.now())
    notices.sent_back(project, decision)
    return project


def _reasons(text: str) -> str:
    text = (text or "").replace("\x00", "").strip()
    if not text:
        raise Invalid({"reasons": ["Say why, so that they know what to change."]})
    if len(text) > 2000:
        raise Invalid({"reasons": ["Use at most 2,000 characters."]})
    return text


# --- what a moderator, or a rule about reports, does to an open posting ------------------------------------
@transaction.atomic
def remove_project(*, by, project: Project, reasons: str) -> Project:
    """A moderator takes a posting down for good; `project_closed` makes sure everybody who applied hears."""
    reasons = _reasons(reasons)
    _lock(project)
    _check(by, project, "remove")
    decision = ModerationDecision.objects.create(
        project=project, outcome=Outcome.REMOVED, reasons=reasons, by=by, at=clock.now())
    _close(project, by=by, reason=ClosedReason.REMOVED, note=reasons)
    notices.removed(project, decision)
    return project


@transaction.atomic
def pause_project(*, by, project: Project, reasons: str) -> Project:
    """Hide an open posting from students. by: a moderator, or None for the rule about reports."""
    reasons = _reasons(reasons)
    _lock(project)
    _moderate(by, project, "pause")
    now = clock.now()
    decision = ModerationDecision.objects.create(
        project=project, outcome=Outcome.PAUSED, reasons=reasons, by=by, at=now)
    _set(project, paused_at=now)
    record(project, project.state, by=by, reason="paused", note=reasons, old=project.state)
    notices.paused(project, decision)
    return project


@transaction.atomic
def resume_project(*, by, project: Project, reasons: str = "") -> Project:
    """Show a paused posting again; the time it was hidden is added to its window and to the answer clock."""
    _lock(project)
    _moderate(by, project, "resume")
    now = clock.now()
    decision = ModerationDecision.objects.create(
        project=project, outcome=Outcome.RESUMED, reasons=reasons.strip(), by=by, at=now)
    hidden = now - project.paused_at
    old = project.apply_by
    moved = {}
    if project.state == ProjectState.PUBLISHED:
        moved = {name: getattr(project, name) + hidden for name in ("answer_by", "closes_silently_at")}
        if old > project.paused_at:
            moved["apply_by"] = old + hidden
    _set(project, paused_at=None, **moved)
    record(project, project.state, by=by, reason="resumed", note=reasons, old=project.state)
    if moved:
        signals.window_moved.send(Project, project=project, old=old)
        notices.resumed(project, decision)
    return project


# --- the window and the end ------------------------------------------------------------------------------
def _window(project: Project, apply_by: datetime) -> dict[str, datetime]:
    """The three instants of a window. None of them falls in the night of the project's zone."""
    rules = policy.current()
    days = {"apply_by": 0, "answer_by": rules.answer_days, "closes_silently_at": rules.answer_final_days}
    return {name: calendar.after_quiet(apply_by + timedelta(days=step), project.zone) for name, step in days.items()}


def set_window(project: Project, apply_by: datetime) -> None:
    """Move the end of a locked project's window, and with it the employer's answer clock."""
    old = project.apply_by
    moved = _window(project, apply_by)
    moved["apply_by"] = apply_by  # a window that ends early ends now
    _set(project, **moved)
    if old != project.apply_by:
        signals.window_moved.send(Project, project=project, old=old)


@transaction.atomic
def extend_window(*, by, project: Project) -> Project:
    """Once: as many days again as a window has, while it is still open and not full."""
    _lock(project)
    _check(by, project, "extend")
    days = policy.current().application_window_days
    later = calendar.after_quiet(project.apply_by + timedelta(days=days), project.zone)
    set_window(project, later)
    _set(project, extended_at=clock.now())
    record(project, project.state, by=by, reason="extended", note=f"Extended by {days} days", old=project.state)
    return project


@transaction.atomic
def close_project(*, by, project: Project, reason: str) -> Project:
    """Close a posting for `reason` (a `ClosedReason`); by: a member or moderator, or None for a clock or a room above.

    Moves the row, takes it out of the search, and sends `project_closed` in the same transaction, so that the
    room above answers whoever still waits. Raises `WrongMoment` when it is closed already.
    """
    _lock(project)
    if by is not None:
        _check(by, project, "close")
    _close(project, by=by, reason=reason)
    return project


def _close(project: Project, *, by, reason: str, note: str = "") -> None:
    now = clock.now()
    move(project, ProjectState.CLOSED, by=by, reason=reason, note=note, closed_reason=reason, closed_at=now, updated_at=now,
         paused_at=None, search=None)
    signals.project_closed.send(Project, project=project, reason=reason, by=by)


def _set(project: Project, **values) -> None:
    values["updated_at"] = clock.now()
    for name, value in values.items():
        setattr(project, name, value)
    project.save(update_fields=list(values))


# --- the clock: called by `tasks` ------------------------------------------------------------------------
@transaction.atomic
def close_empty(project_id: int) -> bool:
    """Close a posting whose window ended and to which nobody applied. Returns whether it was closed.

    Safe to call twice, late or at once: the row is locked, and nothing happens while it is not due.
    """
    project = Project.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        queries.ended_empty(), pk=project_id).first()
    if project is None:
        return False
    _close(project, by=None, reason=ClosedReason.EXPIRED)
    notices.ended_empty(project)
    return True


# --- what the search reads -------------------------------------------------------------------------------
def index_project(project: Project) -> None:
    """Write the search vector of an open posting: title first, then skills and outcome, then the text, then the name."""
    skills = [row.skill for row in project.project_skills.select_related("skill")]
    skill_words = " ".join(word for skill in skills for word in (skill.name, *skill.aliases))
    parts = {
        "A": project.title,
        "B": f"{skill_words} {project.outcome} {project.get_function_display()}",
        "C": " ".join([project.summary, *project.deliverables, *(m.title for m in project.milestones.all())]),
        "D": f"{project.organisation.name} {project.location}",
    }
    vector = None
    for weight, text in parts.items():
        piece = SearchVector(Value(text, output_field=TextField()), weight=weight, config="english")
        vector = piece if vector is None else vector + piece
    Project.objects.filter(pk=project.pk).update(search=vector)
