"""Reads of offers and engagements: who may see which, and what may be done now."""

from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.employers.models import Membership
from accounts.students.models import StudentProfile
from marketplace.ground import clock, policy
from marketplace.ground.errors import NotAllowed, Refused, WrongMoment
from marketplace.ground.money import show
from projects.applying import queries as applying
from projects.applying.models import Application
from projects.applying.states import ApplicationState
from projects.posting import queries as posting
from projects.posting.models import Project
from projects.posting.states import ClosedReason, ProjectState

from .limits import SIGN_OFF_DAYS, capacity, chain
from .models import ContractorCheck, Engagement, Offer
from .states import LIVE, CheckState, EndReason, EngagementState, OfferState

START_WITHIN = 14  # days from the offer: time to accept, to secure the funds, and to begin
USUAL_WAIT = 5  # days that accepting and securing usually take


# --- who sees what ---------------------------------------------------------------------------------------
def visible_to(user) -> QuerySet[Engagement]:
    """Engagements: the student's own, those of the organisations of `user`; moderators see all."""
    if not user.is_authenticated:
        return Engagement.objects.none()
    rows = Engagement.objects.select_related("project", "organisation", "student", "application")
    return rows if user.is_staff else rows.filter(Q(student=user) | Q(organisation__in=_organisations(user)))


def offers_visible_to(user) -> QuerySet[Offer]:
    """Offers: to the student and to the employer's members; moderators see all."""
    if not user.is_authenticated:
        return Offer.objects.none()
    rows = Offer.objects.select_related("project__organisation", "application__student")
    if user.is_staff:
        return rows
    return rows.filter(Q(application__student=user) | Q(project__organisation__in=_organisations(user)))


def _organisations(user):
    return Membership.objects.filter(user=user).values("organisation")


def engagement_for(user, public_id: str) -> Engagement:
    """One engagement that `user` may see, or 404."""
    return get_object_or_404(visible_to(user), public_id=public_id)


def side_of(user, engagement: Engagement) -> str:
    """`student`, `employer`, or `moderator` for somebody who only reads."""
    if engagement.student_id == user.pk:
        return "student"
    return "employer" if membership_of(user, engagement.organisation_id) else "moderator"


def membership_of(user, organisation_id) -> Membership | None:
    return Membership.objects.filter(user=user, organisation=organisation_id).first()


def offers_waiting(user) -> QuerySet[Offer]:
    """Offers that `user` has to answer, the ones that end first in front."""
    return (
        Offer.objects.filter(application__student=user, state=OfferState.OPEN)
        .select_related("project__organisation")
        .order_by("expires_at")
    )


def unfunded(user) -> QuerySet[Engagement]:
    """Engagements of the organisations of `user` that wait for their money."""
    return (
        visible_to(user)
        .filter(organisation__in=_organisations(user), state=EngagementState.AWAITING_FUNDS)
        .order_by("fund_by")
    )


def lapsed_count(organisation) -> int:
    """How often a student had accepted and the money never came; part of the employer's record."""
    return Engagement.objects.filter(organisation=organisation, end_reason=EndReason.NO_FUNDS).count()


# --- what may be done now --------------------------------------------------------------------------------
def allowed_actions(user, thing) -> dict[str, str | None]:
    """Each act that belongs to the role of `user`: None when it is allowed now, else the reason why not.

    thing: an `Application` (make_offer, ask_moderator), an `Offer` (accept, decline, hold; withdraw) or an
    `Engagement` (fund).
    """
    if not user.is_authenticated:
        return {}
    if isinstance(thing, Application):
        return _application_acts(user, thing)
    if isinstance(thing, Offer):
        return _offer_acts(user, thing)
    if membership_of(user, thing.organisation_id):
        refusal = refusal_to_fund(user, thing)
        return {"fund": refusal.reason if refusal else None}
    return {}


def _application_acts(user, application) -> dict[str, str | None]:
    if not membership_of(user, application.project.organisation_id):
        return {}
    refusal = refusal_to_offer(application)
    asks = None if isinstance(refusal, NeedsModerator) else "Nothing has to be asked."
    return {"make_offer": refusal.reason if refusal else None, "ask_moderator": asks}


def _offer_acts(user, offer: Offer) -> dict[str, str | None]:
    if offer.application.student_id == user.pk:
        return {
            "accept": why_not_accept(offer),
            "decline": why_not_answer(offer),
            "hold": why_not_hold(offer),
        }
    if membership_of(user, offer.project.organisation_id):
        return {"withdraw": None if offer.state == OfferState.OPEN else _is(offer)}
    return {}


def _is(offer: Offer) -> str:
    return f"This offer is {offer.get_state_display().lower()}."


# --- making an offer -------------------------------------------------------------------------------------
def refusal_to_offer(application: Application) -> Refused | None:
    """Why nobody of the employer may offer this applicant the work now, dates aside."""
    project = application.project
    return (
        _posting_refusal(project, application)
        or _place_taken(project)
        or _application_refusal(application)
        or _price_refusal(project)
        or _chain_refusal(project, application)
    )


def _posting_refusal(project: Project, application: Application) -> Refused | None:
    if reason := posting.suspension(project.organisation):
        return WrongMoment(reason)
    if project.paused_at:
        return WrongMoment("A moderator is looking at this project. Offers wait until then.")
    if project.state == ProjectState.PUBLISHED or _is_replacement(project, application):
        return None
    return WrongMoment("The project is closed.")


def _is_replacement(project: Project, application: Application) -> bool:
    """Somebody from the reserve takes the place of work that never started."""
    filled = project.state == ProjectState.CLOSED and project.closed_reason == ClosedReason.FILLED
    return filled and application.in_reserve


