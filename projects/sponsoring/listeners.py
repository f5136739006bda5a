"""Hears what payments says about sponsors' money, inside the same transaction."""

from django.dispatch import receiver

from payments import signals as money

from . import actions, notices


@receiver(money.returned_to_sponsors, dispatch_uid="sponsoring.returned")
def returned(sender, hold, amount, **_):
    actions.take_back(hold, amount)


@receiver(money.wallet_paid, dispatch_uid="sponsoring.wallet_paid")
def wallet_paid(sender, wallet, lot, **_):
    notices.paid_in(wallet, lot)


@receiver(money.wallet_payment_failed, dispatch_uid="sponsoring.payment_failed")
def payment_failed(sender, wallet, lot, why, **_):
    notices.trouble(wallet, lot, "A payment into your wallet did not work", why)


@receiver(money.payback_failed, dispatch_uid="sponsoring.payback_failed")
def payback_failed(sender, payback, why, **_):
    notices.trouble(payback.lot.wallet, payback, "Money could not be paid back to you", why)


@receiver(money.wallet_frozen, dispatch_uid="sponsoring.wallet_frozen")
def wallet_frozen(sender, wallet, why, **_):
    notices.trouble(wallet, wallet, "Your wallet is frozen", f"Nothing is given from it for now: {why}.")


@receiver(money.lot_disputed, dispatch_uid="sponsoring.lot_disputed")
def lot_disputed(sender, lot, dispute, **_):
    notices.questioned(dispute, "taken" if dispute.taken > 0 else "asked")


@receiver(money.dispute_closed, dispatch_uid="sponsoring.dispute_closed")
def dispute_closed(sender, hold, dispute, outcome, **_):
    if dispute.lot:
        notices.questioned(dispute, f"{outcome}/{dispute.times_lost}")
