"""A wallet is opened, frozen and thawed, and says from which of its lots an amount is taken."""

from django.db import transaction

from accounts.employers.models import Membership
from accounts.schools.queries import is_staff_of
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.money import MAX_MINOR, MoneyError, check_step, show
from marketplace.ground.states import move, record

from ... import signals
from ...ledger.models import LedgerAccount
from .. import queries
from ..models import Lot, Wallet
from ..states import FROZEN, OPEN


def open_wallet(*, by, school=None, organisation=None, currency: str = "USD") -> Wallet:
    """Open the wallet of a school (its staff may) or of a foundation (its owners may, once it is verified).

    The one that is there already is given back. Raises `NotAllowed`, `WrongMoment`.
    """
    if (school is None) == (organisation is None):
        raise Invalid({"sponsor": ["A wallet belongs to one school or one organisation."]})
    if school and not is_staff_of(by, school):
        raise NotAllowed("Only people of the school's career centre open its wallet.")
    if organisation:
        owner = Membership.objects.filter(user=by, organisation=organisation, role=Membership.Role.OWNER)
        if not owner.exists():
            raise NotAllowed("Only owners of the organisation open its wallet.")
        if organisation.verified_at is None:
            raise WrongMoment("A wallet is for verified organisations. Verify yours first.")
    with transaction.atomic():
        wallet, made = Wallet.objects.get_or_create(
            school=school,
            organisation=organisation,
            currency=currency,
            defaults={"created_by": by},
        )
        if made:
            record(wallet, wallet.state, by=by)
    return wallet


def lock_wallet(wallet: Wallet) -> Wallet:
    """The wallet, locked for this transaction: what is counted in it is counted by one at a time.

    Taken after project, application and engagement and before any hold.
    """
    row = Wallet.objects.select_for_update(no_key=True).get(pk=wallet.pk)
    row.school, row.organisation = wallet.school, wallet.organisation
    return row


def insist_on_step(amount: int, currency: str) -> None:
    """Raises `Invalid` for an amount between two steps of the currency, which Stripe would refuse later."""
    try:
        check_step(amount, currency)
    except MoneyError as error:
        raise Invalid({"amount": [str(error)]}) from error


def lock_lot(lot: Lot) -> None:
    """Lock the wallet, and what is left of the lot: also what comes back from a project waits, which holds no
    wallet's lock.
    """
    lock_wallet(lot.wallet)
    list(LedgerAccount.objects.select_for_update(no_key=True).filter(code=lot.account))


def set_low_mark(*, by, wallet: Wallet, amount: int) -> Wallet:
    """Tell the coordinators when less than `amount` minor units is free; 0 for never."""
    if not queries.coordinates(by, wallet):
        raise NotAllowed("Only the sponsor's own people change its wallet.")
    if type(amount) is not int or not 0 <= amount <= MAX_MINOR:
        raise Invalid({"low_at": ["Write an amount, or 0 to be told nothing."]})
    with transaction.atomic():
        row = lock_wallet(wallet)
        Wallet.objects.filter(pk=row.pk).update(low_at=amount)
        row.low_at = amount
        record(row, row.state, old=row.state, by=by, reason="low_mark", note=show(amount, row.currency))
    return row


def freeze_wallet(*, by, wallet: Wallet, why: str) -> None:
    """Nothing is given from it and nothing goes back until it is thawed; what is with projects stays there."""
    with transaction.atomic():
        row = lock_wallet(wallet)
        if row.state == OPEN:
            move(row, FROZEN, by=by, note=why, frozen_why=why[:200])
            signals.wallet_frozen.send(sender=Wallet, wallet=row, why=why)
    wallet.refresh_from_db()


def thaw_wallet(*, by, wallet: Wallet) -> None:
    with transaction.atomic():
        row = lock_wallet(wallet)
        if row.state == FROZEN:
            move(row, OPEN, by=by, frozen_why="")
    wallet.refresh_from_db()


def lots_for(wallet: Wallet, amounts: list[int]) -> list[list[tuple[Lot, int]]]:
    """From which lots each of `amounts` is taken, the oldest money first: pairs that add up to each amount.

    The wallet is locked by the caller. Nothing moves here: `holds.open_hold` takes it, and the guarded accounts
    decide once more. Raises `WrongMoment` when there is too little.
    """
    if reason := queries.why_frozen(wallet):
        raise WrongMoment(reason)
    lots = list(queries.paid_lots(wallet))
    left = queries.spendable(lots)
    if sum(left.values()) < sum(amounts):
        raise WrongMoment("The sponsor's money for this has run out in the meantime.")
    found: list[list[tuple[Lot, int]]] = []
    for amount in amounts:
        pieces = []
        for lot in lots:
            piece = min(amount, left[lot.pk])
            if piece:
                pieces.append((lot, piece))
                left[lot.pk] -= piece
                amount -= piece
        found.append(pieces)
    return found
