"""Reads about students: their profile, how complete it is, whether they are eligible, who may read what."""

from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from . import access
from .models import StudentProfile

SKILLS_WANTED = 3
SKILLS_MAX = 20


@dataclass(frozen=True)
class Step:
    """One thing to add next: `what` to do, `why` it is worth it, and the page where it is done."""

    field: str
    what: str
    why: str
    url: str


@dataclass(frozen=True)
class Completeness:
    percent: int
    next: list[Step]


def profile_of(user) -> StudentProfile | None:
    """The student profile of a person, with school, or None when they are no student here."""
    if not user.is_authenticated:
        return None
    return StudentProfile.objects.select_related("user", "school").filter(user=user).first()


def visible_to(user):
    """Whole profiles, private answers included: one's own; a moderator sees all."""
    rows = StudentProfile.objects.select_related("user", "school")
    if not user.is_authenticated:
        return rows.none()
    return rows if user.is_staff else rows.filter(user=user)


def resume_for(user, public_id: str) -> StudentProfile:
    """The profile whose résumé `user` may read. Everything else is a 404: no profile, no file, no business there."""
    profile = get_object_or_404(
        StudentProfile.objects.select_related("user"), user__public_id=public_id, user__is_active=True
    )
    if not profile.resume or not access.may_read_resume(user, profile):
        raise Http404
    return profile


def skills_of(profile):
    return profile.skills.select_related("skill").order_by("id")


def allowed_actions(user, profile) -> dict[str, str | None]:
    """Each act on `profile` with None, or with the sentence that says why not now."""
    own = None if user.pk == profile.user_id else "Only the student can change this."
    count = profile.skills.count()
    return {
        "edit": own,
        "add_skill": own
        or (None if count < SKILLS_MAX else f"{SKILLS_MAX} skills are the most. Remove one first."),
        "remove_resume": own or (None if profile.resume else "There is no résumé to remove."),
        "verify_school": own or ("Your school is verified." if profile.school_verified_at else None),
        "leave_school": own or (None if profile.school_id else "No school is on your profile."),
        "show_portfolio": own,
    }


def eligible(profile: StudentProfile, project_requires: bool) -> bool:
    """Whether a student may do a project that asks for permission to work in its country.

    Only this answer leaves the profile. "Prefer not to say" is held against nobody where nothing is required.
    """
    if not project_requires:
        return True
    answer = StudentProfile.Answer
    return profile.may_work == answer.YES and profile.needs_sponsor != answer.YES


def completeness(profile: StudentProfile) -> Completeness:
    """How complete a profile is (0 to 100) and what to add next, the most useful first."""
    skills = list(profile.skills.all())
    done = {
        "headline": bool(profile.headline),
        "skills": len(skills) >= SKILLS_WANTED,
        "about": len(profile.about) >= 80,
        "school": bool(profile.school_id),
        "school_verified_at": bool(profile.school_verified_at),
        "programme": bool(profile.programme and profile.graduates_in),
        "evidence": any(skill.evidence for skill in skills),
        "resume": bool(profile.resume),
        "interests": bool(profile.interests),
    }
    percent = sum(points for field, points, *_ in PARTS if done[field])
    steps = [Step(field, what, why, reverse(page)) for field, _, what, why, page in PARTS if not done[field]]
    if not done["school"]:
        steps = [step for step in steps if step.field != "school_verified_at"]
    return Completeness(percent, steps)


# field, points out of 100, what to do, why, the page
PARTS = [
    (
        "headline",
        15,
        "Write a headline",
        "It stands beside your name in every list an employer reads.",
        "students:edit",
    ),
    (
        "skills",
        20,
        f"Name {SKILLS_WANTED} skills",
        "Projects find you by skills: without them we cannot tell you about fitting ones.",
        "students:skills",
    ),
    (
        "about",
        15,
        "Say a little about yourself",
        "Two or three sentences. It is what an employer has to go by when you have no projects here yet.",
        "students:edit",
    ),
    (
        "school",
        10,
        "Add your school",
        "Employers look for students, and your school can help you only when it knows you are here.",
        "students:school",
    ),
    (
        "school_verified_at",
        10,
        "Confirm your school address",
        "A confirmed school stands on your profile with a tick, so nobody has to take your word for it.",
        "students:school",
    ),
    (
        "programme",
        10,
        "Say what you study, and until when",
        "It tells employers what you have already met, and when you are free for longer work.",
        "students:edit",
    ),
    (
        "evidence",
        5,
        "Say where you used one of your skills",
        "A course, a club, a weekend project: one line makes a skill believable.",
        "students:skills",
    ),
    (
        "resume",
        10,
        "Add your résumé",
        "Some employers ask for it. Only those you apply to can open it.",
        "students:resume",
    ),
    (
        "interests",
        5,
        "Choose what you would like to do",
        "We tell you about projects in these functions first.",
        "students:edit",
    ),
]
