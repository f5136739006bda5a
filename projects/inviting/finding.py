"""Students who fit a project and agreed to be found: who they are, and as much as an employer may see of them.

Until somebody is invited or applies, no name, picture, school, headline or words of their own: skills, hours and what they
finished here are shown, and why they fit. They are named by the list they stood in and their place in it.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from accounts.employers.queries import is_verified
from accounts.models import StudentProfile, User
from accounts.skills.functions import Function
from marketplace.ground import clock, policy
from projects.exposing import queries as exposing
from projects.exposing.actions import log_list
from projects.exposing.models import ListKind
from projects.matching import queries as matching
from projects.matching.fit import Fit
from projects.posting import queries as posting
from projects.posting.models import Project

from .models import Block, Invitation
from .states import InvitationState

SHOWN, POOL = 20, 200
LEVELS = {"strong": "strong", "able": "can do alone", "learning": "learning"}


@dataclass(frozen=True)
class Face:
    """What an employer sees of a student in the list. hits: names of skills that the project asks for."""

    place: int
    reasons: list[str]
    hits: list[tuple[str, str]]
    others: list[str]
    hours_free: int
    finished: int
    finished_in: list[str]
    eligible: bool


@dataclass(frozen=True)
class Listed:
    """The list as it was shown; `key` and a place in it name a student until they are invited."""

    key: str
    faces: list[Face]


def why_not_find(project: Project) -> str | None:
    """None when its employer may look for students now, else the reason."""
    if not is_verified(project.organisation):
        return "Students are shown to verified employers only. Prove in two ways who you are, and the list opens."
    if project.organisation.suspended_at:
        return posting.suspension(project.organisation)
    if project.paused_at:
        return "The project is hidden while a moderator looks at it."
    if not posting.window_is_open(project):
        return "Students can be invited while the project takes applications."
    return None


def hidden_from(project: Project) -> set[int]:
    """Keys of people who are not to be listed or asked: they said no to this employer lately, or to all it sends."""
    rest = clock.now() - timedelta(days=policy.current().invitation_rest_days)
    organisation = project.organisation_id
    declined = Invitation.objects.filter(
        project__organisation=organisation, state=InvitationState.DECLINED, answered_at__gt=rest
    )
    asked = Invitation.objects.filter(project=project)
    blocks = Block.objects.filter(organisation=organisation)
    return {
        *declined.values_list("student_id", flat=True),
        *asked.values_list("student_id", flat=True),
        *blocks.values_list("student_id", flat=True),
    }


def fitting(project: Project) -> list[tuple[StudentProfile, Fit]]:
    """At most `POOL` students who agreed to be found, may and can do it, and fit; in the fair order."""
    found = matching.students_for(project, POOL, leave_out=hidden_from(project))
    return [(profile, fit) for profile, fit in found if profile.open_to_invitations]  # as it is this moment


def listed(project: Project, reader: User) -> Listed:
    """The first students of the list, as `reader` sees them; written down in the exposure log."""
    found = fitting(project)
    pool = [(profile.user_id, fit.score) for profile, fit in found]
    shown = found[:SHOWN]
    key = log_list(
        ListKind.FITTING,
        about=project.pk,
        shown=pool[:SHOWN],
        pool=pool,
        function=project.function,
        reader=project.organisation_id,
    )
    return Listed(key, faces(project, shown))


def faces(project: Project, found: list[tuple[StudentProfile, Fit]]) -> list[Face]:
    """In a constant number of queries."""
    asked = {row.skill_id for row in project.project_skills.all()}
    done = _finished([profile.user_id for profile, _ in found])
    return [_face(place, profile, fit, asked, done, project) for place, (profile, fit) in enumerate(found)]


def _face(place: int, profile, fit: Fit, asked: set[int], done: dict, project: Project) -> Face:
    rows = [row for row in profile.skills.all() if row.skill.state == "accepted"]
    counted = done.get(profile.user_id, Counter())
    return Face(
        place=place,
        reasons=fit.reasons(employer=True),
        hits=[(row.skill.name, LEVELS[row.level]) for row in rows if row.skill_id in asked],
        others=[row.skill.name for row in rows if row.skill_id not in asked][:8],
        hours_free=profile.hours_free,
        finished=sum(counted.values()),
        finished_in=[dict(Function.choices).get(name, name) for name, _ in counted.most_common(3)],
        eligible=project.work_authorisation,
    )


def _finished(users: list[int]) -> dict[int, Counter]:
    """For each account how many engagements it completed, by function (engagements belong to a later room)."""
    rows = User.objects.filter(pk__in=users, engagements__state="completed").values_list(
        "pk", "engagements__project__function"
    )
    found: dict[int, Counter] = {}
    for user, function in rows:
        found.setdefault(user, Counter())[function] += 1
    return found


def student_at(project: Project, key: str, place: int) -> StudentProfile | None:
    """Who stood at `place` of the list `key` of this project, if they may still be found; None otherwise."""
    user = exposing.at_place(key, place, about=project.pk, kind=ListKind.FITTING)
    if user is None:
        return None
    return (
        StudentProfile.objects.filter(
            user=user, open_to_invitations=True, user__is_active=True, user__suspended_at=None
        )
        .select_related("user")
        .prefetch_related("skills__skill")
        .first()
    )
