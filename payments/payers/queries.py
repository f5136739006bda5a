"""Reads about who pays, and what Stripe keeps for them."""

from accounts.employers.models import Membership
from accounts.employers.queries import membership

from .models import PaymentMethod
from .states import REMOVED, REMOVING

OWNERS_ONLY = "Only an owner of the organisation can remove a payment method."
ON_ITS_WAY = "This payment method is being removed."


def visible_to(user):
    """The saved payment methods that `user` may see: those of their organisations; a moderator sees all."""
    if not user.is_authenticated:
        return PaymentMethod.objects.none()
    rows = PaymentMethod.objects.exclude(state=REMOVED)
    if user.is_staff:
        return rows
    mine = Membership.objects.filter(user=user).values("organisation__public_id")
    return rows.filter(payer__ref__in=mine)


def methods_of(user, organisation):
    """What is saved for one organisation, as far as `user` may see it, newest first."""
    return visible_to(user).filter(payer__ref=organisation.public_id)


def allowed_actions(user, organisation, method: PaymentMethod | None = None) -> dict[str, str | None]:
    """`remove`: None, or the sentence that says why not (now)."""
    mine = membership(user, organisation)
    owner = mine is not None and mine.role == Membership.Role.OWNER
    why = None if owner else OWNERS_ONLY
    if why is None and method is not None and method.state == REMOVING:
        why = ON_ITS_WAY
    return {"remove": why}
