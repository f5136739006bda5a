"""Money that was released is taken back from a student: for a refund that a moderator decides, or for a dispute.

First the reversal, then the refund: two calls to Stripe, each a row of its own, with the money on `recovered`
in between. A balance that is too low leaves a receivable and never stops the refund, unless the policy says so.
"""

import logging

from django.db import transaction
from django.db.models import Q, Sum

from marketplace.ground import clock, policy
from marketplace.ground.errors import Invalid, WrongMoment
from marketplace.ground.money import show, step
from marketplace.ground.states import move, record

from ... import signals
from ...ledger.actions import post
from ...ledger.chart import code
from ...stripe import gateway
from ...stripe.actions import outbox
from ...stripe.lookup import tagged_call
from ...stripe.states import DONE as CALL_DONE
from ...stripe.states import REJECTED as CALL_REJECTED
from ..figures import fee_on
from ..models import Hold, Part, Release
from ..recovery import Reversal
from ..states import FAILED, QUEUED, REVERSED, SENT, SHORT
from .holding import ensure_movable, lock_hold, settle
from .owing import forgive, open_receivable
from .refunding import paid_by, queue_refund
from .releasing import ACCOUNT_CODES, FUNDS_CODES, give_to_student
from .returning import return_to_sponsors

log = logging.getLogger(__name__)

Purpose, GoneTo = Reversal.Purpose, Reversal.GoneTo


# --- a moderator's decision ---------------------------------------------------------------------------------


def refund_released(*, by, release: Release, amount: int, reason: str) -> Reversal:
    """Give `amount` (gross, minor units) of a sent release back to where it came from: taken back first, then
    refunded, the platform's share of the fee included.

    Raises `Invalid` for an amount beyond what was sent and not taken back, `WrongMoment` while the hold is
    stopped or before the release has been sent.
    """
    with transaction.atomic():
        hold = lock_hold(release.part.hold_id)
        ensure_movable(hold)
        return take_back(hold, release, amount, by=by, reason=reason, purpose=Purpose.REFUND)


def reversible(release: Release) -> int:
    """How much of the release's gross can still be taken back, minor units."""
    if release.state != SENT:
        return 0
    net, fee = _under_way(release)
    return release.gross - release.taken_net - release.taken_fee - net - fee


def _under_way(release: Release) -> tuple[int, int]:
    """Net and fee of reversals that are asked for and not in the books yet."""
    waiting = release.reversals.filter(Q(state=QUEUED) | Q(state=SHORT, receivable=None))
    found = waiting.aggregate(net=Sum("net"), fee=Sum("fee"))
    return found["net"] or 0, found["fee"] or 0


def take_back(
    hold: Hold, release: Release, gross: int, *, by, reason: str, purpose: str, dispute_ref: str = ""
) -> Reversal:
    """Write the reversal of `gross` down; the hold is locked."""
    release = Release.objects.select_related("part__payee", "part__lot").get(pk=release.pk)
    release.part.hold = hold
    most = reversible(release)
    if release.state != SENT or not most:
        raise WrongMoment("Nothing of this release is with the student.")
    if type(gross) is not int or not 1 <= gross <= most or gross % step(hold.currency):
        raise Invalid({"amount": [f"Write an amount of at most {show(most, hold.currency)}."]})
    if not reason.strip():
        raise Invalid({"reasons": ["Say why it is taken back."]})
    net, fee = _shares(release, gross)
    reversal = Reversal(
        release=release,
        purpose=purpose,
        net=net,
        fee=fee,
        amount=min(net, _at_stripe(release)),
        currency=release.currency,
        dispute_ref=dispute_ref,
        by=by,
        reason=reason[:200],
    )
    if reversal.amount:
        reversal.call = outbox.enqueue("reversal", _params(hold, reversal))
    reversal.save()
    record(reversal, reversal.state, by=by, note=reason)
    if not reversal.amount:  # all of it repaid an older debt, so that debt is there again
        move(reversal, SHORT, reason="never_sent")
        _advance(hold, reversal)
    return reversal


def _params(hold: Hold, reversal: Reversal) -> dict:
    return {
        "transfer": reversal.release.transfer_id,
        "amount": reversal.amount,
        "metadata": {"reversal": str(reversal.uuid), "hold": hold.public_id},
    }


def _shares(release: Release, gross: int) -> tuple[int, int]:
    """How `gross` is shared between the student's net and the platform's fee: in proportion over everything that
    has been taken back, so that the parts of a whole add up to it.
    """
    net_waits, fee_waits = _under_way(release)
    net_left = release.kept_net - net_waits
    fee_left = release.fee - release.taken_fee - fee_waits
    back = release.gross - net_left - fee_left + gross
    fee = fee_on(release.fee, release.gross, back, release.currency) - (release.fee - fee_left)
    fee = max(0, gross - net_left, min(fee, fee_left, gross - step(release.currency)))
    return gross - fee, fee


