"""Who fits what. Hard gates first, in SQL; then the fit; then an order in which nobody is always first."""

from datetime import timedelta
from hashlib import sha256

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import Notification, StudentProfile, StudentSkill
from accounts.skills.states import SkillState
from marketplace.ground import clock
from projects.applying.models import Application
from projects.posting.models import Project
from projects.posting.queries import open_now

from .fit import Fit, fit, rarity, weekly
from .notices import MATCH

FRESHNESS = 0.2  # how much somebody who was told of little lately is moved up
NOTICES_A_WEEK = 6
READ_AT_MOST = 2000  # candidates scored for one project, those with most needed skills first


def asked_of(projects: list[Project]) -> dict[int, list[tuple]]:
    """`{project.pk: [(skill id, name, needed, rarity)]}` for accepted skills, in two queries."""
    rows = {
        p.pk: [s for s in p.project_skills.all() if s.skill.state == SkillState.ACCEPTED] for p in projects
    }
    ids = {s.skill_id for skills in rows.values() for s in skills}
    students = StudentProfile.objects.filter(user__is_active=True).count()
    having = dict(
        StudentSkill.objects.filter(skill__in=ids, student__user__is_active=True)
        .order_by()
        .values_list("skill")
        .annotate(n=Count("pk"))
    )
    return {
        pk: [(s.skill_id, s.skill.name, s.must, rarity(having.get(s.skill_id, 0), students)) for s in skills]
        for pk, skills in rows.items()
    }


def candidates(project: Project) -> QuerySet[StudentProfile]:
    """Students who may and can: active, enough hours a week free, permitted, not applied, not a member of the employer."""
    needed = weekly(project.hours, (project.due_on - project.start_on).days)
    rows = (
        StudentProfile.objects.filter(user__is_active=True, user__suspended_at=None, hours_free__gte=needed)
        .exclude(Exists(Application.objects.filter(project=project, student=OuterRef("user"))))
        .exclude(user__memberships__organisation=project.organisation)
    )
    if project.work_authorisation:
        rows = rows.filter(may_work=StudentProfile.Answer.YES)
    return rows


def students_to_tell(project: Project, count: int) -> list[tuple[StudentProfile, Fit]]:
    """At most `count` students who fit and were not told of it, best first, with the fit of each.

    Somebody who was told of little lately is moved up, and ties fall by a hash of project and person: never by age of
    the account, name or rating. Nobody is told of more than six projects a week.
    """
    asked = asked_of([project])[project.pk]
    if not asked:
        return []
    week = clock.now() - timedelta(days=7)
    told = Notification.objects.filter(user=OuterRef("user"), kind=MATCH.slug)
    rows = (
        candidates(project)
        .exclude(Exists(told.filter(thing=f"projects.project:{project.pk}")))
        .annotate(
            recent=Count(
                "user__notifications",
                filter=Q(user__notifications__kind=MATCH.slug, user__notifications__created_at__gte=week),
                distinct=True,
            ),
            shared=Count("skills", filter=Q(skills__skill__in=[key for key, *_ in asked]), distinct=True),
        )
        .filter(shared__gt=0, recent__lt=NOTICES_A_WEEK)
        .select_related("user")
        .prefetch_related("skills")
        .order_by("-shared", "pk")[:READ_AT_MOST]
    )
    scored = []
    for profile in rows:
        found = fit(asked, {s.skill_id for s in profile.skills.all()}, project.function in profile.interests)
        if found.close:
            tie = sha256(f"{project.pk}:{profile.pk}".encode()).hexdigest()
            scored.append((-(found.score + FRESHNESS / (1 + profile.recent)), tie, profile, found))
    scored.sort(key=lambda row: row[:2])
    return [(profile, found) for _, _, profile, found in scored[:count]]


def projects_for(profile: StudentProfile, count: int = 4) -> list[tuple[Project, Fit]]:
    """Open projects for a student's own page, best fit first, those they applied to left out; four queries."""
    own = {s.skill_id for s in profile.skills.all()}
    rows = list(
        open_now()
        .exclude(applications__student=profile.user)
        .filter(Q(project_skills__skill__in=own) | Q(function__in=profile.interests))
        .distinct()
        .select_related("organisation")
        .prefetch_related("project_skills__skill")
        .order_by("-published_at", "-pk")[:200]
    )
    asked = asked_of(rows)
    scored = [(fit(asked[p.pk], own, p.function in profile.interests), p) for p in rows]
    scored.sort(key=lambda row: (-row[0].score, row[1].apply_by, row[1].pk))
    return [(project, found) for found, project in scored[:count]]


def due_for_a_wave() -> QuerySet[Project]:
    """Open postings that may need a wave: never told, or older than a wave with few applications."""
    return (
        open_now()
        .annotate(waves=Count("match_waves", distinct=True))
        .filter(waves__lt=3)
        .order_by("published_at")
    )
