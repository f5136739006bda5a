"""What a dispute does to the work: it stops the clocks, settles a milestone, and lets the clocks go on.

The dispute itself lives in a later room, which calls these under the locks of `common.lock`.
"""

from datetime import timedelta

from django.db import transaction

from marketplace.ground import clock
from marketplace.ground.errors import WrongMoment
from marketplace.ground.states import move, record
from payments.holds import actions as money
from projects.hiring.models import Engagement, Milestone
from projects.hiring.states import LIVE, EndReason, MilestoneState

from .. import queries
from ..models import Cancellation
from .answering import complete_if_done
from .common import count_waiting, withdraw_extensions
from .ending import end
from .pausing import give_time_back

M = MilestoneState
WHY = "Everything stood still during the dispute."


def stop_clocks(row: Engagement, *, by, milestone: Milestone) -> None:
    """Set the flag that stops every clock of the locked engagement, once. Raises `WrongMoment` when it is set."""
    now = clock.now()
    if not Engagement.objects.filter(pk=row.pk, disputed_at=None).update(disputed_at=now):
        raise WrongMoment("A dispute about this project is open already.")
    waiting = next((m for m in row.milestones.all() if m.state == M.SUBMITTED), None)
    if waiting:  # the days until now count as waiting; from here on the dispute gives its own time back
        count_waiting(row, waiting, now)
    row.disputed_at = now
    record(row, "disputed", by=by, note=f"About “{milestone.title}”.", old=row.state)


def start_clocks(row: Engagement, *, by) -> None:
    """Take the flag away, and give every clock the time for which it stood still. Nothing where no flag is set."""
    since, now = row.disputed_at, clock.now()
    if not Engagement.objects.filter(pk=row.pk).exclude(disputed_at=None).update(disputed_at=None):
        return
    row.disputed_at = None
    record(row, "dispute_over", by=by, old=row.state)
    if row.state not in LIVE:
        return
    hold = row.hold
    hold.refresh_from_db()
    # What the bank stopped in the meantime and still stops gives its own time back when it goes on.
    stood_still = min(now, hold.frozen_at or now) - since
    give_time_back(engagement=row, stood_still=stood_still, why=WHY, at_least=timedelta(0))
    money.move_limit(hold=hold, by=now - since)


def settle_milestone(milestone: Milestone, *, pays: int, by, why: str) -> None:
    """End a locked milestone: the student gets `pays` (net, minor units, 0 to all of it), whoever paid the rest.

    All of it is an approval; less ends the milestone as cancelled, with what was paid. The next one begins. Raises
    `WrongMoment` while the money is stopped or when it has gone.
    """
    engagement, now = milestone.engagement, clock.now()
    with transaction.atomic():
        money.cancel_parts(
            by=by, hold=engagement.hold, ref=milestone.part_ref, reason=why, pay_student_net=pays
        )
        withdraw_extensions(milestone, by)
        if pays == milestone.net:
            move(milestone, M.APPROVED, by=by, reason="dispute", approved_at=now, review_ends_at=None)
        else:
            move(milestone, M.CANCELLED, by=by, reason="dispute", review_ends_at=None)
        rows = list(engagement.milestones.all())
        following = next((row for row in rows if row.state == M.PLANNED), None)
        if following and not any(row.state in queries.OPEN_WORK for row in rows):
            move(following, M.IN_PROGRESS)


def end_if_settled(engagement: Engagement, by) -> None:
    """Nothing is left to do: the engagement is completed when anything was approved, else it ends as cancelled."""
    rows = list(engagement.milestones.all())
    if any(row.state in queries.UNFINISHED for row in rows):
        return
    if any(row.state == M.APPROVED for row in rows):
        complete_if_done(engagement, by)
        return
    now, found = clock.now(), engagement.hold.figures()
    cancellation, _ = Cancellation.objects.get_or_create(
        engagement=engagement,
        defaults={"side": Cancellation.Side.DISPUTE, "by": by, "asked_at": now, "settles_at": now},
    )
    end(
        engagement,
        cancellation,
        EndReason.DISPUTE,
        by,
        pays=found["net_released"] + found["net_releasing"],
        refunds=found["refunding"] + found["refunded"],
        basis=Cancellation.Basis.DISPUTE,
    )
