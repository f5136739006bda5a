"""Reads of sponsors' money: who may see a wallet, what may be done with it now, and what is left in it."""

from django.db.models import F, Q, Sum

from accounts.employers.models import Membership
from accounts.schools.models import SchoolStaff

from ..ledger.models import LedgerAccount, LedgerEntry
from ..ledger.queries import balances
from .models import Lot, Payback, Wallet
from .states import DRAFT, FROZEN, LOT_LIVE, OPEN, PAID, PROCESSING, QUEUED


# --- who sees what ----------------------------------------------------------------------------------------
def visible_to(user):
    """The wallets that `user` looks after: as staff of the school or owner of the foundation; moderators see all."""
    rows = Wallet.objects.select_related("school", "organisation")
    if not user.is_authenticated:
        return rows.none()
    return rows if user.is_staff else rows.filter(_coordinated_by(user))


def coordinated_by(user):
    """The wallets that `user` may give money from; being a moderator is not enough."""
    rows = Wallet.objects.select_related("school", "organisation")
    return rows.filter(_coordinated_by(user)) if user.is_authenticated else rows.none()


def _coordinated_by(user) -> Q:
    schools = SchoolStaff.objects.filter(user=user).values("school")
    owned = Membership.objects.filter(user=user, role=Membership.Role.OWNER).values("organisation")
    return Q(school__in=schools) | Q(organisation__in=owned)


def coordinates(user, wallet: Wallet) -> bool:
    return coordinated_by(user).filter(pk=wallet.pk).exists()


def coordinators(wallet: Wallet) -> list:
    """The people who look after `wallet`."""
    if wallet.school_id:
        rows = SchoolStaff.objects.filter(school=wallet.school_id)
    else:
        rows = Membership.objects.filter(organisation=wallet.organisation_id, role=Membership.Role.OWNER)
    return [row.user for row in rows.filter(user__is_active=True).select_related("user")]


# --- what may be done now ---------------------------------------------------------------------------------
def allowed_actions(user, wallet: Wallet) -> dict[str, str | None]:
    """Each act of the user's role on `wallet`: None when it is allowed now, else the reason why not."""
    acts: dict[str, str | None] = {}
    if coordinates(user, wallet):
        frozen = why_frozen(wallet)
        acts |= {"top_up": None, "pay_back": frozen, "edit": None, "give": frozen}
    if user.is_authenticated and user.is_staff:
        acts |= {
            "record_transfer": None,
            "freeze": "It is frozen already." if wallet.state == FROZEN else None,
            "thaw": None if wallet.state == FROZEN else "It is not frozen.",
        }
    return acts


def why_not_close(lot: Lot) -> str | None:
    """Why the payment page of `lot` cannot be closed; None while nobody has paid on it."""
    if lot.source == Lot.Source.CHECKOUT and lot.state in (DRAFT, OPEN):
        return None
    if lot.state == PROCESSING:
        return "The payment has been made and is on its way."
    return f"This is {lot.get_state_display()}."


def why_frozen(wallet: Wallet) -> str | None:
    if wallet.state != FROZEN:
        return None
    return f"The wallet is frozen: {wallet.frozen_why or 'a moderator is looking at it'}."


# --- what is left -----------------------------------------------------------------------------------------
def paid_lots(wallet: Wallet):
    """The lots whose money has come, the oldest first."""
    return wallet.lots.filter(state=PAID).order_by("id")


def remains(lots) -> dict[int, int]:
    """What is left of each lot, minor units by lot id, in one query."""
    lots = list(lots)
    found = balances([lot.account for lot in lots])
    return {lot.pk: found[lot.account] for lot in lots}


def spendable(lots) -> dict[int, int]:
    """What may be given or sent back of each lot: what is left and no bank asks about. Minor units by lot id."""
    lots = list(lots)
    return {
        pk: max(left - lot.questioned, 0) for lot, (pk, left) in zip(lots, remains(lots).items(), strict=True)
    }


def spendable_in(wallet: Wallet) -> int:
    """The same for the whole wallet."""
    return sum(spendable(paid_lots(wallet)).values())


def pool(wallet: Wallet) -> int:
    """What stands in the wallet and is with no project, minor units."""
    return sum(remains(paid_lots(wallet)).values())


def pools(wallets) -> dict[int, int]:
    """The same for many wallets, in two queries."""
    lots = list(Lot.objects.filter(wallet__in=[wallet.pk for wallet in wallets], state=PAID))
    left, found = remains(lots), {wallet.pk: 0 for wallet in wallets}
    for lot in lots:
        found[lot.wallet_id] += left[lot.pk]
    return found


def accounts_of(wallet: Wallet):
    """The ledger accounts of the wallet's lots."""
    return LedgerAccount.objects.filter(code__in=[lot.account for lot in wallet.lots.all()])


def movements(wallet: Wallet):
    """Every entry on the wallet's accounts, newest first: money in is below zero there (a credit)."""
    return (
        LedgerEntry.objects.filter(account__in=accounts_of(wallet).values("pk"))
        .select_related("transaction", "account")
        .order_by("-id")
    )


def on_their_way(wallet: Wallet):
    """Payments into the wallet that have not come yet, newest first."""
    return wallet.lots.filter(state__in=LOT_LIVE).order_by("-id")


def paybacks(wallet: Wallet):
    return Payback.objects.filter(lot__wallet=wallet).select_related("lot").order_by("-id")


def sums(wallet: Wallet) -> dict[str, int]:
    """Minor units: `received` ever, and `paid_back` to the sponsor (with what is on its way there)."""
    received = paid_lots(wallet).aggregate(total=Sum("amount"))["total"] or 0
    back = (
        paybacks(wallet).exclude(state="failed").aggregate(total=Sum(F("amount") - F("beyond")))["total"] or 0
    )
    return {"received": received, "paid_back": back}


def transfers_waiting():
    """Returns that the operator has to make by bank transfer."""
    return Payback.objects.filter(state=QUEUED, lot__source=Lot.Source.BANK)
