"""Money that a sponsor sent to the operator's bank: a moderator records the line of the bank statement."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction

from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.money import MAX_MINOR, show
from marketplace.ground.states import move, record

from ... import signals
from ...ledger.actions import post
from ...ledger.chart import code
from ...ledger.models import LedgerTransaction
from ...stripe import gateway
from ..models import Lot, Wallet
from ..queries import remains
from ..states import PAID, VOIDED
from .keeping import insist_on_step, lock_wallet

LONG_AGO = timedelta(days=366)
BANK = Lot.Source.BANK


def record_transfer(*, by, wallet: Wallet, amount: int, received_on: date, reference: str) -> Lot:
    """Put a bank transfer into `wallet`, once for each line of the bank statement.

    The money stands on the operator's bank account: what is released of it waits until so much has been moved
    to Stripe. Raises `NotAllowed`, `Invalid`.
    """
    if not by.is_staff:
        raise NotAllowed("Only a moderator records bank transfers.")
    reference = reference.strip()
    wrong: dict[str, list[str]] = {}
    if type(amount) is not int or not 1 <= amount <= MAX_MINOR:
        wrong["amount"] = [f"Write an amount above zero, at most {show(MAX_MINOR, wallet.currency)}."]
    if not reference or len(reference) > 80:
        wrong["reference"] = ["Write the reference on the bank statement, at most 80 characters."]
    today = clock.now().date()
    if not today - LONG_AGO <= received_on <= today:
        wrong["received_on"] = ["Write the day on which it arrived, within the last year."]
    if wrong:
        raise Invalid(wrong)
    insist_on_step(amount, wallet.currency)  # parts of it are released through Stripe
    with transaction.atomic():
        row = lock_wallet(wallet)
        known = Lot.objects.filter(
            source=BANK,
            state=PAID,
            reference=reference,
            received_on=received_on,
            amount=amount,
            currency=row.currency,
        )
        if known.exists():
            raise Invalid({"reference": ["This line of the bank statement has been recorded already."]})
        lot = Lot.objects.create(
            wallet=row,
            source=BANK,
            state=PAID,
            amount=amount,
            currency=row.currency,
            by=by,
            reference=reference,
            received_on=received_on,
            paid_at=clock.now(),
        )
        record(lot, PAID, by=by, note=reference)
        post(
            "sponsor_transferred",
            f"lot:{lot.uuid}",
            [(code("bank", row.currency), amount), (lot.account, -amount)],
            currency=row.currency,
            ref=f"wallet:{row.uuid}",
            note=reference,
        )
        signals.wallet_paid.send(sender=Wallet, wallet=row, lot=lot)
    return lot


def void_transfer(*, by, lot: Lot, reasons: str) -> None:
    """Take back a transfer that was recorded by mistake; only while nothing of it has been given away."""
    if not by.is_staff:
        raise NotAllowed("Only a moderator corrects bank transfers.")
    with transaction.atomic():
        lock_wallet(lot.wallet)
        row = Lot.objects.select_for_update().get(pk=lot.pk)
        if row.source != BANK or row.state != PAID:
            raise WrongMoment("Only a recorded bank transfer can be taken back.")
        if remains([row])[row.pk] != row.amount:
            raise WrongMoment("Some of this money has been given to projects or paid back already.")
        move(row, VOIDED, by=by, note=reasons)
        try:
            post(
                "sponsor_transfer_void",
                f"lot:{row.uuid}:void",
                [(row.account, row.amount), (code("bank", row.currency), -row.amount)],
                currency=row.currency,
                ref=f"wallet:{lot.wallet.uuid}",
                note=reasons[:200],
                reverses=LedgerTransaction.objects.get(key=f"lot:{row.uuid}"),
            )
        except IntegrityError as error:
            raise WrongMoment("Some of this money has just been given to a project.") from error
    lot.refresh_from_db()


def sync_topup(topup_id: str) -> None:
    """The operator moved money from the bank to Stripe: it is at Stripe now, and what waited for it may go."""
    found = gateway.topup(topup_id)
    if found["status"] != "succeeded":
        return
    currency = found["currency"].upper()
    with transaction.atomic():
        post(
            "topped_up",
            f"topup:{found['id']}",
            [(code("stripe_balance", currency), found["amount"]), (code("bank", currency), -found["amount"])],
            currency=currency,
        )
        signals.topped_up.send(sender=Lot, currency=currency)
