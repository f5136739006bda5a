"""The verbs of a student's profile. Each one acts on the profile of whoever does it (`by`)."""

from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction

from accounts.schools import queries as schools
from accounts.skills.actions import propose_skill
from marketplace.ground import clock, files
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.nudge import nudge
from marketplace.ground.text import written

from .models import StudentProfile, StudentSkill
from .queries import SKILLS_MAX

EDITABLE = frozenset(
    (
        "headline",
        "about",
        "programme",
        "graduates_in",
        "hours_free",
        "place",
        "interests",
        "website",
        "may_work",
        "needs_sponsor",
        "needs_school_sign_off",
        "open_to_invitations",
        "portfolio_on",
    )
)
YEARS_AHEAD = 10
MATCHING = "matching.student"  # the task that keeps what projects are matched by
web_address = URLValidator(schemes=["http", "https"], message="Write a web address like https://example.com.")


def _locked(by) -> StudentProfile:
    profile = StudentProfile.objects.select_for_update().filter(user=by).first()
    if profile is None:
        raise NotAllowed("You have no student profile yet.")
    return profile


@transaction.atomic
def create_profile(*, by, **fields) -> StudentProfile:
    """The student profile of `by`, made now if there was none; `fields` as in `update_profile`."""
    profile, _ = StudentProfile.objects.get_or_create(user=by)
    nudge(MATCHING, profile.pk)
    if fields:
        profile = update_profile(by=by, **fields)
    recognise_school(by)
    profile.refresh_from_db()
    return profile


@transaction.atomic
def update_profile(*, by, **fields) -> StudentProfile:
    """Change some of `EDITABLE`; text is trimmed. Raises `Invalid` beside the field, and nothing is changed."""
    unknown = set(fields) - EDITABLE
    if unknown:
        raise TypeError(f"not editable: {', '.join(sorted(unknown))}")
    profile = _locked(by)
    for name, value in fields.items():
        setattr(profile, name, written(value) if isinstance(value, str) and "\x00" not in value else value)
    problems = _problems(profile, fields)
    if problems:
        raise Invalid(problems)
    profile.updated_at = clock.now()
    if "open_to_invitations" in fields:
        profile.invitations_answered_at = profile.updated_at
    profile.save(update_fields=[*fields, "invitations_answered_at", "updated_at"])
    nudge(MATCHING, profile.pk)
    return profile


def _skills_changed(profile: StudentProfile) -> None:
    profile.updated_at = clock.now()
    profile.save(update_fields=["updated_at"])
    nudge(MATCHING, profile.pk)


def _problems(profile: StudentProfile, fields) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    judged = set(fields) - {"website"}  # which has a rule and words of its own
    try:
        profile.clean_fields(exclude=[f.name for f in profile._meta.concrete_fields if f.name not in judged])
    except ValidationError as error:
        problems = error.message_dict
    year = profile.graduates_in
    this_year = clock.now().year
    if (
        "graduates_in" in fields
        and "graduates_in" not in problems
        and year is not None
        and not (this_year - 1 <= year <= this_year + YEARS_AHEAD)
    ):
        problems["graduates_in"] = [
            f"Choose a year from {this_year - 1} to {this_year + YEARS_AHEAD}. "
            "Students and people within a year of finishing can take part."
        ]
    if "website" in fields and "website" not in problems and profile.website:
        try:
            web_address(profile.website)
        except ValidationError as error:
            problems["website"] = error.messages
    if "interests" in fields and "interests" not in problems:
        profile.interests = list(dict.fromkeys(profile.interests))
    return problems


# --- skills ------------------------------------------------------------------------------------------------
@transaction.atomic
def add_skill(*, by, name: str, level: str = StudentSkill.Level.ABLE, evidence: str = "") -> StudentSkill:
    """Put a skill on one's profile, or change its level and evidence when it is there.

    `name` is what the person typed: a name or alias that the vocabulary knows, or a new word, which stays
    pending until a moderator has placed it. Raises `Invalid` on `name`, `level` or `evidence`.
    """
    profile = _locked(by)
    if level not in StudentSkill.Level.values:
        raise Invalid({"level": ["Choose one of the three levels."]})
    evidence = written(" ".join(evidence.split()))
    if len(evidence) > 200:
        raise Invalid({"evidence": ["Keep this to 200 characters."]})
    skill = propose_skill(by=by, name=name)
    row = StudentSkill.objects.filter(student=profile, skill=skill).first()
    if row is None:
        if profile.skills.count() >= SKILLS_MAX:
            raise Invalid({"name": [f"{SKILLS_MAX} skills are the most. Remove one first."]})
        row = StudentSkill.objects.create(student=profile, skill=skill, level=level, evidence=evidence)
    else:
        row.level, row.evidence = level, evidence
        row.save(update_fields=["level", "evidence"])
    _skills_changed(profile)
    return row


