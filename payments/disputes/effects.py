"""What Stripe's answers and events mean for disputes and warnings."""

from django.dispatch import receiver

from .. import signals
from ..holds.actions.holding import lock_hold
from ..holds.models import Funding
from ..holds.recovery import Reversal
from ..stripe.registry import on_event, operation
from ..stripe.states import REJECTED
from .actions import apply_dispute, money, sync_dispute, sync_warning
from .actions.evidence import evidence_made
from .models import Dispute


def _lock(call):
    dispute = Dispute.objects.get(evidence_call=call)
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
