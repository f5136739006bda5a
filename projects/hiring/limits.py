"""How much one student may take on, and how often one employer may hire the same person."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Q

from marketplace.ground import clock, policy

from .models import Engagement
from .states import LIVE, EngagementState

CHAIN_SPAN = timedelta(days=183)  # six months
SIGN_OFF_DAYS = 21  # how long an offer may be held by a student whose school has to agree first


@dataclass(frozen=True)
class Capacity:
    """What the student would carry with one more engagement. `reason`: why it is too much, or None."""

    live: int
    weekly: Decimal  # planned hours in the fullest week, the new work included
    reason: str | None
    warning: str


def weekly_hours(hours: Decimal, start_on: date, due_on: date) -> Decimal:
    """Planned hours a week: `hours` spread over the days from start to due, a week at least."""
    days = max((due_on - start_on).days + 1, 7)
    return (Decimal(hours) * 7 / days).quantize(Decimal("0.1"), ROUND_HALF_UP)


def capacity(student, *, hours: Decimal, start_on: date, due_on: date) -> Capacity:
    """Whether `student` may take on `hours` more between two dates, by the policy in force."""
    rules = policy.current()
    live = list(
        Engagement.objects.filter(student=student, state__in=LIVE)
        .order_by()
        .values_list("start_on", "due_on", "hours")
    )
    weekly = weekly_hours(hours, start_on, due_on) + _fullest(live, start_on, due_on)
    reason, warning = None, ""
    if len(live) >= rules.live_engagements:
        reason = f"You have {len(live)} engagements going, which is the most at one time. Finish one first."
    elif weekly > rules.weekly_hours_max:
        reason = (
            f"With this you would have about {weekly:g} hours of work a week. "
            f"The most is {rules.weekly_hours_max}, so that you can finish what you began."
        )
    elif weekly > rules.weekly_hours_warn:
        warning = (
            f"With this you would have about {weekly:g} hours of work a week. "
            f"Above {rules.weekly_hours_warn} many find it hard beside their studies."
        )
    return Capacity(len(live), weekly, reason, warning)


def _fullest(live, start_on: date, due_on: date) -> Decimal:
    """The most hours a week that `live` plans on any day between the two dates. Late work counts until it is done."""
    today = clock.now().date()
    spans = [(start, max(due, today), weekly_hours(hours, start, due)) for start, due, hours in live]
    days = {start_on, *(start for start, _, _ in spans if start_on <= start <= due_on)}
    return max(sum((rate for start, due, rate in spans if start <= day <= due), Decimal(0)) for day in days)


def chain(organisation, student, hours: Decimal) -> str | None:
    """Why a moderator has to be asked before this employer hires this student once more; None when it is fine.

    Somebody who always works for the same employer may in law be an employee, whatever the agreement says.
    """
    rules = policy.current()
    before = list(
        Engagement.objects.filter(
            organisation=organisation,
            student=student,
            created_at__gt=clock.now() - CHAIN_SPAN,
        )
        .exclude(Q(state=EngagementState.CANCELLED, funded_at=None))
        .order_by()
        .values_list("hours", flat=True)
    )
    total = sum(before, Decimal(0)) + hours
    if len(before) + 1 < rules.chain_projects and total < rules.chain_hours:
        return None
    return (
        f"With this one you would have hired this student {len(before) + 1} times for {total:g} hours in six months. "
        f"From {rules.chain_projects} projects or {rules.chain_hours} hours on a moderator has to agree, "
        "because the work may count as employment."
    )
