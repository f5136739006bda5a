"""A person's part of what was said no to and searched for, in export and erasure."""

from accounts.users import erasure, export
from projects.exposing.models import StudentExposure

from .models import Dismissal


def _said_no(user) -> list:
    rows = Dismissal.objects.filter(user=user).select_related("project")
    return [{"project": row.project.title, "why": row.why, "at": row.at} for row in rows]


@erasure.register_scrub
def _forget(user) -> None:
    Dismissal.objects.filter(user=user).delete()
    StudentExposure.objects.filter(student=user).delete()


export.register("not_for_me", _said_no)
