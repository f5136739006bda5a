"""The order “Best match for you” of the browse page, and a person's part of what was said no to in export and erasure."""

from accounts.models import StudentProfile
from accounts.users import erasure, export
from projects.exposing.models import StudentExposure
from projects.search import fits

from . import queries
from .models import Dismissal


def _ranked(user, most: int) -> list[tuple[int, list[str]]]:
    profile = StudentProfile.objects.select_related("user").filter(user=user).first()
    found = queries.for_you(profile, most) if profile else []
    return [(one.project.pk, one.fit.reasons()) for one in found]


def _has_profile(user) -> bool:
    return StudentProfile.objects.filter(user=user).exists()


fits.register(_ranked, _has_profile)


def _said_no(user) -> list:
    rows = Dismissal.objects.filter(user=user).select_related("project")
    return [{"project": row.project.title, "why": row.why, "at": row.at} for row in rows]


@erasure.register_scrub
def _forget(user) -> None:
    Dismissal.objects.filter(user=user).delete()
    StudentExposure.objects.filter(student=user).delete()


export.register("not_for_me", _said_no)
