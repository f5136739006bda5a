"""The student's yes: it freezes the agreement, makes the engagement, and asks for the money."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from marketplace.ground import calendar, clock
from marketplace.ground.errors import NotAllowed, WrongMoment
from marketplace.ground.nudge import nudge
from marketplace.ground.states import move, record
from payments.holds import actions as holds
from projects.applying import actions as applying
from projects.sponsoring import actions as sponsoring
from projects.sponsoring import notices as sponsors

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
    taken, why_not = _sponsorship(offer, by)
    engagement = _engagement(offer, by, now, taken)
    _milestones(engagement, offer.terms, taken)
    Agreement.objects.create(
        engagement=engagement,
        terms=offer.terms,
        text=offer.text,
        digest=offer.digest,
        employer_accepted_by=offer.made_by,
        employer_accepted_at=offer.created_at,
        student_accepted_at=now,
    )
    _open_hold(engagement, taken)
    nudge("matching.person", by.pk)  # fewer hours are free from now on
    applying.shift_answer_clock(project, offer.expires_at, engagement.fund_by)
    if holds.secure_covered(engagement.hold):
        engagement.refresh_from_db()
        return engagement
    notices.accepted(engagement)
    if why_not:
        sponsors.not_sponsored(engagement, why_not)
    return engagement


def _sponsorship(offer: Offer, student) -> tuple[sponsoring.Sponsorship | None, str]:
    """The sponsor's share that the offer names, taken from its wallet; or None and why it is not there any more.

    Then the employer pays the whole price, as the agreement says, or cancels before paying.
    """
    sponsor = offer.terms.get("sponsor")
    if not sponsor:
        return None, ""
    amounts = [row["sponsored"] for row in sponsor["milestones"]]
    try:
        return sponsoring.take(offer.project, student, draw_id=sponsor["draw"], amounts=amounts), ""
    except WrongMoment as refusal:
        return None, refusal.reason


def _engagement(offer: Offer, student, now: datetime, taken) -> Engagement:
    terms, project = offer.terms, offer.project
    money, rules = terms["money"], terms["policy"]
    if taken:
        money = {**money, **{name: terms["sponsor"][name] for name in ("price", "fee")}}
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
        sponsored=terms["sponsor"]["amount"] if taken else 0,
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


def _milestones(engagement: Engagement, terms: dict, taken) -> None:
    rows = terms["milestones"]
    if taken:
        rows = [{**row, **shared} for row, shared in zip(rows, terms["sponsor"]["milestones"], strict=True)]
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
            sponsored=row.get("sponsored", 0),
            due_at=datetime.fromisoformat(row["due_at"]),
        )
        for row in rows
    )


def _open_hold(engagement: Engagement, taken) -> None:
    # No deadline for payments: ours may move while a bank debit is on its way, and lapsing cancels the hold.
    parts = []
    for place, milestone in enumerate(engagement.milestones.all()):
        ref = milestone.part_ref
        if taken:
            parts += [holds.PartSpec(ref, amount, 0, lot=lot) for lot, amount in taken.pieces[place]]
        if milestone.due:
            parts.append(holds.PartSpec(ref, milestone.due, milestone.fee))
    hold = holds.open_hold(
        ref=engagement.hold_ref,
        payee=engagement.student,
        payer_ref=engagement.organisation.public_id,
        currency=engagement.currency,
        parts=parts,
        description=engagement.title[:200],
        release_delay_days=engagement.release_delay_days,
        hold_days=engagement.policy["hold_days"],
    )
    Engagement.objects.filter(pk=engagement.pk).update(hold=hold)
    engagement.hold = hold
    if taken:
        sponsoring.mark_used(taken, hold=hold, student=engagement.student)
