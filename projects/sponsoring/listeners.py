"""Hears what payments says about sponsors' money, inside the same transaction."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from marketplace.ground.models import StateChange
from payments import signals as money
from payments.wallets.models import Wallet

from . import actions, notices, queries
from .models import Draw, Programme
from .signals import sponsors_changed


@receiver(post_save, sender=StateChange, dispatch_uid="sponsoring.changed")
def changed(sender, instance, **_):
    """Every act on a request, a programme or a wallet leaves its line: then other sponsors may be named on cards."""
    if instance.kind == Draw._meta.label_lower:
        ids = list(Draw.objects.filter(pk=instance.thing_id).values_list("project", flat=True))
        sponsors_changed.send(sender=Draw, projects=ids, at_once=True)
        return
    rows = queries.promised_projects()
    if instance.kind == Programme._meta.label_lower:
        rows = rows.filter(programme=instance.thing_id)
    elif instance.kind == Wallet._meta.label_lower and instance.from_state != instance.to_state:
        rows = rows.filter(programme__wallet=instance.thing_id)
    else:
        return
    sponsors_changed.send(sender=Draw, projects=list(rows.values_list("project", flat=True)), at_once=False)


@receiver(money.returned_to_sponsors, dispatch_uid="sponsoring.returned")
def returned(sender, hold, amount, **_):
    actions.take_back(hold, amount)


@receiver(money.wallet_paid, dispatch_uid="sponsoring.wallet_paid")
def wallet_paid(sender, wallet, lot, **_):
    notices.paid_in(wallet, lot)


@receiver(money.wallet_payment_failed, dispatch_uid="sponsoring.payment_failed")
def payment_failed(sender, wallet, lot, why, **_):
    notices.trouble(wallet, lot, "A payment into your wallet did not work", why)


@receiver(money.payback_by_hand, dispatch_uid="sponsoring.payback_by_hand")
def payback_by_hand(sender, payback, what, **_):
    notices.trouble(payback.lot.wallet, payback, "Money of your wallet was sent back to you", what)


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