def _place_taken(project: Project) -> Refused | None:
    if project.engagements.filter(state__in=[*LIVE, EngagementState.COMPLETED]).exists():
        return WrongMoment(
            "Somebody has this place already. To hire another person, post a copy of the project."
        )
    if project.offers.filter(state=OfferState.OPEN).exists():
        return WrongMoment(
            "There is an offer to somebody else. Wait for the answer or withdraw that offer first."
        )
    return None


def _application_refusal(application: Application) -> Refused | None:
    if application.state in (ApplicationState.SUBMITTED, ApplicationState.SHORTLISTED):
        return None
    return WrongMoment(applying.how_it_ended(application))


def _price_refusal(project: Project) -> Refused | None:
    most = policy.current().unproven_max_cents
    if project.organisation.proven_at or project.price <= most:
        return None
    return WrongMoment(f"Your first project on this site can cost at most {show(most, project.currency)}.")


def _chain_refusal(project: Project, application: Application) -> Refused | None:
    reason = chain(project.organisation, application.student, project.hours)
    if reason is None:
        return None
    check = ContractorCheck.objects.filter(application=application).first()
    if check is None:
        return NeedsModerator(reason)
    if check.state == CheckState.ALLOWED:
        return None
    if check.state == CheckState.REFUSED:
        return WrongMoment(f"A moderator did not agree to this repeat hire. {check.note}".strip())
    return WrongMoment("A moderator is looking at this repeat hire. You hear as soon as it is decided.")


class NeedsModerator(WrongMoment):
    """Only a moderator's yes is missing: the employer can ask for it."""


def check_act(user, check: ContractorCheck) -> str | None:
    """Why a moderator may not decide this repeat hire; None when they may."""
    if not user.is_staff:
        return "Only a moderator can decide this."
    if check.state != CheckState.ASKED:
        return f"This was decided: {check.get_state_display().lower()}."
    if membership_of(user, check.application.project.organisation_id):
        return "You belong to this organisation, so another moderator decides."
    return None


def date_problems(project: Project, start_on: date, due_on: date) -> dict[str, list[str]]:
    """What is wrong with the dates of an offer, by field; empty when they are fine."""
    rules, today = policy.current(), posting.today(project)
    wrong: dict[str, list[str]] = {}
    if start_on < today:
        wrong["start_on"] = ["Choose a start that is still to come."]
    elif start_on > today + timedelta(days=START_WITHIN):
        wrong["start_on"] = [f"Choose a start within the next {START_WITHIN} days."]
    days = (due_on - start_on).days
    if days < rules.min_days:
        wrong["due_on"] = [f"Leave at least {rules.min_days} days between start and end."]
    elif days > rules.max_days:
        wrong["due_on"] = [f"The work ends at most {rules.max_days} days after its start."]
    return wrong


def suggested_dates(project: Project) -> tuple[date, date]:
    """Start and end to begin with: those of the posting, or as long a span from the first likely day."""
    rules, today = policy.current(), posting.today(project)
    span = (
        (project.due_on - project.start_on).days
        if project.start_on and project.due_on
        else rules.min_days * 2
    )
    span = min(max(span, rules.min_days), rules.max_days)
    start = project.start_on
    if not start or start < today or start > today + timedelta(days=START_WITHIN):
        start = today + timedelta(days=USUAL_WAIT)
        start += timedelta(
            days=max(7 - start.weekday(), 0) if start.weekday() >= 5 else 0
        )  # not on a weekend
    return start, start + timedelta(days=span)


# --- answering one ---------------------------------------------------------------------------------------
def why_not_answer(offer: Offer) -> str | None:
    if offer.state != OfferState.OPEN:
        return _is(offer)
    return "The time to answer this offer is over." if offer.expires_at <= clock.now() else None


def why_not_hold(offer: Offer) -> str | None:
    """A student whose school has to sign off may hold an offer longer; the employer sees only the date."""
    reason = why_not_answer(offer)
    if reason:
        return reason
    if not StudentProfile.objects.filter(
        user=offer.application.student_id, needs_school_sign_off=True
    ).exists():
        return "This is for students whose school has to sign off on the work. Say so on your profile first."
    held = offer.expires_at > offer.created_at + timedelta(days=SIGN_OFF_DAYS - 1)
    return "You are holding this offer already." if held else None


def why_not_accept(offer: Offer) -> str | None:
    reason = why_not_answer(offer)
    if reason:
        return reason
    project = offer.project
    if project.paused_at or project.organisation.suspended_at:
        return "A moderator is looking at this employer's posting. The offer waits for you until then."
    return capacity_for(offer).reason


def capacity_for(offer: Offer):
    """What the student would carry with this offer accepted."""
    return capacity(
        offer.application.student, hours=offer.project.hours, start_on=offer.start_on, due_on=offer.due_on
    )


# --- securing the funds ----------------------------------------------------------------------------------
def refusal_to_fund(user, engagement: Engagement) -> Refused | None:
    member = membership_of(user, engagement.organisation_id)
    if member is None:
        return NotAllowed("Only the employer pays for this.")
    if member.role != Membership.Role.OWNER:
        return NotAllowed("Owners of the organisation look after its money. Ask one of them to pay.")
    if engagement.state != EngagementState.AWAITING_FUNDS:
        return WrongMoment(
            "Nothing is to be paid: "
            + {
                EngagementState.CANCELLED: "this engagement has ended.",
            }.get(engagement.state, "the funds are secured.")
        )
    if engagement.fund_by <= clock.now() and not engagement.funds_coming_at:
        return WrongMoment("The time to secure the funds is over.")
    if engagement.funds_coming_at:
        return WrongMoment("A payment is on its way already. Banks take a few days.")
    return None