def _at_stripe(release: Release) -> int:
    """What was transferred and has not been reversed or asked back."""
    asked = release.reversals.filter(state__in=(QUEUED, SENT)).aggregate(total=Sum("amount"))["total"]
    return release.transferred - (asked or 0)


def retry_reversal(*, by, reversal: Reversal, reason: str = "") -> None:
    """Try once more what fell short and nobody has advanced: a new call, since the old one was refused."""
    with transaction.atomic():
        hold, row = _locked(reversal)
        if refusal := short_refusal(row):
            raise WrongMoment(refusal)
        move(row, QUEUED, by=by, note=reason, call=outbox.enqueue("reversal", _params(hold, row)))


def advance_reversal(*, by, reversal: Reversal, reason: str) -> None:
    """Let the platform pay what fell short, and the student owe it. Raises `WrongMoment`."""
    with transaction.atomic():
        hold, row = _locked(reversal)
        if refusal := short_refusal(row):
            raise WrongMoment(refusal)
        record(row, row.state, by=by, reason="advanced", note=reason, old=row.state)
        _advance(hold, row)


def short_refusal(reversal: Reversal) -> str | None:
    """None when the reversal fell short and waits for a decision."""
    if reversal.state != SHORT:
        return f"This is {reversal.get_state_display()}."
    return "The platform has advanced this, and the student owes it." if reversal.complete else None


def _locked(reversal: Reversal) -> tuple[Hold, Reversal]:
    part_id = Release.objects.values_list("part_id", flat=True).get(pk=reversal.release_id)
    hold = lock_hold(Part.objects.values_list("hold_id", flat=True).get(pk=part_id))
    row = Reversal.objects.select_related("release__part__payee", "release__part__lot").get(pk=reversal.pk)
    row.release.part.hold = hold
    return hold, row


# --- what Stripe answers ------------------------------------------------------------------------------------


def reversal_made(reversal: Reversal, found: dict) -> None:
    """The reversal exists at Stripe. Inside the call's transaction, the hold locked."""
    hold, row = _locked(reversal)
    if row.state != QUEUED:
        return
    if found["amount"] != row.amount or found["currency"].upper() != row.currency:
        raise ValueError(f"reversal {found['id']} is not the one that {row.public_id} asked for")
    move(row, SENT, reversal_id=found["id"], sent_at=clock.now(), failure="")
    _post_reversal(row)
    if row.net > row.amount:
        open_receivable(row, row.net - row.amount)
    _complete(hold, row)


def _post_reversal(row: Reversal) -> None:
    post(
        "reversed",
        f"reversal:{row.reversal_id}",
        [
            (code("stripe_balance", row.currency), row.amount),
            (code("fee_refunded", row.currency), row.fee),
            (row.account, -row.amount - row.fee),
        ],
        currency=row.currency,
        ref=f"release:{row.release.uuid}",
        note=row.reason,
    )


def reversal_refused(reversal: Reversal, error) -> str:
    """Too little on the student's balance is waited for by nobody: advanced, or a moderator decides."""
    hold, row = _locked(reversal)
    if error.code not in FUNDS_CODES | ACCOUNT_CODES:
        move(row, FAILED, reason=error.code[:60], failure=str(error)[:300])
        log.error("reversal %s was refused by Stripe: %s", row.public_id, error.code)
        signals.reversal_failed.send(sender=Part, part=row.release.part, reversal=row, why=str(error))
        return CALL_REJECTED
    move(row, SHORT, reason=error.code[:60], failure=str(error)[:300])
    if policy.current().advance_short_reversals:
        _advance(hold, row)
    else:
        signals.reversal_short.send(sender=Part, part=row.release.part, reversal=row)
    return CALL_REJECTED


def _advance(hold: Hold, row: Reversal) -> None:
    row.receivable = open_receivable(row, row.net, row.fee)
    _complete(hold, row)


def _complete(hold: Hold, row: Reversal) -> None:
    """The whole gross stands on `recovered` now."""
    release = row.release
    _set_taken(release, release.taken_net + row.net, release.taken_fee + row.fee)
    if row.purpose == Purpose.REFUND:
        return_recovered(hold, row)
    settle(hold)
    signals.part_reversed.send(sender=Part, part=release.part, reversal=row)


def _set_taken(release: Release, net: int, fee: int) -> None:
    release.taken_net, release.taken_fee = net, fee
    release.save(update_fields=["taken_net", "taken_fee"])
    whole = net + fee == release.gross
    if whole and release.state == SENT:
        move(release, REVERSED)
    elif not whole and release.state == REVERSED:
        move(release, SENT, reason="given_back")


# --- where it goes ------------------------------------------------------------------------------------------


