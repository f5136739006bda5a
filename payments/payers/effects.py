"""What Stripe's answers and events mean for customers and what is saved for them."""

from django.db.models.signals import post_delete
from django.dispatch import receiver

from accounts.employers.models import Membership

from ..stripe.registry import on_event, operation
from ..stripe.states import REJECTED
from .actions import close_payer, customer_made, method_detached, sync_methods
from .models import Payer, PaymentMethod


def _refused(call, error):
    return REJECTED  # the next payment asks anew


operation(
    "customer",
    lock=lambda call: list(Payer.objects.select_for_update().filter(call=call)),
    done=lambda call, found: customer_made(Payer.objects.get(call=call), found),
    refused=_refused,
)
operation(
    "detach",
    lock=lambda call: list(PaymentMethod.objects.select_for_update().filter(call=call)),
    done=lambda call, found: method_detached(PaymentMethod.objects.get(call=call)),
    # Only what is attached can be detached: when Stripe refuses, it is gone.
    refused=lambda call, error: method_detached(PaymentMethod.objects.get(call=call)) or REJECTED,
)


def _about(event) -> dict:
    return (event.payload.get("data") or {}).get("object") or {}


@on_event("payment_method.attached", "payment_method.detached", "payment_method.updated")
def method_changed(event):
    customer = _about(event).get("customer")
    known = PaymentMethod.objects.filter(stripe_id=event.object_id).select_related("payer").first()
    payer = known.payer if known else Payer.objects.filter(stripe_id=customer or "-").first()
    if payer:
        sync_methods(payer)


@on_event("checkout.session.completed")
def paid_on_the_page(event):
    """The page may have saved a card, whether or not the event that says so comes."""
    payer = Payer.objects.filter(stripe_id=_about(event).get("customer") or "-").first()
    if payer:
        sync_methods(payer)


@receiver(post_delete, sender=Membership)
def somebody_left(sender, instance, **kwargs):
    """The last person who acted for an organisation is gone, and with them what Stripe kept for it."""
    organisation = instance.organisation
    if not organisation.memberships.exists():
        close_payer(organisation.public_id)
