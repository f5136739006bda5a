"""The verbs of the student's own list: not for me, undo, and forget what was learned."""

from django.db import transaction

from accounts.students.models import StudentProfile
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed
from projects.posting.models import Project

from .models import Dismissal, Why


@transaction.atomic
def dismiss(*, by, project: Project, why: str) -> Dismissal:
    """Take `project` off the list of `by` for a reason of `Why`; saying it again changes the reason."""
    if not StudentProfile.objects.filter(user=by).exists():
        raise NotAllowed("Only students have a list of their own.")
    if why not in Why.values:
        raise Invalid({"why": ["Choose one of the reasons."]})
    row, _ = Dismissal.objects.update_or_create(
        user=by, project=project, defaults={"why": why, "learned": True, "at": clock.now()}
    )
    return row


def undo_dismissal(*, by, project: Project) -> None:
    """Put `project` back on the list, and forget what was learned from it; twice changes nothing."""
    Dismissal.objects.filter(user=by, project=project).delete()


def forget_learned(*, by) -> int:
    """Keep what is hidden hidden, but let it move nothing else down any more; returns how many answers that were."""
    return Dismissal.objects.filter(user=by, learned=True).update(learned=False)
