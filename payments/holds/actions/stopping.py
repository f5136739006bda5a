"""A hold stands still: for a moderator, for a dispute, for a warning; each cause is lifted by itself.

What was written down for Stripe and has not been sent is pulled back, and goes again when the last cause is gone.
"""

from django.db import transaction

from marketplace.ground import clock
from marketplace.ground.errors import WrongMoment
from marketplace.ground.nudge import nudge
from marketplace.ground.states import move, record

from ... import signals
from ...ledger.chart import code
from ...stripe.models import Call
from ...stripe.states import PENDING as CALL_PENDING
from ...stripe.states import WAITING as CALL_WAITING
from ..models import Hold, Refund, Release
from ..recovery import FrozenLine
from ..states import FROZEN, GONE, QUEUED, SCHEDULED, THAWED
from .holding import held, lock_hold

MODERATOR = "moderator"
BY_THE_BANK = "The bank has stopped this money, not a moderator. It goes on when the bank has decided."


def freeze(*, by, hold: Hold, why: str, cause: str = MODERATOR) -> None:
    """Stop everything that moves this hold's money out, for `cause`; a second time for one cause is nothing."""
    with transaction.atomic():
        row = lock_hold(hold.pk)
        if cause not in row.freezes:
            first = not row.freezes
            row.freezes[cause] = why[:200]
            row.frozen_at, row.frozen_why = row.frozen_at or clock.now(), why[:200]
            row.save(update_fields=["freezes", "frozen_at", "frozen_why"])
            record(row, "frozen", by=by, reason=cause[:60], note=why, old=row.state)
            _pull_back(row)
            if first:
                signals.hold_frozen.send(sender=Hold, hold=row, why=why)
    hold.refresh_from_db()


def unfreeze(*, by, hold: Hold, cause: str = MODERATOR) -> None:
    """Lift one cause; with the last one gone the money moves again, and what was due goes at once.

    Raises `WrongMoment` when a moderator would let go what others than moderators have stopped.
    """
    with transaction.atomic():
        row = lock_hold(hold.pk)
        if cause in row.freezes:
            del row.freezes[cause]
            left, since = list(row.freezes.values()), row.frozen_at
            row.frozen_at, row.frozen_why = (row.frozen_at, left[-1]) if left else (None, "")
            row.save(update_fields=["freezes", "frozen_at", "frozen_why"])
            record(row, row.state, by=by, reason=cause[:60], old="frozen")
            if not left:
                signals.hold_unfrozen.send(sender=Hold, hold=row, since=since)
                nudge("payments.release_due")
                nudge("payments.retry_waiting")
        elif row.freezes and cause == MODERATOR:
            raise WrongMoment(BY_THE_BANK)
    hold.refresh_from_db()


def _pull_back(hold: Hold) -> None:
    """Stop what has been written down for Stripe and not been sent. What is on its way cannot be stopped."""
    for release in Release.objects.filter(part__hold=hold, state=QUEUED).select_related("call"):
        if release.call and stop_call(release.call):
            move(release, SCHEDULED, reason="stopped")
    for refund in Refund.objects.filter(hold=hold, state=QUEUED).exclude(call=None).select_related("call"):
        stop_call(refund.call)


def stop_call(call: Call) -> bool:
    """Let a call wait that no worker has begun; False when one has, or it waits already."""
    row = Call.objects.select_for_update().get(pk=call.pk)
    if row.state != CALL_PENDING or row.first_sent_at is not None:
        return False
    move(row, CALL_WAITING, reason="stopped")
    return True


# --- the money of a dispute -------------------------------------------------------------------------------------


def frozen_account(dispute) -> str:
    return code("hold_frozen", dispute.currency, dispute.uuid)


def freeze_parts(hold: Hold, dispute, most: int) -> list[tuple[str, int]]:
    """Set aside at most `most` of what is left in the locked hold; the entries for the posting that does it.

    The last parts first: what is done first stays to be paid.
    """
    entries: list[tuple[str, int]] = []
    for part, amount in reversed([pair for pair in held(hold) if not pair[0].lot_id]):
        share = min(amount, most)
        if share:
            FrozenLine.objects.create(part=part, dispute_ref=dispute.stripe_id, amount=share)
            entries.append((part.account, share))
            most -= share
    total = sum(share for _, share in entries)
    return [*entries, (frozen_account(dispute), -total)] if total else []


def thaw_parts(hold: Hold, dispute) -> list[tuple[str, int]]:
    """Put back what was set aside; the entries for the posting that does it."""
    entries = []
    for line in _lines(dispute, FROZEN):
        move(line, THAWED)
        line.part.hold = hold
        entries.append((line.part.account, -line.amount))
    total = -sum(amount for _, amount in entries)
    return [*entries, (frozen_account(dispute), total)] if total else []


def take_frozen(hold: Hold, dispute, most: int) -> tuple[int, list[tuple[str, int]]]:
    """The bank keeps at most `most` of what was set aside. How much that is (the caller posts it), and the
    entries of a posting of its own by which the rest goes back into the hold.
    """
    back: list[tuple[str, int]] = []
    taken = 0
    for line in _lines(dispute, FROZEN):
        share = min(line.amount, most - taken)
        rest = line.amount - share
        line.part.hold = hold
        back += [(frozen_account(dispute), rest), (line.part.account, -rest)] if rest else []
        taken += share
        if share:
            FrozenLine.objects.filter(pk=line.pk).update(amount=share)
            move(line, GONE)
        else:
            move(line, THAWED)
    return taken, back


def restore_frozen(dispute) -> None:
    """The bank gave back what it had taken: it is set aside once more (an appeal was won), to be thawed."""
    for line in _lines(dispute, GONE):
        move(line, FROZEN)


def _lines(dispute, state: str):
    rows = FrozenLine.objects.filter(dispute_ref=dispute.stripe_id, state=state)
    return rows.select_related("part").order_by("id")
