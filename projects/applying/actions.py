"""The verbs of applying: what students and employers do with applications, and how everybody gets an answer."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max

from accounts.employers.queries import membership
from accounts.students.models import StudentProfile
from marketplace.ground import calendar, clock, policy
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.states import move, record
from projects.posting.actions import lock_project, set_window
from projects.posting.models import Project
from projects.posting.states import ProjectState

from . import notices, queries
from .models import Answer, Application
from .signals import application_withdrawn
from .states import EMPLOYER_REASONS, OPEN, ApplicationState, DeclineReason

S = ApplicationState
MAX_WORDS = 120
MAX_PITCH = 1200
MAX_TEXT = 1500  # characters of one answer
MAX_NOTE = 600


# --- the student -----------------------------------------------------------------------------------------
@transaction.atomic
def save_application(*, by, project: Project, pitch: str = "", answers: dict[str, str] | None = None) -> Application:
    """Keep what was typed so far as a draft. `answers`: {question's public_id: text}, questions may be missing.

    Nothing is judged but sheer length (`Invalid`). `WrongMoment` when the application has been sent already,
    `NotAllowed` when `by` is not a student.
    """
    project = lock_project(project.pk)  # first, as everywhere: a new row would share-lock it after the profile
    _lock_profile(by)
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
def submit_application(*, by, project: Project, pitch: str = "", answers: dict[str, str] | None = None) -> Application:
    """Send the application. Raises `Invalid` for answers that are missing or too long, `NotAllowed` or
    `WrongMoment` with the reason when `by` may not apply (caps, window, eligibility)."""
    project = lock_project(project.pk)
    profile = _lock_profile(by)
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
    move(application, S.SUBMITTED, by=by, pitch=pitch, eligible=True, saved_at=now, submitted_at=now,
         number=application.number or highest + 1, opened_at=None, answered_at=None, decided_at=None,
         shortlisted_at=None, in_reserve=False, decline_reason="", decline_note="",
         first_timer=not by.engagements.filter(state="completed").exists())
    _count(project, +1)
    application.project = project
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
    _insist(queries.why_not_withdraw(application))
    application_withdrawn.send(Application, application=application, by=by)
    step_back(application, by=by, reason="withdrawn")
    return application


def step_back(application: Application, *, by, reason: str, note: str = "") -> None:
    """The student leaves an open application; the caller holds the locks of project and application."""
    move(application, S.WITHDRAWN, by=by, reason=reason, note=note, in_reserve=False, decided_at=clock.now())
    _count(application.project, -1)


@transaction.atomic
def agree_reserve(*, by, application: Application, agree: bool = True) -> Application:
    """Whether the student stays in reserve until the work of somebody else starts; three people can."""
    _, application = lock(application)
    if application.student_id != by.pk:
        raise NotAllowed("Only the person who applied can say this.")
    acts = queries.student_acts(by, application)
    _insist(acts["agree_reserve" if agree else "leave_reserve"])
    Application.objects.filter(pk=application.pk).update(in_reserve=agree)
    application.in_reserve = agree
    record(application, application.state, old=application.state, by=by,
           reason="in_reserve" if agree else "left_reserve")
    if not agree and application.project.state == ProjectState.CLOSED:
        finish(application, S.DECLINED, by=by, reason=DeclineReason.FILLED, tell=False)
    return application


# --- the employer ----------------------------------------------------------------------------------------
def open_application(*, by, application: Application) -> Application:
    """A person of the employer looks at it: remembered once, for the student and for the answer record."""
    if membership(by, application.project.organisation) is None or application.opened_at:
        return application
    now = clock.now()
    with transaction.atomic():
        if Application.objects.filter(pk=application.pk, opened_at=None).update(opened_at=now):
            record(application, application.state, old=application.state, by=by, reason="opened")
    application.opened_at = now
    return application


@transaction.atomic
def shortlist(*, by, application: Application) -> Application:
    """Put on the shortlist: the name is known from here on, and the student is told."""
    application = _lock_for(by, application, "shortlist")
    put_forward(application, S.SHORTLISTED, by=by)
    notices.shortlisted(application)
    return application


@transaction.atomic
def unshortlist(*, by, application: Application) -> Application:
    """Back among the new ones; what is known stays known."""
    application = _lock_for(by, application, "unshortlist")
    move(application, S.SUBMITTED, by=by, reason="unshortlisted", in_reserve=False)
    return application


@transaction.atomic
def decline_application(*, by, application: Application, reason: str, note: str = "") -> Application:
    """A final no with a `reason` of `EMPLOYER_REASONS` and an optional note that the student reads."""
    application = _lock_for(by, application, "decline")
    if reason not in EMPLOYER_REASONS:
        raise Invalid({"reason": ["Choose the main reason."]})
    if len(note) > MAX_NOTE:
        raise Invalid({"note": [f"Keep the note under {MAX_NOTE} characters."]})
    finish(application, S.DECLINED, by=by, reason=reason, note=note.strip(), answered=True)
    return application


@transaction.atomic
def hide_names(*, by, project: Project, hide: bool) -> Project:
    """Turn the blind first look on or off for everybody of the employer; each turn stands in the timeline."""
    if membership(by, project.organisation) is None:
        raise NotAllowed("Only people of this organisation can change this.")
    project = lock_project(project.pk)
    if project.state != ProjectState.PUBLISHED:
        raise WrongMoment("The project is closed.")
    if project.names_hidden != hide:
        Project.objects.filter(pk=project.pk).update(names_hidden=hide)
        project.names_hidden = hide
        record(project, project.state, old=project.state, by=by, reason="names_hidden" if hide else "names_shown")
    return project


# --- answers for everybody -------------------------------------------------------------------------------
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


def open_rows(project: Project):
    """The open applications of `project`, locked, with their students."""
    rows = Application.objects.select_for_update(of=("self",)).filter(project=project, state__in=OPEN)
    rows = list(rows.select_related("student").order_by("pk"))
    for application in rows:
        application.project = project
    return rows


def finish(application: Application, to: str, *, by, reason: str, note: str = "", answered: bool = False, tell: bool = True) -> None:
    """The final answer; the caller holds the locks. `answered`: a person of the employer gave it."""
    now = clock.now()
    move(application, to, by=by, reason=reason, note=note, decline_reason=reason, decline_note=note, decided_at=now,
         in_reserve=False, answered_at=(application.answered_at or now) if answered else application.answered_at)
    if tell:
        (notices.expired if to == S.EXPIRED else notices.declined)(application)


def put_forward(application: Application, to: str, *, by) -> None:
    """Shortlisted or offered: a person's answer that lifts the hidden name; the caller holds the locks."""
    now = clock.now()
    move(application, to, by=by, answered_at=application.answered_at or now,
         shortlisted_at=application.shortlisted_at or now)


def back_to_shortlist(application: Application, *, by, reason: str, note: str = "") -> None:
    """An offer came to nothing and the person is still wanted; the caller holds the locks."""
    move(application, S.SHORTLISTED, by=by, reason=reason, note=note)


# --- the employer's clock --------------------------------------------------------------------------------
def close_window(project: Project) -> None:
    """All places are taken and the shortest window is over: nobody else can apply. The project is locked.

    When more came than it takes, lots are drawn among those that no person has chosen yet.
    """
    if project.apply_by > clock.now():
        set_window(project, clock.now())
    draw_lot(project)


def draw_lot(project: Project) -> int:
    """Leave at most `application_cap` open applications; returns how many the lot fell against. The project is locked."""
    from .lot import draw

    rows = open_rows(project)
    pool = [row for row in rows if row.state == S.SUBMITTED]
    keep = max(project.application_cap - (len(rows) - len(pool)), 0)
    if keep >= len(pool):
        return 0
    kept = draw([r.pk for r in pool if r.first_timer], [r.pk for r in pool if not r.first_timer], keep)
    out = [row for row in pool if row.pk not in kept]
    for application in out:
        finish(application, S.DECLINED, by=None, reason=DeclineReason.LOT)
    record(project, project.state, old=project.state, reason="lot_drawn",
           note=f"{len(pool)} took part, {keep} places, of the {sum(r.first_timer for r in pool)} first-timers "
                f"{sum(r.first_timer for r in pool if r.pk in kept)} stayed.")
    return len(out)


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


# --- common ----------------------------------------------------------------------------------------------
def lock(application: Application) -> tuple[Project, Application]:
    """Both rows locked in the order of the house (project first), fresh, and tied to each other."""
    project = lock_project(application.project_id)
    row = Application.objects.select_for_update(of=("self",)).select_related("student").get(pk=application.pk)
    row.project = project
    return project, row


def _lock_for(by, application: Application, act: str) -> Application:
    _, row = lock(application)
    if membership(by, row.project.organisation) is None:
        raise NotAllowed("Only people of the organisation that posted this can answer.")
    _insist(queries.employer_acts(row)[act])
    return row


def _insist(reason: str | None) -> None:
    if reason:
        raise WrongMoment(reason)


def _lock_profile(user) -> StudentProfile:
    """The student's row, locked: what is counted per student is counted by one at a time."""
    profile = StudentProfile.objects.select_for_update(no_key=True).filter(user=user).first()
    if profile is None:
        raise NotAllowed("Only students can apply. Add a student profile to your account first.")
    return profile


def _own_row(by, project: Project) -> Application:
    now = clock.now()
    row, new = Application.objects.get_or_create(project=project, student=by, defaults={"created_at": now, "saved_at": now})
    if new:
        record(row, S.DRAFT, by=by)
    return row


def _count(project: Project, step: int) -> None:
    Project.objects.filter(pk=project.pk).update(application_count=F("application_count") + step)
    project.application_count += step


def _clean(text: str) -> str:
    """What browsers and programs send, as we keep it: no NUL, one kind of line end, no space around."""
    return str(text or "").replace("\x00", "").replace("\r\n", "\n").strip()


def _check_length(pitch: str, answers: dict[str, str]) -> None:
    wrong = {f"answer_{key}": [f"This is too long to keep: at most {MAX_TEXT * 4} characters."]
             for key, text in answers.items() if len(text) > MAX_TEXT * 4}
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
            wrong[f"answer_{question.public_id}"] = ["Write a few sentences. Even a rough plan tells them a lot."]
        elif words > MAX_WORDS:
            wrong[f"answer_{question.public_id}"] = [f"This has {words} words. The most is {MAX_WORDS}."]
        elif len(text) > MAX_TEXT:
            wrong[f"answer_{question.public_id}"] = [f"This has {len(text)} characters. The most is {MAX_TEXT}."]
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
                application=application, question=question, defaults={"text": answers[question.public_id]})
