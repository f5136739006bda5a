"""What the clocks find: rows whose time has come. The actions decide again under their locks."""

from datetime import datetime, timedelta

from django.db.models import Max, Q

from projects.hiring.models import Engagement, Milestone
from projects.hiring.states import EndReason, EngagementState, MilestoneState

from .models import Cancellation, ChangeRequest, Extension
from .queries import stands_still
from .states import ExtensionState

E, M = EngagementState, MilestoneState


def running():
    """Engagements whose clocks run: not disputed, and the money not frozen."""
    return Engagement.objects.filter(disputed_at=None).exclude(hold__frozen_at__isnull=False)


def reviews_over(now: datetime):
    return Milestone.objects.filter(
        state=M.SUBMITTED, review_ends_at__lte=now, engagement__state=E.ACTIVE, engagement__in=running()
    )


def extensions_over(now: datetime):
    return Extension.objects.filter(
        state=ExtensionState.ASKED,
        answer_by__lte=now,
        milestone__engagement__state=E.ACTIVE,
        milestone__engagement__in=running(),
    )


def cancellations_over(now: datetime):
    return Cancellation.objects.filter(settled_at=None, settles_at__lte=now, engagement__in=running())


def starts_over(now: datetime):
    """Funded, and the agreed day may have come; the action looks at the hour in the project's zone."""
    return running().filter(state=E.FUNDED, start_on__lte=now.date() + timedelta(days=1))


def ends_over(now: datetime):
    """Never started in time, or held as long as the rules allow with nothing handed in."""
    handed_in = Milestone.objects.filter(state=M.SUBMITTED).values("engagement")
    return (
        running()
        .filter(
            Q(state=E.FUNDED, kickoff_cancel_at__lte=now)
            | Q(state__in=(E.FUNDED, E.ACTIVE), hold__limit_at__lte=now)
        )
        .exclude(pk__in=handed_in)
    )


def due_to_end(engagement: Engagement, now: datetime) -> str | None:
    """Why the clock ends this engagement now (an `EndReason`), or None."""
    if stands_still(engagement) or engagement.state not in (E.FUNDED, E.ACTIVE):
        return None
    if engagement.state == E.FUNDED and engagement.kickoff_cancel_at and engagement.kickoff_cancel_at <= now:
        return EndReason.NO_KICKOFF
    handed_in = any(m.state == M.SUBMITTED for m in engagement.milestones.all())
    held_long = engagement.hold.limit_at is not None and engagement.hold.limit_at <= now
    return EndReason.LIMIT if held_long and not handed_in else None


def last_review_end(engagement: Engagement) -> list[datetime]:
    """When the latest reviews of this engagement ended, by approval or by a request for changes; or a dispute, which
    gives the time that it took back by itself.
    """
    ends = [
        engagement.disputes.aggregate(at=Max("closed_at"))["at"],
        Milestone.objects.filter(engagement=engagement).aggregate(at=Max("approved_at"))["at"],
        ChangeRequest.objects.filter(milestone__engagement=engagement).aggregate(at=Max("at"))["at"],
    ]
    return [at for at in ends if at]
