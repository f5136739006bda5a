"""The clocks of disputes. Each finds what is due and lets an action decide again under its lock."""

from datetime import timedelta

from celery import shared_task

from marketplace.ground import calendar, clock, policy
from projects.working.tasks import AT_ONCE
from projects.working.tasks import each as each_due

from . import actions, notices, queries
from .models import Dispute
from .states import DisputeState

BEFORE = timedelta(hours=24)


@shared_task(name="disputing.clock")
def disputes_clock():
    """Silence and disagreement go to a moderator; a decision that nobody appealed against moves its money."""
    now = clock.now()
    each_due(queries.unanswered(now).order_by("answer_by"), actions.pass_to_moderator)
    each_due(queries.not_appealed(now).order_by("appeal_until"), actions.settle_decided)


@shared_task(name="disputing.reminders")
def reminders():
    """Derived from the rows as they are now; each is told once for each deadline, what is overdue once a day."""
    now = clock.now()
    rows = queries.still_open().select_related(
        "milestone", "engagement__project", "engagement__organisation", "engagement__student", "decided_by"
    )
    _remind_parties(rows, now)
    if calendar.is_quiet(now, policy.current().zone):
        return
    for dispute in rows.filter(pk__in=queries.to_decide(), decide_by__lte=now + BEFORE)[:AT_ONCE]:
        overdue = dispute.decide_by <= now
        part = f"overdue/{now:%Y%m%d}" if overdue else "soon"
        notices.remind_desk(dispute, f"{dispute.state}/{part}", overdue)


def _remind_parties(rows, now) -> None:
    opened = rows.filter(state=DisputeState.OPENED, answer_by__gt=now, answer_by__lte=now + BEFORE)
    answered = rows.filter(state=DisputeState.ANSWERED, agree_by__gt=now, agree_by__lte=now + BEFORE)
    for dispute in [*opened[:AT_ONCE], *answered[:AT_ONCE]]:
        if dispute.state == DisputeState.OPENED or _told_a_day_ago(dispute, now):
            notices.remind_answer(dispute)
    decided = rows.filter(state=DisputeState.DECIDED, appeal_until__gt=now, appeal_until__lte=now + BEFORE)
    for dispute in decided[:AT_ONCE]:
        notices.remind_appeal(dispute)


def _told_a_day_ago(dispute: Dispute, now) -> bool:
    """An amount that was named just now needs no reminder yet."""
    said = dispute.statements.filter(kind="answer").values_list("at", flat=True).first()
    return said is not None and said <= now - timedelta(hours=12)
