"""What the books hear of money, inside the transaction that moved it: every payment gets its paper."""

from django.dispatch import receiver

from .. import signals
from . import actions


@receiver(signals.funds_secured, dispatch_uid="books.funds_secured")
def funds_secured(sender, hold, funding, **_):
    actions.issue_invoice(hold, funding)


@receiver(signals.refund_done, dispatch_uid="books.refund_done")
def refund_done(sender, hold, refund, **_):
    actions.issue_credit_note(refund)
