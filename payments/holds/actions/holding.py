"""A hold is opened, cancelled while unfunded, settled, and watched for how long it lasts."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction

from marketplace.ground import clock, policy
from marketplace.ground.errors import Invalid, WrongMoment
from marketplace.ground.money import MAX_MINOR, MoneyError, check_currency, check_step
from marketplace.ground.states import move, record

from ... import signals
from ...connect.queries import payee_of
from ...ledger.actions import post
from ...ledger.queries import balances
from ...payers.actions import prepare
from ...stripe.actions import outbox
from ...wallets.models import Lot
from ..models import Funding, Hold, Part
from ..recovery import FrozenLine, Reversal
from ..states import (
    CANCELLED,
    DRAFT,
    EXPIRED,
    FAILED,
    FROZEN,
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
from .returning import return_to_sponsors


class PartSpec(NamedTuple):
    """What is paid for `ref` from one source to one person; amounts in minor units.

    payee: a User other than the hold's (a mentor, for example). lot: the sponsor's money that pays for it; the
    fee is waived on that, and the payer owes nothing for it.
    """

    ref: str
    price: int
    fee: int
    payee: object | None = None
    lot: Lot | None = None


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
    hold_days: int | None = None,
) -> Hold:
    """Open the hold of one engagement; the same `ref` again gives the first one.

    payee: the User who will be paid. payer_ref: public id of the paying organisation.
    parts: `PartSpec`s (or their tuples), in the order in which they are paid; (ref, lot) is unique.
    The sponsored ones are filled from their lots here; the payer's wait for the payment of `hold.due`.
    release_delay_days: wait between approval and release. deadline: by when it has to be secured.
    hold_days: how long it may be held once secured; the present policy's unless the agreement names it.
    Raises `Invalid` for amounts that cannot be, `WrongMoment` when a lot has not got that much left.
    """
    known = Hold.objects.filter(ref=ref).first()
    if known:
        return known
    specs = [PartSpec(*part) for part in parts]
    _check_amounts(currency, specs)
    with transaction.atomic():
        who = payee_of(payee)
        hold = Hold.objects.create(
            ref=ref,
            payee=who,
            payer_ref=payer_ref,
            currency=currency.upper(),
            description=description[:200],
            price=sum(spec.price for spec in specs),
            fee=sum(spec.fee for spec in specs),
            sponsored=sum(spec.price for spec in specs if spec.lot),
            release_delay_days=release_delay_days,
            deadline=deadline,
            hold_days=policy.current().hold_days if hold_days is None else hold_days,
        )
        rows = Part.objects.bulk_create(
            Part(
                hold=hold,
                ref=spec.ref,
                payee=payee_of(spec.payee) if spec.payee else who,
                lot=spec.lot,
                position=position,
                price=spec.price,
                fee=spec.fee,
            )
            for position, spec in enumerate(specs)
        )
        record(hold, hold.state)
        _allocate(hold, [part for part in rows if part.lot_id])
        prepare(payer_ref)
    return hold


def _check_amounts(currency: str, specs: list[PartSpec]) -> None:
    if not (isinstance(currency, str) and len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise Invalid({"currency": ["Write the currency as three letters, for example USD."]})
    try:
        check_currency(currency)
    except MoneyError as error:
        raise Invalid({"currency": [str(error)]}) from error
    good = specs and all(
        type(spec.price) is int and type(spec.fee) is int and 0 <= spec.fee < spec.price <= MAX_MINOR
        for spec in specs
    )
    if not good or sum(spec.price for spec in specs) > MAX_MINOR:
        raise Invalid({"parts": ["Each part needs a price above zero, and a fee below its price."]})
    try:
        for amount in (amount for spec in specs for amount in (spec.price, spec.fee)):
            check_step(amount, currency)
    except MoneyError as error:
        raise Invalid({"parts": [str(error)]}) from error
    if any(spec.lot and spec.fee for spec in specs):
        raise Invalid({"parts": ["There is no fee on what a sponsor pays."]})
    if any(spec.lot and spec.lot.currency != currency.upper() for spec in specs):
        raise Invalid({"parts": ["The sponsor's money is in another currency."]})
    if len({(spec.ref, spec.lot) for spec in specs}) < len(specs):
        raise Invalid({"parts": ["Each part is paid once from each source."]})


def _allocate(hold: Hold, parts: list[Part]) -> None:
    """Fill sponsored parts from their lots. The guarded accounts decide who gets the last money."""
    for part in parts:
        try:
            with transaction.atomic():
                post(
                    "allocated",
                    f"alloc:{part.uuid}",
                    [(part.lot.account, part.price), (part.account, -part.price)],
                    currency=hold.currency,
                    ref=f"part:{part.uuid}",
                    note=hold.description,
                )
        except IntegrityError as error:
            raise WrongMoment("The sponsor's money for this has run out in the meantime.") from error


def secure_covered(hold: Hold) -> bool:
    """Secure a hold that sponsors pay for wholly; True when this did. Others wait for their payer.

    Call it once the caller's own rows point at the hold: `funds_secured` is sent from here.
    """
    with transaction.atomic():
        row = lock_hold(hold.pk)
        covered = row.due == 0 and row.state == UNFUNDED
        if covered:
            now = clock.now()
            move(
                row,
                SECURED,
                reason="sponsored",
                secured_at=now,
                limit_at=limit_from(row, now),
            )
            signals.funds_secured.send(sender=Hold, hold=row, funding=None)
    hold.refresh_from_db()
    return covered


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
    parts = list(hold.parts.select_related("lot").order_by("position"))
    for part in parts:
        part.hold = hold
    amounts = balances([part.account for part in parts])
    return [(part, amounts[part.account]) for part in parts if amounts[part.account]]


def cancel_hold(*, by, hold: Hold, reason: str = "") -> None:
    """Give up on a hold that was never secured: its payment page is closed, sponsors have their money back at
    once, and late money goes back by itself.
    """
    with transaction.atomic():
        row = lock_hold(hold.pk)
        if row.state not in (UNFUNDED, PROCESSING):
            raise WrongMoment("The funds are secured; they have to be released or refunded.")
        move(row, CANCELLED, by=by, reason="cancelled", note=reason)
        close_pages(row)
        return_to_sponsors(row, held(row), by=by, reason=reason)
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


def settle(hold: Hold) -> None:
    """Settled is when nothing is left and nothing is on its way; a refusal at Stripe may bring money back."""
    busy = (
        held(hold)
        or hold.refunds.filter(state__in=(QUEUED, PENDING)).exists()
        or Part.objects.filter(hold=hold, releases__state__in=RELEASE_WAITING).exists()
        or FrozenLine.objects.filter(part__hold=hold, state=FROZEN).exists()
        or Reversal.objects.filter(release__part__hold=hold, gone_to="").exclude(state=FAILED).exists()
    )
    if hold.state == SECURED and not busy:
        move(hold, SETTLED, settled_at=clock.now())
    elif hold.state == SETTLED and busy:
        move(hold, SECURED, reason="came_back", settled_at=None)


def tell_limits(limit: int = 100) -> int:
    """Tell, once each, that a hold comes near the limit, and that it has been held as long as the policy allows.
    A moderator decides.
    """
    now = clock.now()
    soon = now + timedelta(days=policy.current().hold_warning_days)
    near = _tell("limit_near_told_at", signals.hold_limit_near, "limit_near", soon, limit)
    return near + _tell("limit_told_at", signals.hold_limit_reached, "limit_reached", now, limit)


def _tell(field: str, signal, word: str, until: datetime, limit: int) -> int:
    told = 0
    due = Hold.objects.filter(state=SECURED, limit_at__lte=until, **{field: None}).order_by("limit_at")
    for pk in due.values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            row = lock_hold(pk)
            if row.state == SECURED and getattr(row, field) is None:
                setattr(row, field, clock.now())
                row.save(update_fields=[field])
                record(row, word, old=row.state)
                signal.send(sender=Hold, hold=row)
                told += 1
    return told


def move_limit(*, hold: Hold, by: timedelta) -> None:
    """A hold may be held for longer, by as long as its two parties had a dispute about it. What was told about a
    limit that now lies ahead again is told anew.
    """
    with transaction.atomic():
        row = lock_hold(hold.pk)
        if row.limit_at is None or row.state != SECURED:
            return
        row.limit_at += by
        now, warning = clock.now(), timedelta(days=policy.current().hold_warning_days)
        if row.limit_at > now:
            row.limit_told_at = None
        if row.limit_at - warning > now:
            row.limit_near_told_at = None
        row.save(update_fields=["limit_at", "limit_told_at", "limit_near_told_at"])
        record(row, "limit_moved", note=f"To {row.limit_at:%d %B %Y, %H:%M} UTC.", old=row.state)
    hold.refresh_from_db()


def limit_from(hold: Hold, secured: datetime) -> datetime:
    return secured + timedelta(days=hold.hold_days)
