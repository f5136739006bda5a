"""Locking a posting and asking whether an act is for this person and for now."""

from accounts.employers.models import Organisation
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.text import written

from .. import queries
from ..models import Project


def lock_project(pk: int) -> Project:
    """The project with its row locked until the end of the transaction."""
    return Project.objects.select_for_update().get(pk=pk)


def lock(project: Project) -> None:
    """Lock the row of `project` and read it anew into the same object."""
    project.refresh_from_db(from_queryset=Project.objects.select_for_update(of=("self",)))


def may_be_told(project: Project) -> bool:
    """Whether students may hear of `project` now. The caller holds its lock.

    The employer is locked too, so that a suspension waits for what is being told and calls it off, or is seen here.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=project.organisation_id)
    return queries.open_now().filter(pk=project.pk).exists()


def check(user, project: Project, act: str) -> None:
    """Raise `NotAllowed` when `act` is not for `user`, `WrongMoment` with the reason when it is not for now."""
    acts = queries.allowed_actions(user, project)
    if act not in acts:
        raise NotAllowed("This is for somebody else to do.")
    if acts[act]:
        raise WrongMoment(acts[act])


def moderate(by, project: Project, act: str) -> None:
    """Like `_check`, but `by` may be None: then a rule of the house acts, and only the moment is asked about."""
    if by is not None:
        check(by, project, act)
    elif reason := queries.moderator_acts(project)[act]:
        raise WrongMoment(reason)


def keep(project: Project, **values) -> None:
    values["updated_at"] = clock.now()
    for name, value in values.items():
        setattr(project, name, value)
    project.save(update_fields=list(values))


def reasons_of(text: str, *, needed: bool = True) -> str:
    """A moderator's words, cleaned. Raises `Invalid` when they are `needed` and missing, or too long."""
    text = written(text or "")
    if needed and not text:
        raise Invalid({"reasons": ["Say why, so that they know what to change."]})
    if len(text) > 2000:
        raise Invalid({"reasons": ["Use at most 2,000 characters."]})
    return text
