"""From approval to the student's Stripe account: one transfer for each part, once."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Sum

from marketplace.ground import clock
from marketplace.ground.errors import WrongMoment
from marketplace.ground.nudge import nudge
from marketplace.ground.states import move, record

from ... import signals
from ...connect.actions import sync_account
from ...connect.models import PayeeAccount
from ...ledger.actions import post
from ...ledger.chart import code
from ...ledger.models import LedgerAccount, LedgerEntry
from ...ledger.queries import balance
from ...stripe import gateway
from ...stripe.actions import outbox
from ...stripe.models import Call
from ...stripe.states import REJECTED as CALL_REJECTED
from ...stripe.states import WAITING as CALL_WAITING
from ...wallets.models import Lot
from ..models import Hold, Part, Release
from ..states import FUNDED, QUEUED, REJECTED, SCHEDULED, SENT, WAITING_FUNDS, WAITING_PAYEE
from .holding import ensure_movable, lock_hold, settle
from .owing import keep_back, undo_repayments

log = logging.getLogger(__name__)

RETRY = timedelta(minutes=10)

#: Refusals that are about the student's account, and those about the money at hand; both are waited out.
ACCOUNT_CODES = {
    "insufficient_capabilities_for_transfer",
    "account_invalid",
    "account_closed",
    "account_not_active",
    "transfers_not_allowed",
    "no_account",
    "capability_not_active",
}
FUNDS_CODES = {"balance_insufficient", "insufficient_funds", "charge_pending"}


def release_part(*, by, part: Part, reason: str = "") -> Release:
    """Release a whole part to its student; their money is on its way when this commits.

    It waits when the release is delayed by the hold's terms or the student has no account yet. Raises
    `WrongMoment` when the part is not secured, frozen, released or refunded.
    """
    with transaction.atomic():
        hold = lock_hold(part.hold_id)
        release = queue_release(hold, part, part.price, part.fee, by=by, reason=reason)
        start(hold, [release])
        return release


def release_parts(*, by, hold: Hold, ref: str, reason: str = "") -> list[Release]:
    """Release all of what `ref` (a milestone) holds, from every source; raises as `release_part` does."""
    with transaction.atomic():
        row = lock_hold(hold.pk)
        parts = list(row.parts.filter(ref=ref).order_by("position"))
        if not parts:
            raise Part.DoesNotExist(f"{row.ref} has no part for {ref}")
        made = [queue_release(row, part, part.price, part.fee, by=by, reason=reason) for part in parts]
        start(row, made)
        return made


def queue_release(hold: Hold, part: Part, gross: int, fee: int, *, by, reason: str) -> Release:
    """Take `gross` out of the locked hold towards the student, who gets it less `fee`; then `start` it."""
    ensure_movable(hold)
    part.hold = hold
    if part.releases.filter(reversal=None).exclude(state=REJECTED).exists():
        raise WrongMoment("This part has already been released.")
    if balance(part.account) < gross:
        raise WrongMoment("This part's money has gone back to the payer.")
    release = Release.objects.create(
        part=part,
        gross=gross,
        fee=fee,
        net=gross - fee,
        currency=hold.currency,
        by=by,
        reason=reason[:60],
        due_at=clock.now() + timedelta(days=hold.release_delay_days),
    )
    record(release, release.state, by=by, reason=reason[:60])
    _post_queued(release, part.account, "Approved: on its way to the student, the fee with it.")
    return release


def start(hold: Hold, releases: list[Release]) -> None:
    """Send what was queued, or let it wait for its day. All of a milestone's are there by now, so that whoever is
    told of one can be told of the whole.
    """
    for release in releases:
        if hold.release_delay_days:
            signals.release_waiting.send(sender=Part, part=release.part, release=release, why="scheduled")
        else:
            send(hold, release)


def give_to_student(hold: Hold, reversal, gross: int, fee: int) -> Release:
    """Send the student again what `reversal` had taken back, out of what stands on its account. Once."""
    part = reversal.release.part
    release = Release.objects.create(
        part=part,
        reversal=reversal,
        gross=gross,
        fee=fee,
        net=gross - fee,
        currency=hold.currency,
        by=reversal.by,
        reason="given_back",
    )
    record(release, release.state, by=reversal.by, reason="given_back")
    _post_queued(release, reversal.account, "Taken back before, and the student's again.")
    send(hold, release)
    return release


def _post_queued(release: Release, source: str, note: str) -> None:
    post(
        "release_queued",
        f"release:{release.uuid}:queue",
        [(source, release.gross), (_in_flight(release), -release.gross)],
        currency=release.currency,
        ref=f"part:{release.part.uuid}",
        note=note,
    )


def _in_flight(release: Release) -> str:
    return code("release_in_flight", release.currency, release.uuid)


def send(hold: Hold, release: Release) -> None:
    """Write the transfer down, or let the release wait for the student's account. The hold is locked."""
    if hold.frozen_at:
        return
    payee = PayeeAccount.objects.get(pk=release.part.payee_id)
    if not payee.can_receive:
        if release.state != WAITING_PAYEE:
            move(release, WAITING_PAYEE)
            signals.release_waiting.send(sender=Part, part=release.part, release=release, why="payee")
        return
    keep_back(release)
    if not release.transferred:
        _all_kept_back(hold, release)
        return
    if not _at_stripe(release):
        _wait_for_funds(release)
        return
    call = release.call
    if call and call.state == CALL_WAITING and release.destination == payee.stripe_id:
        outbox.resume(call)
    else:
        if call and call.state == CALL_WAITING:  # the account was replaced: the old call may never go again
            move(call, CALL_REJECTED, reason="account_replaced")
        call = outbox.enqueue("transfer", _transfer_params(hold, release, payee))
    move(release, QUEUED, call=call, destination=payee.stripe_id, retry_at=None)


