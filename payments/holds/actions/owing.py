"""What a student owes after a reversal that fell short, and how it ends: repaid, written off, or forgiven."""

from django.db import transaction

from marketplace.ground import clock, policy
from marketplace.ground.errors import Invalid, WrongMoment
from marketplace.ground.money import show
from marketplace.ground.states import move, record

from ... import signals
from ...ledger.actions import post
from ...ledger.chart import code
from ..models import Release
from ..recovery import Receivable, Repayment, Reversal
from ..states import FORGIVEN, OWED, REPAID, WRITTEN_OFF


def open_receivable(reversal: Reversal, amount: int, fee: int = 0) -> Receivable:
    """The platform advances `amount` of a reversal, and the student owes it. Inside the caller's transaction.

    fee: what goes back of the platform's fee, where the reversal has no other posting.
    """
    payee = reversal.release.part.payee
    receivable = Receivable.objects.create(
        payee=payee,
        reversal=reversal,
        amount=amount,
        currency=reversal.currency,
        reason=reversal.reason,
    )
    record(receivable, receivable.state, by=reversal.by, note=reversal.reason)
    post(
        "receivable",
        f"receivable:{receivable.uuid}",
        [
            (receivable.account, amount),
            (code("fee_refunded", receivable.currency), fee),
            (reversal.account, -amount - fee),
        ],
        currency=receivable.currency,
        ref=f"reversal:{reversal.uuid}",
        note="The student's Stripe balance was too low; the platform advances it.",
    )
    signals.receivable_changed.send(sender=Receivable, receivable=receivable, old="")
    return receivable


def owed_by(payee, currency: str):
    """The open receivables of one payee in one currency, oldest first."""
    return Receivable.objects.filter(payee=payee, currency=currency, state=OWED).order_by("id")


def keep_back(release: Release) -> None:
    """Keep back from a release, before it is sent, what its student owes; never more than its net. Once."""
    if release.repayments.filter(undone=False).exists():
        return
    left, kept = release.net, 0
    for receivable in owed_by(release.part.payee, release.currency).select_for_update():
        share = min(left - kept, receivable.left)
        if not share:
            break
        Repayment.objects.create(receivable=receivable, release=release, amount=share)
        _repay(receivable, share, release)
        kept += share
    if kept:
        Release.objects.filter(pk=release.pk).update(offset=kept)
        release.offset = kept


def _repay(receivable: Receivable, amount: int, release: Release) -> None:
    _set_repaid(receivable, receivable.repaid + amount)
    post(
        "receivable_repaid",
        f"receivable:{receivable.uuid}:release:{release.uuid}",
        [(code("release_in_flight", release.currency, release.uuid), amount), (receivable.account, -amount)],
        currency=receivable.currency,
        ref=f"release:{release.uuid}",
        note="Kept back from the student's next release.",
    )
    if not receivable.left:
        move(receivable, REPAID, closed_at=clock.now())
    signals.receivable_changed.send(sender=Receivable, receivable=receivable, old=OWED)


def _set_repaid(receivable: Receivable, repaid: int) -> None:
    Receivable.objects.filter(pk=receivable.pk).update(repaid=repaid)
    receivable.repaid = repaid


def undo_repayments(release: Release) -> list[tuple[str, int]]:
    """The release was refused for good, so it repaid nothing: the entries that belong to its void posting."""
    entries = []
    for repayment in release.repayments.filter(undone=False).order_by("receivable_id"):
        receivable = Receivable.objects.select_for_update().get(pk=repayment.receivable_id)
        Repayment.objects.filter(pk=repayment.pk).update(undone=True)
        entries.append((receivable.account, repayment.amount))
        _set_repaid(receivable, receivable.repaid - repayment.amount)
        old = receivable.state
        if old == REPAID:
            move(receivable, OWED, reason="release_refused", closed_at=None)
        signals.receivable_changed.send(sender=Receivable, receivable=receivable, old=old)
    return entries


def forgive(receivable: Receivable) -> tuple[int, str]:
    """Nothing is owed any more, because the dispute was won: how much was still open, and the account it stood on.

    What had been repaid is the caller's to give back.
    """
    row = Receivable.objects.select_for_update().get(pk=receivable.pk)
    if row.state == WRITTEN_OFF:
        return row.left, code("bad_debt", row.currency)
    if row.state in (OWED, REPAID):
        old = row.state
        move(row, FORGIVEN, reason="won", closed_at=clock.now())
        signals.receivable_changed.send(sender=Receivable, receivable=row, old=old)
        return row.left, row.account
    return 0, row.account


# --- a moderator's decision ---------------------------------------------------------------------------------


def write_off_refusal(by, receivable: Receivable) -> str | None:
    """None when `by` may write it off now (or agree to it), else why not."""
    if receivable.state != OWED:
        return f"This is {receivable.get_state_display()}, so there is nothing to write off."
    proposed = receivable.write_off_by_id is not None and _needs_second(receivable)
    if proposed and receivable.write_off_by_id == by.pk:
        return "You proposed this. Above the limit a second moderator has to agree."
    return None


def _needs_second(receivable: Receivable) -> bool:
    return receivable.left > policy.current().write_off_second_cents


def write_off(*, by, receivable: Receivable, reason: str) -> bool:
    """Write off what is left; above the policy's limit the first call proposes it and another moderator's does it.

    True when it is written off, False when it waits for the second. Raises `WrongMoment`, `Invalid`.
    """
    if not reason.strip():
        raise Invalid({"reasons": ["Say why it is written off."]})
    with transaction.atomic():
        row = Receivable.objects.select_for_update().get(pk=receivable.pk)
        if refusal := write_off_refusal(by, row):
            raise WrongMoment(refusal)
        done = not _needs_second(row) or row.write_off_by_id is not None
        if done:
            _write_off(row, by, reason)
        else:
            row.write_off_by, row.write_off_why, row.write_off_at = by, reason[:300], clock.now()
            row.save(update_fields=["write_off_by", "write_off_why", "write_off_at"])
            record(row, row.state, by=by, reason="write_off_proposed", note=reason, old=row.state)
    receivable.refresh_from_db()
    return done


def _write_off(row: Receivable, by, reason: str) -> None:
    left = row.left
    first = f" (proposed: {row.write_off_why})" if row.write_off_why else ""
    move(row, WRITTEN_OFF, by=by, note=f"{reason}{first}", closed_at=clock.now())
    post(
        "receivable_written_off",
        f"receivable:{row.uuid}:written_off",
        [(code("bad_debt", row.currency), left), (row.account, -left)],
        currency=row.currency,
        ref=f"reversal:{row.reversal.uuid}",
        note=f"{show(left, row.currency)} written off: {reason}"[:200],
    )
    signals.receivable_changed.send(sender=Receivable, receivable=row, old=OWED)