@transaction.atomic
def remove_skill(*, by, skill) -> None:
    """Take a `Skill` off one's profile; nothing happens when it is not there."""
    profile = _locked(by)
    StudentSkill.objects.filter(student=profile, skill=skill).delete()
    _skills_changed(profile)


@transaction.atomic
def set_skills(*, by, skills) -> list[StudentSkill]:
    """Replace all skills by `skills`, an iterable of (name, level, evidence)."""
    profile = _locked(by)
    StudentSkill.objects.filter(student=profile).delete()
    _skills_changed(profile)
    return [add_skill(by=by, name=name, level=level, evidence=evidence) for name, level, evidence in skills]


# --- résumé ------------------------------------------------------------------------------------------------
@transaction.atomic
def set_resume(*, by, upload) -> StudentProfile:
    """Keep an uploaded file (PDF, DOCX or ODT by its content) as the résumé, in place of the one before."""
    profile = _locked(by)
    try:
        name = files.check_upload(upload, files.RESUME)
    except ValidationError as error:
        raise Invalid({"resume": error.messages}) from None
    old = profile.resume.name
    profile.resume.save(PurePath(files.stored_name("resumes", name)).name, upload, save=False)
    profile.resume_name, profile.updated_at = name, clock.now()
    try:
        profile.save(update_fields=["resume", "resume_name", "updated_at"])
    except Exception:
        profile.resume.storage.delete(profile.resume.name)
        raise
    _delete_later(profile, old)
    return profile


@transaction.atomic
def remove_resume(*, by) -> StudentProfile:
    profile = _locked(by)
    if not profile.resume:
        raise WrongMoment("There is no résumé to remove.")
    _delete_later(profile, profile.resume.name)
    profile.resume, profile.resume_name, profile.updated_at = "", "", clock.now()
    profile.save(update_fields=["resume", "resume_name", "updated_at"])
    return profile


def _delete_later(profile: StudentProfile, name: str) -> None:
    """The file goes once the row that named it has gone."""
    storage = profile.resume.storage
    if name:
        transaction.on_commit(lambda: storage.delete(name), robust=True)


# --- school ------------------------------------------------------------------------------------------------
@transaction.atomic
def recognise_school(user) -> StudentProfile | None:
    """Put the school on a profile when a confirmed address of the account is a school's. Safe at any time."""
    from allauth.account.models import EmailAddress

    profile = StudentProfile.objects.select_for_update().filter(user=user, school_verified_at=None).first()
    if profile is None:
        return None
    for email in (
        EmailAddress.objects.filter(user=user, verified=True)
        .order_by("-primary")
        .values_list("email", flat=True)
    ):
        school = schools.recognise(email)
        if school is not None and take_school(profile, school, email):
            return profile
    return None


def take_school(profile: StudentProfile, school, email: str) -> bool:
    """False when the address already vouches for another student."""
    profile.school, profile.school_email = school, email.lower()
    profile.school_verified_at = profile.updated_at = clock.now()
    try:
        with transaction.atomic():
            profile.save(update_fields=["school", "school_email", "school_verified_at", "updated_at"])
    except IntegrityError:
        return False
    nudge(MATCHING, profile.pk)
    return True


@transaction.atomic
def leave_school(*, by) -> StudentProfile:
    """Take the school off one's profile; its staff no longer see this student."""
    profile = _locked(by)
    if profile.school_id is None:
        raise WrongMoment("No school is on your profile.")
    profile.school, profile.school_email, profile.school_verified_at = None, "", None
    profile.updated_at = clock.now()
    profile.save(update_fields=["school", "school_email", "school_verified_at", "updated_at"])
    nudge(MATCHING, profile.pk)
    return profile
