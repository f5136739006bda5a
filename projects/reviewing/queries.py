"""Reads after the end: reviews that may be seen, the public records of both sides, completion records."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, Sum

from accounts.employers.models import Membership, Organisation
from accounts.students.models import StudentProfile
from marketplace.ground import clock, policy
from projects.applying.records import AnswerRecord, answer_record
from projects.hiring.models import Engagement, Milestone
from projects.hiring.states import EndReason, EngagementState
from projects.posting.queries import open_now
from projects.working.models import Submission
from projects.working.queries import side_of

from .models import Credential, Review, Side

OPEN_SHOWN = 20
E = EngagementState


# --- who sees what ------------------------------------------------------------------------------------------
def visible_to(user):
    """Reviews that are public, and one's own side's; a moderator sees all."""
    rows = Review.objects.select_related(
        "engagement__organisation", "engagement__student", "engagement__project"
    )
    if not user.is_authenticated:
        return rows.exclude(public_at=None)
    if user.is_staff:
        return rows
    member_of = Membership.objects.filter(user=user).values("organisation")
    return rows.filter(
        Q(public_at__isnull=False)
        | Q(side=Side.STUDENT, engagement__student=user)
        | Q(side=Side.EMPLOYER, engagement__organisation__in=member_of)
    )


def records():
    """Completion records, for everybody who has the address; a record taken back says so."""
    return Credential.objects.select_related("engagement__organisation", "engagement__project", "student")


def allowed_actions(user, engagement: Engagement) -> dict[str, str | None]:
    """`review`: after the end, once for each side, while the window is open."""
    side = side_of(user, engagement)
    if side is None:
        return {}
    if engagement.review_until is None:
        over = engagement.state == E.CANCELLED
        return {
            "review": "It never started, so there is nothing to review."
            if over
            else "You can review each other when the project has ended."
        }
    if Review.objects.filter(engagement=engagement, side=side).exists():
        return {"review": "Your side has written its review."}
    if engagement.review_until <= clock.now():
        return {"review": "The time to review is over."}
    return {"review": None}


def allowed_on_record(user, credential: Credential) -> dict[str, str | None]:
    if not user.is_authenticated or user.pk != credential.student_id:
        return {}
    return {"show": "This record was taken back." if credential.revoked_at else None}


# --- scores ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Score:
    """`stars` (1 to 5, one decimal) and `again` (whole percent who would work together again): None until public."""

    reviews: int = 0
    stars: float | None = None
    again: int | None = None


def _score(reviews, others: str) -> Score:
    """Public only with enough engagements with as many different people (`others` is the path to them)."""
    rules = policy.current()
    found = reviews.exclude(public_at=None).aggregate(
        reviews=Count("pk"),
        people=Count(others, distinct=True),
        mean=Avg("score"),
        again=Count("pk", filter=Q(again=True)),
    )
    enough = min(found["reviews"], found["people"]) >= rules.public_score_min
    return Score(
        found["reviews"],
        round(found["mean"], 1) if enough else None,
        percent(found["again"], found["reviews"], rules.public_figure_min),
    )


def percent(part: int, whole: int, least: int) -> int | None:
    """Whole percent, or None below `least` cases."""
    return round(part * 100 / whole) if whole and whole >= least else None


# --- the employer's record ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class EmployerRecord:
    """What anybody may see of how an employer behaves; figures below the least number of cases are None.

    on_time: percent of the milestones that a person approved before silence did. hours: actual to estimated
    hours in percent, over the engagements whose student said how long it took.
    """

    answers: AnswerRecord
    score: Score
    completed: int
    unfunded: int
    on_time: int | None
    hours: int | None
    hours_cases: int


def employer_record(organisation: Organisation) -> EmployerRecord:
    least = policy.current().public_figure_min
    mine = Engagement.objects.filter(organisation=organisation)
    ends = mine.aggregate(
        completed=Count("pk", filter=Q(state=E.COMPLETED)),
        unfunded=Count("pk", filter=Q(end_reason=EndReason.NO_FUNDS)),
    )
    approved = Milestone.objects.filter(
        engagement__organisation=organisation, approved_at__isnull=False
    ).aggregate(all=Count("pk"), person=Count("pk", filter=Q(approved_by_silence=False)))
    hours, cases = _hours(mine)
    return EmployerRecord(
        answers=answer_record(organisation),
        score=_score(
            Review.objects.filter(engagement__organisation=organisation, side=Side.STUDENT),
            "engagement__student",
        ),
        completed=ends["completed"],
        unfunded=ends["unfunded"],
        on_time=percent(approved["person"], approved["all"], least),
        hours=hours if cases >= least else None,
        hours_cases=cases,
    )


def _hours(engagements) -> tuple[int | None, int]:
    """Actual to estimated hours in percent, and over how many completed engagements."""
    said = Submission.objects.filter(milestone=OuterRef("pk"), hours__isnull=False)
    unsaid = Milestone.objects.filter(engagement=OuterRef("pk"), approved_at__isnull=False).exclude(
        Exists(said)
    )
    known = engagements.filter(state=E.COMPLETED, hours__gt=0).exclude(Exists(unsaid))
    estimated = known.aggregate(hours=Sum("hours"), cases=Count("pk"))
    actual = Submission.objects.filter(milestone__engagement__in=known).aggregate(hours=Sum("hours"))["hours"]
    if not estimated["hours"] or not actual:
        return None, 0
    return round(actual * 100 / estimated["hours"]), estimated["cases"]


def employers_shown():
    """Organisations whose record anybody may see."""
    return Organisation.objects.filter(suspended_at=None)


def reviews_of_employer(organisation: Organisation):
    """What students wrote, public, newest first. The student is not named."""
    return (
        Review.objects.filter(
            engagement__organisation=organisation, side=Side.STUDENT, public_at__isnull=False
        )
        .select_related("engagement__project")
        .order_by("-public_at", "-pk")
    )


def open_projects(organisation: Organisation):
    return open_now().filter(organisation=organisation).order_by("apply_by")[:OPEN_SHOWN]


# --- the student's record -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class StudentRecord:
    """`hours` and `completed` are sums over completed engagements; on_time is a percent of first versions."""

    score: Score
    completed: int
    hours: str
    on_time: int | None
    since: date | None


def student_record(user) -> StudentRecord:
    from .claims import plain

    least = policy.current().public_figure_min
    done = Engagement.objects.filter(student=user, state=E.COMPLETED)
    sums = done.aggregate(completed=Count("pk"), hours=Sum("hours"))
    first = Submission.objects.filter(milestone__engagement__in=done, version=1).aggregate(
        all=Count("pk"), kept=Count("pk", filter=Q(late=False))
    )
    oldest = done.order_by("ended_at").values_list("ended_at", flat=True).first()
    return StudentRecord(
        score=_score(
            Review.objects.filter(engagement__student=user, side=Side.EMPLOYER), "engagement__organisation"
        ),
        completed=sums["completed"],
        hours=plain(sums["hours"]) if sums["hours"] else "0",
        on_time=percent(first["kept"], first["all"], least),
        since=oldest.date() if oldest else None,
    )


def portfolio_for(viewer, public_id: str) -> StudentProfile | None:
    """The profile behind a portfolio page: switched on by its student; they and moderators see it before, too."""
    rows = StudentProfile.objects.select_related("user", "school").filter(
        user__public_id=public_id, user__is_active=True, user__suspended_at=None
    )
    on = Q(portfolio_on=True)
    if viewer.is_authenticated:
        on |= Q(user=viewer) | (Q(pk=F("pk")) if viewer.is_staff else Q(pk__in=[]))
    return rows.filter(on).first()


def records_of(user, *, all_of_them: bool = False):
    """A student's records, newest first: those in the portfolio, or all of them for the student."""
    rows = Credential.objects.filter(student=user).order_by("-issued_at", "-pk")
    return rows if all_of_them else rows.filter(in_portfolio=True, revoked_at=None)


def reviews_of_student(user):
    return (
        Review.objects.filter(engagement__student=user, side=Side.EMPLOYER, public_at__isnull=False)
        .select_related("engagement__organisation", "engagement__credential")
        .order_by("-public_at", "-pk")
    )


# --- what is due ----------------------------------------------------------------------------------------------
def windows_over(now):
    """Engagements whose window is over and that have a review still hidden."""
    hidden = Review.objects.filter(engagement=OuterRef("pk"), public_at=None)
    return Engagement.objects.filter(Exists(hidden), review_until__lte=now)


def windows_ending(now, within):
    """(engagement, side) that have not written and whose window ends within `within`."""
    rows = (
        Engagement.objects.filter(review_until__gt=now, review_until__lte=now + within)
        .select_related("organisation", "student", "project")
        .prefetch_related("reviews")
        .order_by("review_until")
    )
    for engagement in rows[:200]:
        written = {review.side for review in engagement.reviews.all()}
        for side in Side.values:
            if side not in written:
                yield engagement, side