def _at_stripe(release: Release) -> bool:
    """Whether the money of this release is at Stripe: of what sponsors sent to the operator's bank, only as much
    may leave as the operator has moved there. Others' money is there too, and must not go in its place.
    """
    lot = release.part.lot
    if lot is None or lot.charge_id:
        return True
    # One at a time: two releases must not count on the same money.
    LedgerAccount.objects.select_for_update().filter(code=code("bank", release.currency)).first()
    moved = LedgerEntry.objects.filter(
        transaction__kind="topped_up", account__code=code("stripe_balance", release.currency)
    ).aggregate(total=Sum("amount"))["total"]
    sent = (
        Release.objects.filter(
            part__lot__source=Lot.Source.BANK, currency=release.currency, state__in=(QUEUED, SENT)
        )
        .exclude(pk=release.pk)
        .aggregate(total=Sum(F("net") - F("offset")))["total"]
    )
    return (sent or 0) + release.transferred <= (moved or 0)


def _wait_for_funds(release: Release) -> None:
    retry_at = clock.now() + RETRY
    if release.state == WAITING_FUNDS:
        Release.objects.filter(pk=release.pk).update(retry_at=retry_at)
        return
    move(release, WAITING_FUNDS, reason="bank_transfer", retry_at=retry_at)
    signals.release_waiting.send(sender=Part, part=release.part, release=release, why="funds")


def retry_funds() -> None:
    """Money has come to Stripe: what waited for it may go at the next look."""
    Release.objects.filter(state=WAITING_FUNDS).update(retry_at=None)
    nudge("payments.retry_waiting")


def _transfer_params(hold: Hold, release: Release, payee: PayeeAccount) -> dict:
    """The net only: the fee is what is not transferred. Stripe bounds all transfers of one charge by the
    charge. A transfer has the group of the charge that it draws on.
    """
    lot = release.part.lot
    paid = lot or hold.fundings.get(state=FUNDED, extra=False)
    return {
        "amount": release.transferred,
        "currency": release.currency.lower(),
        "destination": payee.stripe_id,
        "transfer_group": str(lot.uuid if lot and lot.charge_id else hold.uuid),
        **({"source_transaction": paid.charge_id} if paid.charge_id else {}),
        "description": hold.description,
        "metadata": {"release": str(release.uuid), "hold": hold.public_id},
    }


def _all_kept_back(hold: Hold, release: Release) -> None:
    """All of the net repays what the student owes: there is nothing to send, and the fee is earned."""
    now = clock.now()
    move(release, SENT, reason="kept_back", sent_at=now)
    if release.fee:
        post(
            "released",
            f"release:{release.uuid}:kept",
            [(_in_flight(release), release.fee), (code("platform_fee", release.currency), -release.fee)],
            currency=release.currency,
            ref=f"part:{release.part.uuid}",
            note="The whole net repaid what the student owed.",
        )
    settle(hold)
    signals.part_released.send(sender=Part, part=release.part, release=release, at=now)


def transfer_made(release: Release, transfer: dict) -> None:
    """The transfer exists: the money is the student's and the fee is earned. Inside the call's
    transaction.
    """
    hold = lock_hold(release.part.hold_id)
    if release.state == SENT:
        return
    if transfer["amount"] != release.transferred or transfer["currency"].upper() != release.currency:
        raise ValueError(
            f"transfer {transfer['id']} is not the one that release {release.public_id} asked for"
        )
    now = clock.now()
    move(release, SENT, transfer_id=transfer["id"], sent_at=now, failure="")
    post(
        "released",
        f"transfer:{transfer['id']}",
        [
            (_in_flight(release), release.gross - release.offset),
            (code("stripe_balance", release.currency), -release.transferred),
            (code("platform_fee", release.currency), -release.fee),
        ],
        currency=release.currency,
        ref=f"part:{release.part.uuid}",
        note="The transfer exists: the net is the student's, the fee is earned.",
    )
    settle(hold)
    signals.part_released.send(sender=Part, part=release.part, release=release, at=now)


