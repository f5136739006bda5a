"""How a dispute ends, whichever way: the row, the money, the milestone, and the clocks that go on."""

from marketplace.ground import clock
from marketplace.ground.states import move
from projects.hiring.models import Engagement
from projects.working import actions as working
from projects.working.actions.common import lock as lock_work

from .. import notices
from ..models import Dispute
from ..states import OPEN, DisputeState

D = DisputeState


def lock(dispute: Dispute) -> Dispute:
    """The dispute with its engagement and milestone, locked in the order of the house and read anew."""
    engagement = lock_work(dispute.engagement)
    row = Dispute.objects.select_for_update().get(pk=dispute.pk)
    row.engagement = engagement
    row.milestone = next(m for m in engagement.milestones.all() if m.pk == row.milestone_id)
    row.milestone.engagement = engagement
    return row


def settle(row: Dispute, *, pays: int, how: str, by) -> None:
    """The locked dispute ends with `pays` (net, minor units) for the student; the money moves with it."""
    engagement, why = row.engagement, Dispute.How(how).label
    move(row, D.SETTLED, by=by, reason=how, pays=pays, how=how, closed_at=clock.now())
    working.settle_milestone(row.milestone, pays=pays, by=by, why=f"Settled in a dispute: {why.lower()}"[:60])
    working.start_clocks(engagement, by=by)
    notices.tell_settled(row)
    working.end_if_settled(_again(engagement), by)


def release_clocks(row: Dispute, state: str, *, by, reason: str = "", note: str = "") -> None:
    """The locked dispute ends without an amount: everything goes on as it was."""
    move(row, state, by=by, reason=reason, note=note, closed_at=clock.now())
    working.start_clocks(row.engagement, by=by)


def overtake(engagement: Engagement) -> Dispute | None:
    """The project has ended under an open dispute (the bank took the payment back, for example)."""
    row = Dispute.objects.select_for_update().filter(engagement=engagement, state__in=OPEN).first()
    if row is not None:
        row.engagement = engagement
        release_clocks(row, D.OVERTAKEN, by=None, reason=engagement.end_reason)
        notices.tell_overtaken(row)
    return row


def _again(engagement: Engagement) -> Engagement:
    """Read anew: the dates of its milestones have moved. The locks are this transaction's."""
    return Engagement.objects.select_related("project", "organisation", "student", "hold").get(
        pk=engagement.pk
    )
