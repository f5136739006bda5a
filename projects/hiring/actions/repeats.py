"""Hiring the same student again: the employer asks, a moderator looks whether it is still a contract for work."""

from django.db import transaction

from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.states import move, record
from marketplace.ground.text import written
from projects.applying import actions as applying
from projects.applying.models import Application

from .. import notices, queries
from ..models import ContractorCheck
from ..states import CheckState

MAX_WHY = 600


@transaction.atomic
def ask_moderator(*, by, application: Application, why: str) -> ContractorCheck:
    """Ask for a moderator's yes to one more project with this student. Raises `Invalid` without a reason."""
    project, application = applying.lock(application)
    if queries.membership_of(by, project.organisation_id) is None:
        raise NotAllowed("Only people of the organisation that posted this can ask.")
    if not isinstance(queries.refusal_to_offer(application), queries.NeedsModerator):
        raise WrongMoment("Nothing has to be asked for this person, or it has been asked already.")
    why = written(why)
    if not why or len(why) > MAX_WHY:
        raise Invalid({"why": [f"Say in up to {MAX_WHY} characters why the same person again."]})
    check = ContractorCheck.objects.create(
        application=application, why=why, asked_by=by, asked_at=clock.now()
    )
    record(check, CheckState.ASKED, by=by, note=why)
    return check


@transaction.atomic
def decide_check(*, by, check: ContractorCheck, allow: bool, note: str = "") -> ContractorCheck:
    """A moderator agrees to the repeat hire, or not; who asked is told."""
    check.refresh_from_db(from_queryset=ContractorCheck.objects.select_for_update(of=("self",)))
    if not by.is_staff:
        raise NotAllowed("Only a moderator can decide this.")
    if reason := queries.check_act(by, check):
        raise WrongMoment(reason)
    note = note.strip()
    if not allow and not note:
        raise Invalid({"note": ["Say why, so that the employer knows."]})
    move(check, CheckState.ALLOWED if allow else CheckState.REFUSED, by=by, note=note, decided_at=clock.now())
    ContractorCheck.objects.filter(pk=check.pk).update(note=note)
    check.note = note
    notices.check_decided(check)
    return check
