"""The employer's verbs: open, shortlist, decline, and the switch of the blind first look."""

from django.db import transaction

from accounts.employers.queries import membership
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.states import move, record
from projects.posting.actions import lock_project
from projects.posting.models import Project
from projects.posting.states import ProjectState

from .. import notices
from ..models import Application
from ..states import EMPLOYER_REASONS, ApplicationState
from .common import finish, lock_for, put_forward

S = ApplicationState
MAX_NOTE = 600


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
    application = lock_for(by, application, "shortlist")
    put_forward(application, S.SHORTLISTED, by=by)
    notices.shortlisted(application)
    return application


@transaction.atomic
def unshortlist(*, by, application: Application) -> Application:
    """Back among the new ones; what is known stays known."""
    application = lock_for(by, application, "unshortlist")
    move(application, S.SUBMITTED, by=by, reason="unshortlisted", in_reserve=False)
    return application


@transaction.atomic
def decline_application(*, by, application: Application, reason: str, note: str = "") -> Application:
    """A final no with a `reason` of `EMPLOYER_REASONS` and an optional note that the student reads."""
    application = lock_for(by, application, "decline")
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
        record(
            project, project.state, old=project.state, by=by, reason="names_hidden" if hide else "names_shown"
        )
    return project
