"""The student's yes: it freezes the agreement, makes the engagement, and asks for the money."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from marketplace.ground import calendar, clock
from marketplace.ground.errors import NotAllowed, WrongMoment
from marketplace.ground.states import move, record
from payments.holds import actions as holds
from projects.applying import actions as applying

from .. import notices, queries
from ..models import Agreement, Engagement, Milestone, Offer
from ..states import EngagementState, OfferState
from .offers import lock_offer, lock_student


@transaction.atomic
def accept_offer(*, by, offer: Offer) -> Engagement:
    """Accept the offer as it was read. Nobody else is declined yet: that waits for the money.

    Raises `WrongMoment` with the reason when the offer is over or the student has too much to do already.
    """
    project, application, offer = lock_offer(offer)
    if application.student_id != by.pk:
        raise NotAllowed("Only the student can answer this offer.")
    lock_student(by)
    if reason := queries.why_not_accept(offer):
        raise WrongMoment(reason)
    now = clock.now()
    move(offer, OfferState.ACCEPTED, by=by, reason="accepted", answered_at=now)
    engagement = _engagement(offer, by, now)
    _milestones(engagement, offer.terms["milestones"])
    Agreement.objects.create(
        engagement=engagement,
        terms=offer.terms,
        text=offer.text,
        digest=offer.digest,
        employer_accepted_by=offer.made_by,
        employer_accepted_at=offer.created_at,
        student_accepted_at=now,
    )
    _open_hold(engagement)
    applying.shift_answer_clock(project, offer.expires_at, engagement.fund_by)
    notices.accepted(engagement)
    return engagement


def _engagement(offer: Offer, student, now: datetime) -> Engagement:
    terms, project = offer.terms, offer.project
    money, rules = terms["money"], terms["policy"]
    fund_by = calendar.after_quiet(
        calendar.add_business_days(now, rules["funds_business_days"]), project.zone
    )
    engagement = Engagement.objects.create(
        project=project,
        application=offer.application,
        offer=offer,
        organisation=project.organisation,
        student=student,
        title=terms["title"],
        price=money["price"],
        fee=money["fee"],
        currency=money["currency"],
        hours=Decimal(terms["scope"]["hours"]),
        policy=rules,
        release_delay_days=money["release_delay_days"],
        created_at=now,
        fund_by=fund_by,
        start_on=offer.start_on,
        due_on=offer.due_on,
    )
    record(engagement, EngagementState.AWAITING_FUNDS, by=student)
    return engagement


def _milestones(engagement: Engagement, rows: list[dict]) -> None:
    Milestone.objects.bulk_create(
        Milestone(
            engagement=engagement,
            order=row["order"],
            title=row["title"],
            outcome=row["outcome"],
            done_when=row["done_when"],
            hours=Decimal(row["hours"]),
            price=row["price"],
            fee=row["fee"],
            due_at=datetime.fromisoformat(row["due_at"]),
        )
        for row in rows
    )


def _open_hold(engagement: Engagement) -> None:
    # No deadline for payments: ours may move while a bank debit is on its way, and lapsing cancels the hold.
    parts = [
        (milestone.part_ref, milestone.price, milestone.fee) for milestone in engagement.milestones.all()
    ]
    hold = holds.open_hold(
        ref=engagement.hold_ref,
        payee=engagement.student,
        payer_ref=engagement.organisation.public_id,
        currency=engagement.currency,
        parts=parts,
        description=engagement.title[:200],
        release_delay_days=engagement.release_delay_days,
    )
    Engagement.objects.filter(pk=engagement.pk).update(hold=hold)
    engagement.hold = hold
