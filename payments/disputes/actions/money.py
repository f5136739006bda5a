"""What a dispute does to the books. Everything runs under the hold's lock, inside the caller's transaction."""

from django.db.models import Q

from marketplace.ground import clock
from marketplace.ground.nudge import nudge
from marketplace.ground.states import move

from ...holds.actions import stopping
from ...holds.actions.holding import settle
from ...holds.actions.reversing import give_again
from ...holds.models import Hold, Refund
from ...holds.recovery import Reversal
from ...holds.states import QUEUED, RETURNED, SENT, SHORT
from ...ledger.actions import post
from ...ledger.chart import code
from ...ledger.models import LedgerTransaction
from ...stripe.states import WAITING as CALL_WAITING
from ..models import Dispute
from . import sponsors
from .sponsors import ref_of

Purpose, GoneTo = Reversal.Purpose, Reversal.GoneTo


def book_lines(hold: Hold | None, row: Dispute, lines: list[dict]) -> None:
    """Post Stripe's lines about this dispute, each once: what the bank took, and what it gave back."""
    taken = -sum(line["amount"] for line in lines)
    for line in sorted(lines, key=lambda line: (line["created"], line["amount"])):
        if not LedgerTransaction.objects.filter(key=f"bt:{line['id']}").exists():
            _book_line(hold, row, line)
    if taken != row.taken:
        row.taken = taken
        row.save(update_fields=["taken"])


def _book_line(hold: Hold | None, row: Dispute, line: dict) -> None:
    withdrawn = line["amount"] < 0
    if withdrawn:
        more = stopping.freeze_parts(hold, row, _to_freeze(row, -line["amount"])) if hold else []
    else:
        if row.booked_lost:
            _unbook_loss(row)
        more = stopping.thaw_parts(hold, row) if hold else []
    currency = line["currency"].upper()
    post(
        "dispute_withdrawn" if withdrawn else "dispute_reinstated",
        f"bt:{line['id']}",
        [
            (row.account, -line["amount"]),
            (code("dispute_fee", currency), line["fee"]),
            (code("stripe_balance", currency), line["amount"] - line["fee"]),
            *more,
        ],
        currency=currency,
        ref=ref_of(row),
        note=f"Dispute {row.stripe_id}: {row.reason}"[:200],
    )
    if hold:
        settle(hold)


def _to_freeze(row: Dispute, amount: int) -> int:
    """What the bank takes beyond the refunds that wait: those cannot be sent any more."""
    return max(amount - sum(refund.amount for refund in _stopped_refunds(row)), 0)


def _stopped_refunds(row: Dispute) -> list[Refund]:
    """Refunds of the disputed payment that Stripe has not been asked for, or has refused while it is disputed."""
    rows = Refund.objects.filter(funding=row.funding, state=QUEUED, call__state=CALL_WAITING)
    return list(rows.select_related("call", "hold").order_by("id")) if row.funding_id else []


def recovered_for(row: Dispute):
    """What was taken back from students for this dispute and is with nobody yet."""
    done = Q(state=SENT) | Q(state=SHORT, receivable__isnull=False)
    return Reversal.objects.filter(done, dispute_ref=row.stripe_id, gone_to="").order_by("id")


# --- lost ---------------------------------------------------------------------------------------------------


def book_loss(hold: Hold | None, row: Dispute) -> None:
    """The bank keeps it: out of refunds that waited, what was set aside, what was taken back; the platform bears
    the rest.
    """
    if row.booked_lost:
        return
    left, entries, back = row.taken, [], []
    for refund in _stopped_refunds(row):
        if refund.amount <= left:
            move(refund, RETURNED, reason="charged_back", failure="", done_at=clock.now())
            entries.append((code("refund_in_flight", refund.currency, refund.uuid), refund.amount))
            left -= refund.amount
    if hold:
        frozen, back = stopping.take_frozen(hold, row, left)
        entries.append((row.frozen_account, frozen))
        left -= frozen
        for reversal in recovered_for(row):
            share = min(reversal.gross, left)
            entries.append((reversal.account, share))
            left -= share
            Reversal.objects.filter(pk=reversal.pk).update(gone_to=GoneTo.BANK)
    if row.lot_id:
        entries.append((row.frozen_account, row.covered))
        left -= row.covered
    row.times_lost += 1
    row.booked_lost = True
    row.save(update_fields=["times_lost", "booked_lost"])
    post(
        "dispute_lost",
        _lost_key(row),
        [*entries, (code("dispute_loss", row.currency), left), (row.account, -row.taken)],
        currency=row.currency,
        ref=ref_of(row),
        note=f"Dispute {row.stripe_id} was lost."[:200],
    )
    if back:
        _post_rest(row, back)
    if hold:
        settle(hold)


def _lost_key(row: Dispute) -> str:
    return f"dispute:{row.stripe_id}:lost" + (f":{row.times_lost}" if row.times_lost > 1 else "")


def _post_rest(row: Dispute, entries) -> None:
    post(
        "dispute_thawed",
        f"{_lost_key(row)}:rest",
        entries,
        currency=row.currency,
        ref=ref_of(row),
        note="Set aside for the dispute, and not taken by it.",
    )


def _unbook_loss(row: Dispute) -> None:
    """An appeal was won: the loss is taken back out of the books before the money that came is booked."""
    lost = LedgerTransaction.objects.get(key=_lost_key(row))
    entries = [(code_, -amount) for code_, amount in lost.entries.values_list("account__code", "amount")]
    post(
        "dispute_lost_reversed",
        f"{_lost_key(row)}:reversed",
        entries,
        currency=row.currency,
        ref=ref_of(row),
        note="The appeal was won.",
        reverses=lost,
    )
    if row.lot_id:
        sponsors.set_aside_again(row, lost)
    stopping.restore_frozen(row)
    Reversal.objects.filter(dispute_ref=row.stripe_id, gone_to=GoneTo.BANK).update(gone_to="")
    returned = Refund.objects.filter(funding=row.funding, state=RETURNED, call__state=CALL_WAITING)
    for refund in returned if row.funding_id else ():
        move(refund, QUEUED, reason="appeal_won", done_at=None)
    row.booked_lost = False
    row.save(update_fields=["booked_lost"])


# --- won, or let rest ---------------------------------------------------------------------------------------


def give_back(hold: Hold | None, row: Dispute) -> None:
    """The bank has given it back, or never took it: what was taken back from students is theirs again, once."""
    for reversal in recovered_for(row) if hold else ():
        give_again(hold, reversal)
    if hold:
        settle(hold)
        nudge("payments.retry_waiting")


def settle_late(hold: Hold, row: Dispute, reversal: Reversal) -> None:
    """A reversal for the dispute came through after the bank had decided."""
    if not row.booked_lost:
        give_again(hold, reversal)
        return
    post(
        "dispute_recovered",
        f"{_lost_key(row)}:{reversal.uuid}",
        [(reversal.account, reversal.gross), (code("dispute_loss", row.currency), -reversal.gross)],
        currency=row.currency,
        ref=ref_of(row),
        note="Taken back from the student after the dispute was lost.",
    )
    Reversal.objects.filter(pk=reversal.pk).update(gone_to=GoneTo.BANK)
