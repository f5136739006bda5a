"""The student's verbs: keep a draft, send it, take it back, stay in reserve."""

from django.db import transaction
from django.db.models import Max

from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.states import move, record
from marketplace.ground.text import written
from projects.posting.actions import lock_project
from projects.posting.models import Project
from projects.posting.states import ProjectState

from .. import notices, queries
from ..models import Answer, Application
from ..signals import application_sent, application_withdrawn
from ..states import ApplicationState, DeclineReason
from .answering import close_window
from .common import count, finish, insist, lock, lock_profile, step_back

S = ApplicationState
MAX_WORDS = 120
MAX_PITCH = 1200
MAX_TEXT = 1500  # characters of one answer


@transaction.atomic
def save_application(
    *, by, project: Project, pitch: str = "", answers: dict[str, str] | None = None
) -> Application:
    """Keep what was typed so far as a draft. `answers`: {question's public_id: text}, questions may be missing.

    Nothing is judged but sheer length (`Invalid`). `WrongMoment` when the application has been sent already,
    `NotAllowed` when `by` is not a student.
    """
    # The project first, as everywhere: a new row would share-lock it after the profile.
    project = lock_project(project.pk)
    lock_profile(by)
    pitch, answers = _clean(pitch), {key: _clean(text) for key, text in (answers or {}).items()}
    application = _own_row(by, project)
    if application.state not in (S.DRAFT, S.WITHDRAWN):
        raise WrongMoment("You have sent this application already.")
    _check_length(pitch, answers)
    Application.objects.filter(pk=application.pk).update(pitch=pitch, saved_at=clock.now())
    _write_answers(application, answers)
    application.refresh_from_db()
    return application


@transaction.atomic
def submit_application(
    *, by, project: Project, pitch: str = "", answers: dict[str, str] | None = None
) -> Application:
    """Send the application. Raises `Invalid` for answers that are missing or too long, `NotAllowed` or
    `WrongMoment` with the reason when `by` may not apply (caps, window, eligibility)."""
    project = lock_project(project.pk)
    profile = lock_profile(by)
    application = Application.objects.select_for_update().filter(project=project, student=by).first()
    refusal = queries.refusal_to_apply(by, project, application, profile)
    if refusal:
        raise refusal
    pitch, answers = _clean(pitch), {key: _clean(text) for key, text in (answers or {}).items()}
    _check_complete(project, pitch, answers)
    application = application or _own_row(by, project)
    _write_answers(application, answers)
    now = clock.now()
    highest = Application.objects.filter(project=project).aggregate(n=Max("number"))["n"] or 0
    move(
        application,
        S.SUBMITTED,
        by=by,
        pitch=pitch,
        eligible=True,
        saved_at=now,
        submitted_at=now,
        number=application.number or highest + 1,
        opened_at=None,
        answered_at=None,
        decided_at=None,
        shortlisted_at=None,
        in_reserve=False,
        decline_reason="",
        decline_note="",
        first_timer=not by.engagements.filter(state="completed").exists(),
        invited=queries.is_invited(by, project),
    )
    count(project, +1)
    application.project = project
    application_sent.send(Application, application=application)
    notices.received(application)
    if queries.is_full(project):
        close_window(project)
    return application


@transaction.atomic
def withdraw_application(*, by, application: Application) -> Application:
    """The student takes it back; an open offer is declined with it. It may be sent again while the window is open."""
    project, application = lock(application)
    if application.student_id != by.pk:
        raise NotAllowed("Only the person who applied can withdraw this application.")
    insist(queries.why_not_withdraw(application))
    application_withdrawn.send(Application, application=application, by=by)
    step_back(application, by=by, reason="withdrawn")
    return application


@transaction.atomic
def agree_reserve(*, by, application: Application, agree: bool = True) -> Application:
    """Whether the student stays in reserve until the work of somebody else starts; three people can."""
    _, application = lock(application)
    if application.student_id != by.pk:
        raise NotAllowed("Only the person who applied can say this.")
    acts = queries.student_acts(by, application)
    insist(acts["agree_reserve" if agree else "leave_reserve"])
    Application.objects.filter(pk=application.pk).update(in_reserve=agree)
    application.in_reserve = agree
    record(
        application,
        application.state,
        old=application.state,
        by=by,
        reason="in_reserve" if agree else "left_reserve",
    )
    if not agree and application.project.state == ProjectState.CLOSED:
        finish(application, S.DECLINED, by=by, reason=DeclineReason.FILLED, tell=False)
    return application


def _own_row(by, project: Project) -> Application:
    now = clock.now()
    row, new = Application.objects.get_or_create(
        project=project, student=by, defaults={"created_at": now, "saved_at": now}
    )
    if new:
        record(row, S.DRAFT, by=by)
    return row


# --- what was typed --------------------------------------------------------------------------------------
def _clean(text: str) -> str:
    """What browsers and programs send, as we keep it."""
    return written(str(text or ""))


def _check_length(pitch: str, answers: dict[str, str]) -> None:
    wrong = {
        f"answer_{key}": [f"This is too long to keep: at most {MAX_TEXT * 4} characters."]
        for key, text in answers.items()
        if len(text) > MAX_TEXT * 4
    }
    if len(pitch) > MAX_PITCH * 4:
        wrong["pitch"] = [f"This is too long to keep: at most {MAX_PITCH * 4} characters."]
    if wrong:
        raise Invalid(wrong)


def _check_complete(project: Project, pitch: str, answers: dict[str, str]) -> None:
    wrong, questions = {}, list(project.questions.all())
    for question in questions:
        text = answers.get(question.public_id, "")
        words = len(text.split())
        if not text:
            wrong[f"answer_{question.public_id}"] = [
                "Write a few sentences. Even a rough plan tells them a lot."
            ]
        elif words > MAX_WORDS:
            wrong[f"answer_{question.public_id}"] = [f"This has {words} words. The most is {MAX_WORDS}."]
        elif len(text) > MAX_TEXT:
            wrong[f"answer_{question.public_id}"] = [
                f"This has {len(text)} characters. The most is {MAX_TEXT}."
            ]
    if len(pitch) > MAX_PITCH:
        wrong["pitch"] = [f"This has {len(pitch)} characters. The most is {MAX_PITCH}."]
    elif not pitch and not questions:
        wrong["pitch"] = ["Say in a few sentences why this project suits you."]
    if wrong:
        raise Invalid(wrong)


def _write_answers(application: Application, answers: dict[str, str]) -> None:
    """One row a question; ids that are not questions of this project are left out."""
    for question in application.project.questions.all():
        if question.public_id in answers:
            Answer.objects.update_or_create(
                application=application, question=question, defaults={"text": answers[question.public_id]}
            )
