"""What every act of applying stands on: the locks, and the few moves that several acts share."""

from django.db.models import F

from accounts.employers.queries import membership
from accounts.students.models import StudentProfile
from marketplace.ground import clock
from marketplace.ground.errors import NotAllowed, WrongMoment
from marketplace.ground.states import move
from projects.posting.actions import lock_project
from projects.posting.models import Project
from projects.search.reading import recount

from .. import notices, queries
from ..models import Application
from ..states import OPEN, ApplicationState

S = ApplicationState


# --- locks -----------------------------------------------------------------------------------------------
def lock(application: Application) -> tuple[Project, Application]:
    """Both rows locked in the order of the house (project first), fresh, and tied to each other."""
    project = lock_project(application.project_id)
    row = Application.objects.select_for_update(of=("self",)).select_related("student").get(pk=application.pk)
    row.project = project
    return project, row


def lock_for(by, application: Application, act: str) -> Application:
    _, row = lock(application)
    if membership(by, row.project.organisation) is None:
        raise NotAllowed("Only people of the organisation that posted this can answer.")
    insist(queries.employer_acts(row)[act])
    return row


def lock_profile(user) -> StudentProfile:
    """The student's row, locked: what is counted per student is counted by one at a time."""
    profile = StudentProfile.objects.select_for_update(no_key=True).filter(user=user).first()
    if profile is None:
        raise NotAllowed("Only students can apply. Add a student profile to your account first.")
    return profile


def open_rows(project: Project):
    """The open applications of `project`, locked, with their students."""
    rows = Application.objects.select_for_update(of=("self",)).filter(project=project, state__in=OPEN)
    rows = list(rows.select_related("student").order_by("pk"))
    for application in rows:
        application.project = project
    return rows


def insist(reason: str | None) -> None:
    if reason:
        raise WrongMoment(reason)


def count(project: Project, step: int) -> None:
    Project.objects.filter(pk=project.pk).update(application_count=F("application_count") + step)
    project.application_count += step
    recount(project)


# --- moves; the caller holds the locks of project and application ------------------------------------------
def step_back(application: Application, *, by, reason: str, note: str = "") -> None:
    """The student leaves an open application; the caller holds the locks of project and application."""
    move(application, S.WITHDRAWN, by=by, reason=reason, note=note, in_reserve=False, decided_at=clock.now())
    count(application.project, -1)


def finish(
    application: Application,
    to: str,
    *,
    by,
    reason: str,
    note: str = "",
    answered: bool = False,
    tell: bool = True,
) -> None:
    """The final answer; the caller holds the locks. `answered`: a person of the employer gave it."""
    now = clock.now()
    move(
        application,
        to,
        by=by,
        reason=reason,
        note=note,
        decline_reason=reason,
        decline_note=note,
        decided_at=now,
        in_reserve=False,
        answered_at=(application.answered_at or now) if answered else application.answered_at,
    )
    if tell:
        (notices.expired if to == S.EXPIRED else notices.declined)(application)


def put_forward(application: Application, to: str, *, by) -> None:
    """Shortlisted or offered: a person's answer that lifts the hidden name; the caller holds the locks."""
    now = clock.now()
    move(
        application,
        to,
        by=by,
        answered_at=application.answered_at or now,
        shortlisted_at=application.shortlisted_at or now,
    )


def back_to_shortlist(application: Application, *, by, reason: str, note: str = "") -> None:
    """An offer came to nothing and the person is still wanted; the caller holds the locks."""
    move(application, S.SHORTLISTED, by=by, reason=reason, note=note)
