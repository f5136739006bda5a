"""What Stripe's answers and events mean for disputes and warnings."""

from django.dispatch import receiver

from .. import signals
from ..holds.actions.holding import lock_hold
from ..holds.models import Funding
from ..holds.recovery import Reversal
from ..stripe.registry import on_event, operation
from ..stripe.states import REJECTED
from ..wallets.actions import lock_lot
from .actions import apply_dispute, money, sponsors, sync_dispute, sync_warning
from .actions.evidence import evidence_made
from .models import Dispute


def _lock(call):
    dispute = Dispute.objects.select_related("lot__wallet").get(evidence_call=call)
    if dispute.lot:
        lock_lot(dispute.lot)
    paid = Funding.objects.filter(charge_id=dispute.charge_id).first()
    if paid:
        lock_hold(paid.hold_id)


def _done(call, found):
    evidence_made(Dispute.objects.get(evidence_call=call))
    apply_dispute(found)


operation("evidence", lock=_lock, done=_done, refused=lambda call, error: REJECTED)


@on_event("charge.dispute.")
def dispute_changed(event):
    sync_dispute(event.object_id)


@on_event("radar.early_fraud_warning.")
def warning_changed(event):
    sync_warning(event.object_id)


@receiver(signals.part_reversed, dispatch_uid="disputes.settle_late")
def settle_late(sender, part, reversal, **_):
    """A reversal for a dispute came through after the bank had decided."""
    if reversal.purpose != Reversal.Purpose.DISPUTE:
        return
    dispute = Dispute.objects.filter(stripe_id=reversal.dispute_ref).first()
    if dispute and dispute.settled_as:
        money.settle_late(part.hold, dispute, reversal)


# Money came into a sponsor's lot, and a bank may have taken more of that lot than was free then.


@receiver(signals.wallet_paid, dispatch_uid="disputes.lot_paid")
def lot_paid(sender, wallet, lot, **_):
    if lot.charge_id:  # the dispute may have been heard of before the payment
        Dispute.objects.filter(charge_id=lot.charge_id, lot=None).update(lot=lot)
        sponsors.cover([lot])


@receiver(signals.payback_failed, dispatch_uid="disputes.payback_failed")
def payback_failed(sender, payback, why, **_):
    sponsors.cover([payback.lot])


@receiver(signals.returned_to_sponsors, dispatch_uid="disputes.returned_to_sponsors")
def came_back(sender, hold, shares, **_):
    sponsors.cover({part.lot for part, _ in shares})
