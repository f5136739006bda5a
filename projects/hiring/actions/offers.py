"""Making an offer, and every way in which it ends without a yes."""

from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.students.models import StudentProfile
from marketplace.ground import calendar, clock, ids, policy
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.states import move, record
from projects.applying import actions as applying
from projects.applying.models import Application
from projects.applying.states import ApplicationState

from .. import agreement, limits, notices, queries
from ..models import Offer
from ..states import OfferState

MAX_MESSAGE = 1200
MAX_NOTE = 600


@transaction.atomic
def make_offer(*, by, application: Application, start_on: date, due_on: date, message: str = "") -> Offer:
    """Offer the work to one applicant. The terms are written down here, word for word; accepting makes them binding.

    Raises `Invalid` for dates or a message that cannot be, `NotAllowed` for somebody who is not of the employer,
    `WrongMoment` with the reason when the place is taken, the student cannot take it on, or a rule forbids it.
    """
    project, application = applying.lock(application)
    if queries.membership_of(by, project.organisation_id) is None:
        raise NotAllowed("Only people of the organisation that posted this can make an offer.")
    refusal = queries.refusal_to_offer(application)
    if refusal:
        raise refusal
    _check(project, start_on, due_on, message)
    lock_student(application.student)
    if limits.capacity(application.student, hours=project.hours, start_on=start_on, due_on=due_on).reason:
        raise WrongMoment(
            "This student cannot take on more work at these dates. Try later dates, or somebody else."
        )
    number = ids.public_id()
    terms = agreement.terms_for(
        project=project,
        student=application.student,
        made_by=by,
        number=number,
        start_on=start_on,
        due_on=due_on,
    )
    text, now = agreement.text_of(terms), clock.now()
    offer = Offer.objects.create(
        public_id=number,
        project=project,
        application=application,
        made_by=by,
        message=message.strip(),
        start_on=start_on,
        due_on=due_on,
        created_at=now,
        expires_at=ends_at(now, application.student.zone),
        terms=terms,
        text=text,
        digest=agreement.digest_of(text),
    )
    record(offer, OfferState.OPEN, by=by)
    applying.put_forward(application, ApplicationState.OFFERED, by=by)
    applying.shift_answer_clock(project, now, offer.expires_at)
    notices.offered(offer)
    return offer


def ends_at(now: datetime, zone: str) -> datetime:
    """48 hours from `now`, 72 when a weekend of the operator lies in between; never in the student's night."""
    rules = policy.current()
    end = now + timedelta(hours=rules.offer_hours)
    if calendar.touches_weekend(now, end, rules.zone):
        end = now + timedelta(hours=rules.offer_weekend_hours)
    return calendar.after_quiet(end, zone)


def _check(project, start_on: date, due_on: date, message: str) -> None:
    wrong = queries.date_problems(project, start_on, due_on)
    if len(message) > MAX_MESSAGE:
        wrong["message"] = [f"Keep the message under {MAX_MESSAGE} characters."]
    if wrong:
        raise Invalid(wrong)


@transaction.atomic
def decline_offer(*, by, offer: Offer, note: str = "") -> Offer:
    """The student says no, and with that leaves the project; the employer may offer it to somebody else."""
    _, application, offer = lock_offer(offer)
    if application.student_id != by.pk:
        raise NotAllowed("Only the student can answer this offer.")
    if reason := queries.why_not_answer(offer):
        raise WrongMoment(reason)
    if len(note) > MAX_NOTE:
        raise Invalid({"note": [f"Keep the note under {MAX_NOTE} characters."]})
    turn_down(offer, by=by, note=note.strip())
    applying.step_back(application, by=by, reason="offer_declined")
    return offer


@transaction.atomic
def hold_offer(*, by, offer: Offer) -> Offer:
    """The student's school has to sign off first: the offer lives three weeks, and the employer sees the new date."""
    project, application, offer = lock_offer(offer)
    if application.student_id != by.pk:
        raise NotAllowed("Only the student can hold this offer.")
    if reason := queries.why_not_hold(offer):
        raise WrongMoment(reason)
    old = offer.expires_at
    expires_at = calendar.after_quiet(offer.created_at + timedelta(days=limits.SIGN_OFF_DAYS), by.zone)
    Offer.objects.filter(pk=offer.pk).update(expires_at=expires_at)
    offer.expires_at = expires_at
    record(offer, offer.state, old=offer.state, by=by, reason="held")
    applying.shift_answer_clock(project, old, expires_at)
    notices.held(offer)
    return offer


def turn_down(offer: Offer, *, by, note: str = "") -> None:
    """The offer ends by the student's no; the caller holds the locks and moves the application."""
    _end(offer, OfferState.DECLINED, by=by, reason="declined", decline_note=note)
    notices.turned_down(offer)


@transaction.atomic
def withdraw_offer(*, by, offer: Offer) -> Offer:
    """The employer takes an open offer back; the applicant stays on the shortlist."""
    project, application, offer = lock_offer(offer)
    if queries.membership_of(by, project.organisation_id) is None:
        raise NotAllowed("Only people of the organisation that made the offer can withdraw it.")
    if offer.state != OfferState.OPEN:
        raise WrongMoment(f"This offer is {offer.get_state_display().lower()}.")
    _end(offer, OfferState.WITHDRAWN, by=by, reason="withdrawn")
    applying.back_to_shortlist(application, by=by, reason="offer_withdrawn")
    notices.withdrawn(offer)
    return offer


@transaction.atomic
def expire_offer(offer: Offer) -> bool:
    """The clock ends an offer that nobody answered; True when it did. The applicant stays on the shortlist."""
    project, application, offer = lock_offer(offer)
    if offer.state != OfferState.OPEN or offer.expires_at > clock.now() or project.paused_at:
        return False
    _end(offer, OfferState.EXPIRED, by=None, reason="expired")
    applying.back_to_shortlist(application, by=None, reason="offer_expired")
    notices.lapsed(offer)
    return True


def _end(offer: Offer, to: str, *, by, reason: str, **changes) -> None:
    now = clock.now()
    move(offer, to, by=by, reason=reason, answered_at=now, **changes)
    applying.shift_answer_clock(offer.project, offer.expires_at, now)


def lock_offer(offer: Offer):
    """Project, application and offer, locked in that order and tied to each other."""
    project, application = applying.lock(offer.application)
    row = Offer.objects.select_for_update(of=("self",)).get(pk=offer.pk)
    row.project, row.application = project, application
    return project, application, row


def lock_student(user) -> None:
    """What is counted per student is counted by one at a time. Taken after the project and the application."""
    StudentProfile.objects.select_for_update(no_key=True).filter(user=user).first()
