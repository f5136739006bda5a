"""What a moderator does, what the two sides do about it, and the clocks between."""

from datetime import datetime, timedelta

from django.db import transaction

from marketplace.ground import calendar, clock
from marketplace.ground.errors import WrongMoment
from marketplace.ground.states import move, record
from projects.working import clocks
from projects.working import queries as work

from .. import notices, queries
from ..inputs import clean_amount, clean_words
from ..models import Dispute, Statement
from ..states import DisputeState
from .ending import lock, settle

D, Kind = DisputeState, Statement.Kind


def pass_to_moderator(dispute: Dispute) -> Dispute:
    """Nobody answered, or the two did not agree in time. Raises `WrongMoment` before that."""
    with transaction.atomic():
        row, now = lock(dispute), clock.now()
        until = {D.OPENED: row.answer_by, D.ANSWERED: row.agree_by}.get(row.state)
        if until is None or until > now:
            raise WrongMoment("The time to agree is not over.")
        silent = row.state == D.OPENED
        move(row, D.DECIDING, reason="silence" if silent else "no_agreement", decide_by=_decide_by(row, now))
        notices.tell_deciding(row, silent)
    return row


def _decide_by(row: Dispute, now: datetime) -> datetime:
    engagement = row.engagement
    days = clocks.rule(engagement, "dispute_decision_days")
    return calendar.add_business_days(now, days, clocks.rule(engagement, "zone"))


def decide(*, by, dispute: Dispute, amount: int, text: str) -> Dispute:
    """A moderator decides what the student gets (net, minor units), and says why; both sides read it.

    The first decision waits for an appeal; the one on an appeal is final and moves the money at once. Raises
    `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    with transaction.atomic():
        row, now = lock(dispute), clock.now()
        queries.insist(by, row, "decide")
        amount = clean_amount(amount, row.milestone)
        text = clean_words(text, "decision")
        final = row.state == D.APPEALED
        Statement.objects.create(
            dispute=row,
            kind=Kind.FINAL if final else Kind.DECISION,
            side="moderator",
            by=by,
            amount=amount,
            text=text,
            at=now,
        )
        if final:
            settle(row, pays=amount, how=Dispute.How.APPEALED, by=by)
            return row
        days = timedelta(days=clocks.rule(row.engagement, "dispute_appeal_days"))
        until = calendar.after_quiet(now + days, clocks.zone_of(row.engagement))
        move(
            row,
            D.DECIDED,
            by=by,
            decided=amount,
            decided_by=by,
            decided_at=now,
            appeal_until=until,
            decide_by=None,
        )
        notices.tell_decided(row, text)
    return row


def accept_decision(*, by, dispute: Dispute) -> Dispute:
    """One side accepts the decision; when both have, nobody can appeal any more and the money moves.

    Raises `NotAllowed`, `WrongMoment`.
    """
    with transaction.atomic():
        row = lock(dispute)
        queries.insist(by, row, "accept_decision")
        side = work.side_of(by, row.engagement)
        setattr(row, f"{side}_accepted_at", clock.now())
        row.save(update_fields=[f"{side}_accepted_at"])
        record(row, "accepted", by=by, reason=side, old=row.state)
        if _is_final(row) and not queries.money_stopped(row.engagement):
            settle(row, pays=row.decided, how=Dispute.How.DECIDED, by=by)
        else:
            notices.tell_accepted(row, side)
    return row


def appeal(*, by, dispute: Dispute, text: str) -> Dispute:
    """One side asks for another moderator, once, in time. Raises `NotAllowed`, `WrongMoment`, `Invalid`."""
    with transaction.atomic():
        row, now = lock(dispute), clock.now()
        queries.insist(by, row, "appeal")
        text = clean_words(text, "appeal")
        side = work.side_of(by, row.engagement)
        Statement.objects.create(dispute=row, kind=Kind.APPEAL, side=side, by=by, text=text, at=now)
        move(row, D.APPEALED, by=by, appealed_by=side, decide_by=_decide_by(row, now))
        notices.tell_appealed(row, text)
    return row


def settle_decided(dispute: Dispute) -> Dispute:
    """Nobody appealed in time: the decision stands and its money moves. Raises `WrongMoment` before that."""
    with transaction.atomic():
        row = lock(dispute)
        over = row.state == D.DECIDED and (row.appeal_until <= clock.now() or _is_final(row))
        if not over:
            raise WrongMoment("The time to appeal is not over.")
        if stopped := queries.money_stopped(row.engagement):
            raise WrongMoment(stopped)
        settle(row, pays=row.decided, how=Dispute.How.DECIDED, by=None)
    return row


def _is_final(row: Dispute) -> bool:
    return bool(row.student_accepted_at and row.employer_accepted_at)
