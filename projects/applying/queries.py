"""Reads of applications: who may see which, what may be done now, and until when an answer is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import MD5, Concat

from accounts.employers.models import Membership
from accounts.students.models import StudentProfile
from accounts.students.queries import eligible
from marketplace.ground import clock, policy
from marketplace.ground.errors import NotAllowed, Refused, WrongMoment
from projects.posting.models import Project
from projects.posting.states import ClosedReason, ProjectState

from .models import Application
from .states import OPEN, ApplicationState, DeclineReason

S = ApplicationState
UNSEEN = (S.DRAFT, S.WITHDRAWN)  # never shown to an employer
TABS = {
    "new": (S.SUBMITTED,),
    "shortlist": (S.SHORTLISTED, S.OFFERED, S.HIRED),
    "closed": (S.DECLINED, S.EXPIRED),
}
RESERVE_PLACES = 3


# --- who sees what ---------------------------------------------------------------------------------------
def visible_to(user) -> QuerySet[Application]:
    """A student's own; to members of the employer whatever was sent and not withdrawn; to moderators all."""
    if not user.is_authenticated:
        return Application.objects.none()
    rows = Application.objects.select_related("project__organisation", "student")
    if user.is_staff:
        return rows
    return rows.filter(Q(student=user) | _at_employers_of(user))


def for_employer(user) -> QuerySet[Application]:
    """What the organisations of `user` may read (moderators: everything that was sent)."""
    rows = Application.objects.select_related("project__organisation", "student__student__school")
    return rows.exclude(state__in=UNSEEN) if user.is_staff else rows.filter(_at_employers_of(user))


def mine(user) -> QuerySet[Application]:
    """A student's own applications, newest first."""
    return (
        Application.objects.filter(student=user)
        .select_related("project__organisation")
        .order_by("-saved_at", "-pk")
    )


def _at_employers_of(user) -> Q:
    organisations = Membership.objects.filter(user=user).values("organisation")
    return Q(project__organisation__in=organisations) & ~Q(state__in=UNSEEN)


def may_read_resume(user, student) -> bool:
    """Whether `user` may open the résumé of `student` because of an application: the name has to be known already."""
    rows = for_employer(user).filter(student=student)
    known = Q(project__names_hidden=False) | Q(shortlisted_at__isnull=False) | Q(invited=True)
    return rows.filter(known).exists()


@dataclass(frozen=True)
class Face:
    """How an applicant is shown to the employer: by name, or by number while names are hidden."""

    name: str
    school: str
    key: str  # keeps the tone of the avatar
    blind: bool


def face(application: Application) -> Face:
    """Reads `student.student.school`; load it with the application."""
    if application.is_blind:
        return Face(f"Applicant {application.number}", "Name and school hidden", application.public_id, True)
    student = application.student
    profile = getattr(student, "student", None)
    school = profile.school.name if profile and profile.school else ""
    return Face(student.name, school, student.public_id, False)


# --- applying --------------------------------------------------------------------------------------------
def open_count(user) -> int:
    """Applications of `user` that count towards the cap: still open, in windows that are still open, not asked for."""
    return Application.objects.filter(
        student=user,
        state__in=OPEN,
        invited=False,
        project__state=ProjectState.PUBLISHED,
        project__apply_by__gt=clock.now(),
    ).count()


def is_invited(user, project: Project) -> bool:
    """Whether the employer has asked `user` to apply, in time (invitations belong to a later room)."""
    return project.invitations.filter(student=user, state__in=("open", "accepted")).exists()


def why_not_apply(user, project: Project) -> str | None:
    """None when `user` may send an application now, else the reason."""
    refusal = refusal_to_apply(user, project)
    return refusal.reason if refusal else None


def refusal_to_apply(
    user, project: Project, application: Application | None = None, profile: StudentProfile | None = None
) -> Refused | None:
    """Why `user` may not apply; the rows may be given when they are locked already."""
    if not user.is_authenticated:
        return NotAllowed("Sign in as a student to apply.")
    profile = profile or StudentProfile.objects.filter(user=user).first()
    if profile is None:
        return NotAllowed("Only students can apply. Add a student profile to your account first.")
    if Membership.objects.filter(user=user, organisation=project.organisation_id).exists():
        return NotAllowed("You belong to the organisation that posted this project.")
    application = application or Application.objects.filter(project=project, student=user).first()
    return (
        _answered_already(application)
        or refusal_of_window(project)
        or _not_eligible(profile, project)
        or _too_many(user, project)
    )


