"""A hold is opened, cancelled while unfunded, frozen, thawed and settled."""

from datetime import datetime, timedelta

from django.db import transaction

from marketplace.ground import clock
from marketplace.ground.errors import Invalid, WrongMoment
from marketplace.ground.money import MAX_MINOR, exponent
from marketplace.ground.nudge import nudge
from marketplace.ground.states import move, record

from ... import signals
from ...connect.queries import payee_of
from ...ledger.queries import balances
from ...stripe.actions import outbox
from ..models import Funding, Hold, Part
from ..states import (
    CANCELLED,
    DRAFT,
    EXPIRED,
    FUNDING_LIVE,
    OPEN,
    PENDING,
    PROCESSING,
    QUEUED,
    RELEASE_WAITING,
    SECURED,
    SETTLED,
    UNFUNDED,
)


def open_hold(
    *,
    ref: str,
    payee,
    payer_ref: str,
    currency: str,
    parts,
    description: str,
    release_delay_days: int = 0,
    deadline: datetime | None = None,
) -> Hold:
    """Open the hold of one engagement, nothing in it yet; the same `ref` again gives the first one.

    payee: the User who will be paid. payer_ref: public id of the paying organisation.
    parts: (part_ref, price, fee) in minor units, in the order in which they are paid.
    release_delay_days: wait between approval and release. deadline: by when it has to be secured.
    Raises `Invalid` for amounts that cannot be.
    """
    known = Hold.objects.filter(ref=ref).first()
    if known:
        return known
    _check_amounts(currency, parts)
    with transaction.atomic():
        who = payee_of(payee)
        hold = Hold.objects.create(
            ref=ref,
            payee=who,
            payer_ref=payer_ref,
            currency=currency.upper(),
            description=description[:200],
            price=sum(price for _, price, _ in parts),
            fee=sum(fee for _, _, fee in parts),
            release_delay_days=release_delay_days,
            deadline=deadline,
        )
        Part.objects.bulk_create(
            Part(hold=hold, ref=part_ref, payee=who, position=position, price=price, fee=fee)
            for position, (part_ref, price, fee) in enumerate(parts)
        )
        record(hold, hold.state)
    return hold


def _check_amounts(currency: str, parts) -> None:
    if not (isinstance(currency, str) and len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise Invalid({"currency": ["Write the currency as three letters, for example USD."]})
    exponent(currency)
    good = parts and all(
        type(price) is int and type(fee) is int and 0 <= fee < price <= MAX_MINOR for _, price, fee in parts
    )
    if not good or sum(price for _, price, _ in parts) > MAX_MINOR:
        raise Invalid({"parts": ["Each part needs a price above zero, and a fee below its price."]})


def lock_hold(hold_id: int) -> Hold:
    """The hold, locked for this transaction; rooms above lock what comes earlier in the lock order first."""
    ref = Hold.objects.values_list("ref", flat=True).get(pk=hold_id)
    signals.hold_locking.send(sender=Hold, ref=ref)
    return Hold.objects.select_for_update().get(pk=hold_id)


def ensure_movable(hold: Hold) -> None:
    """Raises `WrongMoment` unless money may leave the hold now."""
    if hold.state in (UNFUNDED, PROCESSING):
        raise WrongMoment("The funds are not secured yet.")
    if hold.state == CANCELLED:
        raise WrongMoment("This was cancelled before the funds were secured.")
    if hold.frozen_at:
        raise WrongMoment(f"The money is on hold: {hold.frozen_why or 'a moderator is looking at it'}.")


def held(hold: Hold) -> list[tuple[Part, int]]:
    """The parts that still hold money, in order, each with how much."""
    parts = list(hold.parts.order_by("position"))
    for part in parts:
        part.hold = hold
    amounts = balances([part.account for part in parts])
    return [(part, amounts[part.account]) for part in parts if amounts[part.account]]


def cancel_hold(*, by, hold: Hold, reason: str = "") -> None:
    """Give up on a hold that was never secured: its payment page is closed, and late money goes back by
    itself.
    """
    with transaction.atomic():
        row = lock_hold(hold.pk)
        if row.state not in (UNFUNDED, PROCESSING):
            raise WrongMoment("The funds are secured; they have to be released or refunded.")
        move(row, CANCELLED, by=by, reason="cancelled", note=reason)
        close_pages(row)
    hold.refresh_from_db()


def close_pages(hold: Hold, keep: Funding | None = None) -> None:
    """Close the payment pages of `hold` that nobody should pay on any more. A bank debit on its way is
    left.
    """
    for funding in (
        hold.fundings.select_for_update().filter(state__in=FUNDING_LIVE).exclude(pk=keep and keep.pk)
    ):
        if funding.state in (DRAFT, OPEN):
            move(funding, EXPIRED)
            close_session(funding)


def close_session(funding: Funding) -> None:
    if funding.session_id:  # otherwise it is closed when it turns out to have been made
        outbox.enqueue("checkout_expire", {"session": funding.session_id}, tagged=False)


def freeze(*, by, hold: Hold, why: str) -> None:
    """Stop everything that moves this hold's money out."""
    with transaction.atomic():
        row = lock_hold(hold.pk)
        if not row.frozen_at:
            Hold.objects.filter(pk=row.pk).update(frozen_at=clock.now(), frozen_why=why[:200])
            record(row, "frozen", by=by, note=why, old=row.state)
            row.refresh_from_db()
            signals.hold_frozen.send(sender=Hold, hold=row, why=why)
    hold.refresh_from_db()


def unfreeze(*, by, hold: Hold) -> None:
    """Let the money move again; what was due in the meantime goes at once."""
    with transaction.atomic():
        row = lock_hold(hold.pk)
        if row.frozen_at:
            Hold.objects.filter(pk=row.pk).update(frozen_at=None, frozen_why="")
            record(row, row.state, by=by, old="frozen")
            row.refresh_from_db()
            signals.hold_unfrozen.send(sender=Hold, hold=row)
            nudge("payments.release_due")
            nudge("payments.retry_waiting")
    hold.refresh_from_db()


def settle(hold: Hold) -> None:
    """Settled is when nothing is left and nothing is on its way; a refusal at Stripe may bring money back."""
    busy = (
        held(hold)
        or hold.refunds.filter(state__in=(QUEUED, PENDING)).exists()
        or Part.objects.filter(hold=hold, releases__state__in=RELEASE_WAITING).exists()
    )
    if hold.state == SECURED and not busy:
        move(hold, SETTLED, settled_at=clock.now())
    elif hold.state == SETTLED and busy:
        move(hold, SECURED, reason="came_back", settled_at=None)


def tell_limits(limit: int = 100) -> int:
    """Tell, once, about each hold that has been held as long as the policy allows. A moderator decides."""
    now, told = clock.now(), 0
    due = Hold.objects.filter(state=SECURED, limit_at__lte=now, limit_told_at=None).order_by("limit_at")
    for pk in due.values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            row = lock_hold(pk)
            if row.state == SECURED and row.limit_told_at is None:
                Hold.objects.filter(pk=pk).update(limit_told_at=now)
                record(row, "limit_reached", old=row.state)
                signals.hold_limit_reached.send(sender=Hold, hold=row)
                told += 1
    return told


def limit_from(secured: datetime, days: int) -> datetime:
    return secured + timedelta(days=days)
