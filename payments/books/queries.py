"""Reads for the pages of an organisation's money: documents, statement, costs; and who may read them."""

from accounts.employers import queries as employers
from accounts.employers.models import Membership, Organisation

from .models import BillingDetails, Document

OWNERS_ONLY = "Owners see and manage the organisation's money. Ask one of them."


def allowed_actions(user, organisation: Organisation) -> dict[str, str | None]:
    """`see_documents`: every member. `see_money` (statement, costs) and `edit_details`: owners.

    A moderator reads all of it and edits nothing.
    """
    mine = employers.membership(user, organisation)
    member = None if mine or user.is_staff else employers.NOT_A_MEMBER
    owner = member or (None if mine and mine.role == Membership.Role.OWNER else OWNERS_ONLY)
    return {
        "see_documents": member,
        "see_money": None if user.is_staff else owner,
        "edit_details": owner,
    }


def documents_visible_to(user):
    """Invoices and credit notes of one's organisations; a moderator sees all."""
    if not user.is_authenticated:
        return Document.objects.none()
    if user.is_staff:
        return Document.objects.all()
    mine = Membership.objects.filter(user=user).values("organisation__public_id")
    return Document.objects.filter(payer_ref__in=mine)


def documents_of(organisation: Organisation):
    return Document.objects.filter(payer_ref=organisation.public_id).select_related("corrects")


def details_of(organisation: Organisation) -> BillingDetails | None:
    return BillingDetails.objects.filter(payer_ref=organisation.public_id).first()