def _answered_already(application) -> Refused | None:
    if application is None or application.state in (S.DRAFT, S.WITHDRAWN):
        return None
    if application.is_open:
        return WrongMoment(
            "You have applied already. If you want to change something, withdraw it and send it again."
        )
    return WrongMoment("Your application for this project has had its final answer.")


def refusal_of_window(project: Project) -> Refused | None:
    if project.state != ProjectState.PUBLISHED:
        return WrongMoment("This project is closed.")
    if project.paused_at:
        return WrongMoment("A moderator is looking at this project, so nobody can apply for the moment.")
    if project.apply_by <= clock.now() or is_full(project):
        return WrongMoment("This project does not take any more applications.")
    return None


def is_full(project: Project) -> bool:
    """Whether the shortest window is over and as many have applied as the project takes."""
    return project.application_count >= project.application_cap and clock.now() >= lot_at(project)


def lot_at(project: Project) -> datetime:
    """When the shortest window ends: the earliest instant at which a full project closes and lots are drawn."""
    return project.published_at + timedelta(hours=policy.current().application_window_min_hours)


def _not_eligible(profile, project) -> Refused | None:
    school, verified = project.only_school_id, profile.school_verified_at is not None
    if school and not (verified and profile.school_id == school):
        return NotAllowed(f"This project is only for students of {project.only_school.name}.")
    if project.min_age and not _is_old_enough(profile, project.min_age):
        return NotAllowed(f"This project is only for people of {project.min_age} or older.")
    if eligible(profile, project.work_authorisation):
        return None
    return NotAllowed(
        "This project is only for students who may work in this country, and your profile does not say that "
        "you may. The employer never sees your answers."
    )


def _is_old_enough(profile, years: int) -> bool:
    born, day = profile.user.date_of_birth, clock.now().date()
    return (
        born is not None and day.year - born.year - ((day.month, day.day) < (born.month, born.day)) >= years
    )


def _too_many(user, project: Project) -> Refused | None:
    most = policy.current().open_applications
    if open_count(user) < most or is_invited(user, project):
        return None
    return WrongMoment(
        f"You have {most} applications in windows that are still open, which is the most at one time. "
        "Withdraw one, or wait until a window closes. Your draft is kept."
    )


# --- what may be done now --------------------------------------------------------------------------------
def allowed_actions(user, application: Application) -> dict[str, str | None]:
    """Each act that belongs to the role of `user`: None when it is allowed now, else the reason why not.

    Acts of the student: submit, withdraw, agree_reserve, leave_reserve. Of the employer's members: open,
    shortlist, unshortlist, decline. Moderators only read.
    """
    if not user.is_authenticated:
        return {}
    if application.student_id == user.pk:
        return student_acts(user, application)
    if Membership.objects.filter(user=user, organisation=application.project.organisation_id).exists():
        return employer_acts(application)
    return {}


def student_acts(user, application: Application) -> dict[str, str | None]:
    shortlisted = application.state == S.SHORTLISTED
    return {
        "submit": why_not_apply(user, application.project),
        "withdraw": why_not_withdraw(application),
        "agree_reserve": _reserve(application)
        if shortlisted and not application.in_reserve
        else "Only people on the shortlist can stay in reserve.",
        "leave_reserve": None if application.in_reserve and shortlisted else "You are not in reserve.",
    }


def how_it_ended(application: Application) -> str:
    """A sentence for whoever wants to do something that the state of the application no longer allows."""
    return {
        S.DECLINED: "This application was declined already.",
        S.WITHDRAWN: "This application was withdrawn.",
        S.EXPIRED: "This application has ended.",
        S.HIRED: "This applicant is hired.",
        S.DRAFT: "This application has not been sent yet.",
    }.get(application.state, f"This application is {application.get_state_display().lower()}.")


def why_not_withdraw(application: Application) -> str | None:
    if not application.is_open:
        return how_it_ended(application)
    if application.state == S.OFFERED and application.offers.filter(state="accepted").exists():
        return "You have accepted the offer. If you cannot do it, cancel the work instead."
    return None


def _reserve(application: Application) -> str | None:
    taken = Application.objects.filter(
        project=application.project, in_reserve=True, state=S.SHORTLISTED
    ).count()
    return None if taken < RESERVE_PLACES else f"{RESERVE_PLACES} people are in reserve already."


