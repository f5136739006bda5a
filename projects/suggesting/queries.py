"""Reads of what is suggested to a student: the list, what was learned, and what would open more."""

from dataclasses import dataclass

from django.db.models import Count, prefetch_related_objects

from accounts.models import StudentProfile
from accounts.skills.functions import Function
from accounts.skills.states import SkillState
from projects.matching import queries as matching
from projects.matching import vocabulary
from projects.matching.fit import Fit
from projects.matching.models import ProjectMatch
from projects.posting.models import LocationMode, Project, ProjectSkill
from projects.posting.queries import open_now

from .learning import learn, lowered
from .models import Dismissal, Why

READ = 200  # the best fits that the list is made from
PAGE = 20


@dataclass(frozen=True)
class Suggestion:
    """A project, how it fits, and whether what the student said no to moved it down."""

    project: Project
    fit: Fit
    score: float
    lowered: bool


def fits_of(profile: StudentProfile, projects: list[Project]) -> dict[int, Fit]:
    """How each of these open projects fits, by its key; those that are no longer open are missing."""
    row = matching.student_row(profile)
    rows = list(ProjectMatch.objects.filter(pk__in=[project.pk for project in projects])) if row else []
    found = matching.fits(row, rows, vocabulary.current()) if rows else []
    return dict(zip((one.pk for one in rows), found, strict=True))


def visible_to(user):
    """What `user` has said no to, latest first."""
    return Dismissal.objects.filter(user=user).select_related("project__organisation").order_by("-at", "-pk")


def for_you(profile: StudentProfile, most: int | None = None) -> list[Suggestion]:
    """Open projects that fit, best first; what was said no to is left out and what is like it comes later."""
    said = list(visible_to(profile.user).prefetch_related("project__project_skills")[:500])
    gone = {row.project_id for row in said}
    learned = learn(said, set(profile.skills.values_list("skill_id", flat=True)))
    pairs = [(p, fit) for p, fit in matching.projects_for(profile, READ) if p.pk not in gone]
    prefetch_related_objects([project for project, _ in pairs], "project_skills")
    found = []
    for project, fit in pairs:
        less = lowered(project, learned)
        found.append(Suggestion(project, fit, fit.score * less, less < 1))
    found.sort(key=lambda one: -one.score)  # stable: equals stay in the order of the fit
    return found[:most]


def learned_of(user) -> list[tuple[str, list[Dismissal]]]:
    """What the list has learned, in words, each with the answers it was learned from; and what it only hides."""
    said = list(visible_to(user)[:200])
    groups: dict[str, list[Dismissal]] = {}
    for row in said:
        groups.setdefault(in_words(row), []).append(row)
    return list(groups.items())


def in_words(row: Dismissal) -> str:
    """What one no does to the list."""
    project = row.project
    if not row.learned:
        return "Only hidden"
    return {
        Why.FUNCTION: f"{dict(Function.choices).get(project.function, 'This')} projects come later",
        Why.PAY: "Projects that pay as little an hour come later",
        Why.HOURS: "Projects that take as many hours a week come later",
        Why.PLACE: f"Projects that are “{dict(LocationMode.choices)[project.location_mode].lower()}” come later",
        Why.EMPLOYER: f"Projects of {project.organisation.name} come last",
        Why.SKILLS: "Projects that need the same skills come later",
    }.get(row.why, "Only hidden")


def would_open(profile: StudentProfile, most: int = 4) -> list[tuple[str, int]]:
    """(skill that is not on the profile, how many open projects ask for it), the most asked for first."""
    own = profile.skills.values("skill")
    rows = (
        ProjectSkill.objects.filter(project__in=open_now().values("pk"), skill__state=SkillState.ACCEPTED)
        .exclude(skill__in=own)
        .order_by()
        .values_list("skill__name")
        .annotate(asked=Count("project", distinct=True))
        .order_by("-asked", "skill__name")
    )
    return list(rows[:most])