def return_recovered(hold: Hold, row: Reversal) -> None:
    """What was taken back goes to the payer, or into the sponsor's wallet. The hold is locked."""
    part = row.release.part
    refund = None
    if part.lot_id:
        sources = {part.pk: row.account}
        return_to_sponsors(hold, [(part, row.gross)], by=row.by, reason=row.reason, sources=sources)
    else:
        back = [(part, row.gross)]
        refund = queue_refund(
            hold, paid_by(hold), back, by=row.by, reason=row.reason, sources={part.pk: row.account}
        )
    _mark(row, GoneTo.PAYER, refund)


def _mark(row: Reversal, gone_to: str, refund=None) -> None:
    row.gone_to, row.refund = gone_to, refund
    row.save(update_fields=["gone_to", "refund"])


def undecided_refusal(reversal: Reversal) -> str | None:
    """None when what was taken back is with nobody and no dispute waits for it."""
    if not reversal.complete or reversal.gone_to:
        return (
            "What was taken back has gone on already." if reversal.gone_to else "Nothing has come back yet."
        )
    if reversal.purpose == Purpose.DISPUTE and not reversal.given_back.exists():
        return "It waits for the bank to decide the dispute."
    return None


def refund_recovered(*, by, reversal: Reversal, reason: str) -> None:
    """Give what was taken back by hand at Stripe to the payer. Raises `WrongMoment`."""
    _decide(reversal, by, reason, return_recovered)


def release_recovered(*, by, reversal: Reversal, reason: str) -> None:
    """Give what was taken back by hand at Stripe to the student again. Raises `WrongMoment`."""
    _decide(reversal, by, reason, give_again)


def _decide(reversal: Reversal, by, reason: str, act) -> None:
    with transaction.atomic():
        hold, row = _locked(reversal)
        if refusal := undecided_refusal(row):
            raise WrongMoment(refusal)
        ensure_movable(hold)
        record(row, row.state, by=by, note=reason, old=row.state)
        row.by, row.reason = by, reason[:200] or row.reason
        act(hold, row)


def give_again(hold: Hold, row: Reversal) -> Release | None:
    """The student gets again, once, what was taken back; what they still owed of it is forgiven first."""
    row = Reversal.objects.select_related("release__part__payee").get(pk=row.pk)
    row.release.part.hold = hold
    release, receivable = row.release, getattr(row, "receivable", None)
    open_, account = forgive(receivable) if receivable else (0, "")
    net = row.net - open_
    fee = row.fee if net else 0
    if open_:  # never really taken: it is the student's as before
        entries = [(row.account, open_), (account, -open_)]
        if not net:
            entries += [(row.account, row.fee), (code("fee_refunded", row.currency), -row.fee)]
        post(
            "receivable_forgiven",
            f"receivable:{receivable.uuid}:forgiven",
            entries,
            currency=row.currency,
            ref=f"reversal:{row.uuid}",
            note="The dispute was won, so the student owes nothing.",
        )
        _set_taken(release, release.taken_net - open_, release.taken_fee - (0 if net else row.fee))
    _mark(row, GoneTo.STUDENT)
    return give_to_student(hold, row, net + fee, fee) if net else None


# --- by hand at Stripe --------------------------------------------------------------------------------------


def sync_reversals(transfer_id: str) -> None:
    """Take over every reversal of one of our transfers: our own whose answer was lost, and those made by hand."""
    release = Release.objects.filter(transfer_id=transfer_id).select_related("part").first()
    for found in gateway.reversals_of(transfer_id) if release else ():
        call = tagged_call(found)
        if call is None:
            _adopt(release, found)
        elif call.state not in (CALL_DONE, CALL_REJECTED):
            outbox.close(call, found)


def _adopt(release: Release, found: dict) -> None:
    """Somebody took money back in Stripe's dashboard: the books follow, and a moderator says where it goes."""
    with transaction.atomic():
        hold = lock_hold(release.part.hold_id)
        if Reversal.objects.filter(reversal_id=found["id"]).exists():
            return
        release = Release.objects.select_related("part__payee").get(pk=release.pk)
        release.part.hold = hold
        row = Reversal.objects.create(
            release=release,
            purpose=Purpose.HAND,
            state=SENT,
            net=found["amount"],
            fee=0,
            amount=found["amount"],
            currency=release.currency,
            reason="Made at Stripe by hand",
            reversal_id=found["id"],
            sent_at=clock.now(),
        )
        record(row, row.state, note=row.reason)
        _post_reversal(row)
        _complete(hold, row)
        log.error("reversal %s was made at Stripe by hand", found["id"])
        what = f"{show(row.net, row.currency)} was taken back from the student at Stripe by hand."
        signals.unexpected_at_stripe.send(sender=Hold, hold=hold, what=what)