def employer_acts(application: Application) -> dict[str, str | None]:
    """Needs no query when `application.project` is loaded, so that lists may ask for every row."""
    state, project = application.state, application.project
    closed = None if project.state == ProjectState.PUBLISHED else "The project is closed."
    words = how_it_ended(application)
    if state == S.OFFERED:
        words = "There is an offer. Withdraw the offer first."
    return {
        "open": None if state not in UNSEEN else words,
        "shortlist": closed or (None if state == S.SUBMITTED else words),
        "unshortlist": closed or (None if state == S.SHORTLISTED else words),
        "decline": None if state in (S.SUBMITTED, S.SHORTLISTED) else words,
    }


# --- when an answer is due -------------------------------------------------------------------------------
def hears_by(application: Application) -> datetime | None:
    """The date by which the student has an answer; None when there is one, or nothing was sent.

    Until the employer's answer clock ends that is its end; after it, the day on which silence closes everything.
    """
    project = application.project
    if application.state not in (S.SUBMITTED, S.SHORTLISTED):
        return None
    if project.state != ProjectState.PUBLISHED:  # in reserve: until the work starts
        return project.closes_silently_at if project.closed_reason == ClosedReason.FILLED else None
    return project.answer_by if project.answer_by > clock.now() else project.closes_silently_at


def status(application: Application) -> str:
    """The state in a few words for the student."""
    if application.state == S.EXPIRED:
        return {DeclineReason.NO_FUNDS: "Ended: pay not secured"}.get(
            application.decline_reason, "Employer did not respond"
        )
    if application.state == S.DECLINED and application.decline_reason == DeclineReason.LOT:
        return "Not drawn in the lot"
    if application.state == S.SUBMITTED and application.opened_at:
        return "Being read"
    if (
        application.state == S.SHORTLISTED
        and application.in_reserve
        and application.project.state == ProjectState.CLOSED
    ):
        return "In reserve"
    return application.get_state_display()


# --- the board -------------------------------------------------------------------------------------------
def board(project: Project, user, tab: str = "new") -> QuerySet[Application]:
    """Applicants of `project` in one tab, shuffled for each reader so that nobody gains from being first."""
    return (
        with_facts(Application.objects.filter(project=project, state__in=TABS[tab]))
        .annotate(shuffle=MD5(Concat("public_id", Value(user.public_id), output_field=CharField())))
        .order_by("shuffle", "pk")
    )


def with_facts(rows: QuerySet[Application]) -> QuerySet[Application]:
    """What a row of the board and a column of the comparison need, in a constant number of queries."""
    return (
        rows.select_related("project__organisation", "student__student__school")
        .prefetch_related(
            "answers__question",
            "student__student__skills__skill",
            "project__project_skills__skill",
        )
        .annotate(
            finished=Count(
                "student__engagements", filter=Q(student__engagements__state="completed"), distinct=True
            )
        )
    )


def tab_counts(project: Project) -> dict[str, int]:
    states = dict(
        Application.objects.filter(project=project).order_by().values_list("state").annotate(n=Count("pk"))
    )
    counts = {tab: sum(states.get(state, 0) for state in members) for tab, members in TABS.items()}
    return counts | {
        "withdrawn": states.get(S.WITHDRAWN, 0),
        "waiting": sum(states.get(state, 0) for state in OPEN),
    }


def skills_of(application: Application) -> list[tuple]:
    """(name of a skill that the project asks for, the student's row for it or None); all prefetched."""
    profile = getattr(application.student, "student", None)
    own = {row.skill_id: row for row in profile.skills.all()} if profile else {}
    return [(asked.skill.name, own.get(asked.skill_id)) for asked in application.project.project_skills.all()]


def unanswered(user) -> QuerySet[Application]:
    """Open applications that wait for the organisations of `user`, the ones due first."""
    return (
        for_employer(user)
        .filter(state__in=(S.SUBMITTED, S.SHORTLISTED), project__state=ProjectState.PUBLISHED)
        .order_by("project__answer_by", "pk")
    )


def in_play() -> Exists:
    """For a queryset of projects: somebody has an offer, open or accepted and not yet paid."""
    return Exists(Application.objects.filter(project=OuterRef("pk"), state=S.OFFERED))