def transfer_refused(release: Release, error) -> str:
    """Wait where waiting helps, else put the money back into the hold. Returns the call's next state."""
    hold = lock_hold(release.part.hold_id)
    for codes, state, why in ((FUNDS_CODES, WAITING_FUNDS, "funds"), (ACCOUNT_CODES, WAITING_PAYEE, "payee")):
        if error.code in codes:
            move(release, state, reason=error.code, retry_at=clock.now() + RETRY)
            if why == "payee":  # what we believed about the account is out of date
                PayeeAccount.objects.filter(pk=release.part.payee_id).update(synced_at=None)
            signals.release_waiting.send(sender=Part, part=release.part, release=release, why=why)
            return CALL_WAITING
    _void(hold, release, by=None, reason=error.code, failure=str(error)[:300])
    log.error("release %s was refused by Stripe: %s", release.public_id, error.code)
    signals.release_failed.send(sender=Part, part=release.part, release=release, why=str(error))
    return CALL_REJECTED


def void_release(hold: Hold, release: Release, *, by, reason: str) -> None:
    """Put a release that has not been sent back to where it came from; its call can never go again.

    Raises `WrongMoment` when a worker is sending it at this moment.
    """
    if release.call:
        call = Call.objects.select_for_update().get(pk=release.call_id)
        if call.state != CALL_WAITING:
            raise WrongMoment("This is being sent to Stripe right now. Look again in a minute.")
        move(call, CALL_REJECTED, by=by, reason="release_stopped")
    _void(hold, release, by=by, reason="stopped", note=reason)


def _void(hold: Hold, release: Release, *, by, reason: str, note: str = "", failure: str = "") -> None:
    release.part.hold = hold
    move(release, REJECTED, by=by, reason=reason[:60], note=note, failure=failure)
    source = release.reversal.account if release.reversal_id else release.part.account
    post(
        "release_void",
        f"release:{release.uuid}:void",
        [
            (_in_flight(release), release.gross - release.offset),
            *undo_repayments(release),
            (source, -release.gross),
        ],
        currency=release.currency,
        ref=f"part:{release.part.uuid}",
        note=note or "Refused by Stripe: back to where it came from.",
    )
    if release.reversal_id:
        type(release.reversal).objects.filter(pk=release.reversal_id).update(gone_to="")
    settle(hold)


def release_due(limit: int = 100) -> int:
    """Send the scheduled releases whose time has come."""
    due = Release.objects.filter(state=SCHEDULED, due_at__lte=clock.now(), part__hold__frozen_at=None)
    return sum(
        _send_if_still(pk, (SCHEDULED,)) for pk in due.order_by("due_at").values_list("pk", flat=True)[:limit]
    )


def retry_waiting(limit: int = 100) -> int:
    """Send what waited for an account that can now receive, or for funds that may now be there."""
    now = clock.now()
    waiting = Release.objects.filter(state__in=(WAITING_PAYEE, WAITING_FUNDS), part__hold__frozen_at=None)
    _sync_waiting_payees(waiting, now)
    ready = waiting.filter(part__payee__state="active").exclude(retry_at__gt=now)
    return sum(
        _send_if_still(pk, (WAITING_PAYEE, WAITING_FUNDS))
        for pk in ready.order_by("id").values_list("pk", flat=True)[:limit]
    )


def _sync_waiting_payees(waiting, now) -> None:
    """Re-read the accounts that money waits for: no webhook is needed for it to go."""
    stale = PayeeAccount.objects.filter(pk__in=waiting.values("part__payee")).exclude(stripe_id=None)
    for payee in stale.exclude(synced_at__gt=now - timedelta(minutes=5)).order_by("synced_at")[:20]:
        try:
            sync_account(payee)
        except gateway.StripeTrouble as error:
            log.warning("account not read: %s", error)
            return


def _send_if_still(pk: int, states) -> bool:
    with transaction.atomic():
        hold_id = Part.objects.values_list("hold_id", flat=True).get(releases=pk)
        hold = lock_hold(hold_id)
        release = Release.objects.select_related("part", "call").get(pk=pk)
        if release.state not in states:
            return False
        send(hold, release)
        return release.state in (QUEUED, SENT)
