"""What Stripe's answers and events mean for payout accounts."""

from ..stripe.registry import knows_accounts, on_event, operation
from ..stripe.states import REJECTED
from .actions import apply_account, sync_account
from .models import PayeeAccount


def lock(call):
    list(PayeeAccount.objects.select_for_update().filter(call=call))


def done(call, account):
    payee = PayeeAccount.objects.get(call=call)
    PayeeAccount.objects.filter(pk=payee.pk).update(stripe_id=account["id"])
    payee.stripe_id = account["id"]
    apply_account(payee, account)


def refused(call, error):
    return REJECTED  # the next visit to the set-up page asks anew


operation("account", lock=lock, done=done, refused=refused)


@knows_accounts
def is_a_payee(account):
    return PayeeAccount.objects.filter(stripe_id=account).exists()


@on_event("v2.core.account", "account.")
def account_changed(event):
    payee = PayeeAccount.objects.filter(stripe_id=event.object_id or event.account).first()
    if payee:
        sync_account(payee)
