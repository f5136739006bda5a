"""A bank takes a sponsor's payment back: what is free of that lot bears it, and what comes back of it later.

What was with projects or spent by then is the platform's risk; those projects go on. Whoever calls holds the lock
of the lot's ledger account (by `lock_lot`, or by a posting of its own), then the disputes' rows.
"""

from django.db import transaction
from django.db.models import F

from ...ledger.actions import post
from ...ledger.chart import code
from ...ledger.models import LedgerTransaction
from ...ledger.queries import balance
from ...wallets.actions import lock_lot
from ...wallets.models import Lot
from ..models import Dispute
from ..states import OPEN


def ref_of(dispute: Dispute) -> str:
    return f"dispute:{dispute.uuid}"


def follow(row: Dispute) -> None:
    """Bring what is set aside of the lot in step with what the bank has taken now. Safe twice."""
    change = min(row.taken - row.covered, balance(row.lot.account))
    if change:
        kind = "sponsor_disputed" if change > 0 else "sponsor_undisputed"
        _post(row, kind, [(row.lot.account, change), (_borne_on(row), -change)])
        row.covered += change
        row.save(update_fields=["covered"])


def question(row: Dispute) -> None:
    """Keep on the lot how much of it banks ask about and have not taken. The wallet is locked."""
    open_ = Dispute.objects.filter(lot=row.lot_id, state__in=OPEN).values_list("amount", "taken")
    Lot.objects.filter(pk=row.lot_id).update(questioned=sum(max(most - taken, 0) for most, taken in open_))


def cover(lots) -> None:
    """Money came into the lots: what banks have taken of them and nobody bears yet is taken out of it first."""
    short = Dispute.objects.select_for_update().filter(
        lot__in=[lot.pk for lot in lots], taken__gt=F("covered")
    )
    for row in short.order_by("id"):
        follow(row)


def cover_what_is_short() -> None:
    """The same for every lot that still holds something; for what was disputed before its payment was known."""
    short = Dispute.objects.filter(lot__isnull=False, taken__gt=F("covered"))
    for lot in Lot.objects.filter(pk__in=short.values("lot")).select_related("wallet")[:100]:
        with transaction.atomic():
            lock_lot(lot)
            cover([lot])


def _borne_on(row: Dispute) -> str:
    """Undecided it is set aside; once lost, it makes the loss smaller."""
    return code("dispute_loss", row.currency) if row.booked_lost else row.frozen_account


def set_aside_again(row: Dispute, lost: LedgerTransaction) -> None:
    """The loss has been taken out of the books: what the lot bore of it after that day is set aside, too."""
    frozen = lost.entries.filter(account__code=row.frozen_account).values_list("amount", flat=True)
    late = row.covered - sum(frozen)
    if late:
        _post(
            row, "sponsor_disputed", [(code("dispute_loss", row.currency), late), (row.frozen_account, -late)]
        )


def _post(row: Dispute, kind: str, entries) -> None:
    number = LedgerTransaction.objects.filter(ref=ref_of(row)).count()  # the row's lock makes it ours alone
    post(
        kind,
        f"dispute:{row.stripe_id}:lot:{number}",
        entries,
        currency=row.currency,
        ref=ref_of(row),
        note=f"Payment {row.lot.public_id}, dispute {row.public_id}",
    )
