"""What an employer is told when money comes back: how much, of what, when it arrives, and on which paper it stands."""

from django.urls import reverse

from accounts.notifications.actions import notify
from accounts.notifications.kinds import kind
from marketplace.ground.money import show

from .notices import employers, workspace

REFUNDED = kind("refunded", "Money came back to you", group="Money", always=True, roles=("employer",))


def tell_refunded(engagement, refund) -> None:
    note = refund.hold.documents.filter(refund=refund).first()
    for user in employers(engagement):
        notify(
            user,
            REFUNDED,
            thing=refund,
            title=f"{show(refund.amount, refund.currency)} of “{engagement.title}” goes back to you",
            body="Stripe has sent it to the card or the bank account that it was paid from. Banks show it after five "
            "to ten days; you have nothing to do."
            + (f" Credit note {note.number} says what it is for." if note else ""),
            url=reverse("payments:document", args=[note.public_id]) if note else workspace(engagement),
            label="See the credit note" if note else "Open the workspace",
        )
