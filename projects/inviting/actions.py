"""The verbs of invitations: ask, answer, take back, end."""

from datetime import timedelta

from django.db import IntegrityError, transaction

from accounts.employers.queries import membership
from accounts.models import StudentProfile
from marketplace.ground import calendar, clock, policy
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.states import move, record
from marketplace.ground.text import written
from projects.matching.queries import fit_of
from projects.posting.actions import lock_project
from projects.posting.brief_check import Brief, check
from projects.posting.models import Project

from . import notices, queries
from .models import Block, Invitation
from .states import InvitationState, NoReason

S = InvitationState
MAX_NOTE = 600


@transaction.atomic
def invite(*, by, project: Project, student: StudentProfile, note: str = "") -> Invitation:
    """Ask a student to apply. Their name is known to the employer from here on.

    Raises `NotAllowed` for strangers, `WrongMoment` with the reason for limits and for students who cannot be asked
    (any more), `Invalid` for a note that is too long or that the brief check stops.
    """
    project = lock_project(project.pk)
    if membership(by, project.organisation) is None:
        raise NotAllowed("Only people of the organisation that posted this can invite.")
    # What is counted for a student is counted by one at a time; after the project, as in applying.
    student = (
        StudentProfile.objects.select_for_update(no_key=True, of=("self",))
        .select_related("user")
        .get(pk=student.pk)
    )
    reason = queries.why_not_invite(project) or queries.why_not_ask(project, student)
    if reason:
        raise WrongMoment(reason)
    note = _note(note)
    now, fit = clock.now(), fit_of(project, student)
    ends = min(now + timedelta(days=policy.current().invitation_days), project.apply_by)
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                project=project,
                student=student.user,
                by=by,
                note=note,
                reasons=fit.reasons() if fit else [],
                created_at=now,
                expires_at=calendar.after_quiet(ends, student.user.zone),
            )
    except IntegrityError:
        raise WrongMoment("This student was invited already.") from None
    record(invitation, S.OPEN, by=by)
    notices.invited(invitation)
    return invitation


def _note(text: str) -> str:
    """The words of the employer, read by the same rules as a posting."""
    note = written(text)
    if len(note) > MAX_NOTE:
        raise Invalid({"note": [f"This has {len(note)} characters. The most is {MAX_NOTE}."]})
    wrong = [
        f"{finding.what} {finding.suggestion}".replace("“Good to know”", "Your note")
        for finding in check(Brief(good_to_know=note))
        if finding.stops and finding.field == "good_to_know"
    ]
    if wrong:
        raise Invalid({"note": wrong})
    return note


def _lock(invitation: Invitation) -> Invitation:
    project = lock_project(invitation.project_id)
    row = Invitation.objects.select_for_update(of=("self",)).select_related("student").get(pk=invitation.pk)
    row.project = project
    return row


def _insist(row: Invitation) -> None:
    if row.state != S.OPEN:
        raise WrongMoment(queries.how_it_ended(row))


@transaction.atomic
def decline(*, by, invitation: Invitation, reason: str = "", block: bool = False) -> Invitation:
    """The student says no; the reason is optional. block: nothing more from this employer, and not listed for it."""
    row = _lock(invitation)
    if row.student_id != by.pk:
        raise NotAllowed("Only the person who was asked can answer.")
    _insist(row)
    if reason and reason not in NoReason.values:
        raise Invalid({"reason": ["Choose one of the reasons, or none."]})
    move(row, S.DECLINED, by=by, reason=reason, decline_reason=reason, answered_at=clock.now())
    if block:
        Block.objects.get_or_create(
            student=by, organisation=row.project.organisation, defaults={"at": clock.now()}
        )
    notices.answered(row)
    return row


@transaction.atomic
def withdraw(*, by, invitation: Invitation) -> Invitation:
    """The employer takes it back while it is open."""
    row = _lock(invitation)
    if membership(by, row.project.organisation) is None:
        raise NotAllowed("Only people of the organisation that posted this can do this.")
    _insist(row)
    move(row, S.WITHDRAWN, by=by, answered_at=clock.now())
    notices.taken_back(row)
    return row


def accept_with(application) -> None:
    """The student has applied: that is the yes. The caller holds the lock of the project."""
    row = Invitation.objects.filter(
        project=application.project_id, student=application.student_id, state=S.OPEN
    ).first()
    if row is not None:
        move(row, S.ACCEPTED, by=application.student, answered_at=clock.now())


@transaction.atomic
def expire(invitation_id: int) -> None:
    """Its time is over."""
    found = Invitation.objects.filter(pk=invitation_id).first()
    if found is None:
        return
    row = _lock(found)
    if row.state == S.OPEN and row.expires_at <= clock.now():
        move(row, S.EXPIRED, by=None, answered_at=clock.now())
        notices.answered(row)


def end_all(project: Project, by=None) -> None:
    """The project is closed: nobody is asked any more. The caller holds its lock."""
    rows = list(Invitation.objects.select_for_update(of=("self",)).filter(project=project, state=S.OPEN))
    notices.call_off(rows)
    for row in rows:
        move(row, S.WITHDRAWN, by=by, reason="project_closed", answered_at=clock.now())


def hold_back(project: Project) -> None:
    """The project is hidden: who has not heard of an invitation yet does not. The caller holds its lock."""
    notices.call_off(list(Invitation.objects.filter(project=project, state=S.OPEN)))


def tell_again(project: Project) -> None:
    """It is shown again: those who had not heard of their invitation are told now, and nobody twice."""
    for row in Invitation.objects.filter(project=project, state=S.OPEN).select_related("student"):
        row.project = project
        notices.invited(row)


def unblock(*, by, organisation) -> None:
    """Let an employer invite again; twice changes nothing."""
    Block.objects.filter(student=by, organisation=organisation).delete()
