"""A person's account at Stripe: made, onboarded on Stripe's own pages, and kept in step with what Stripe
says.
"""

import logging

from django.db import transaction

from marketplace.ground import clock
from marketplace.ground.errors import WrongMoment
from marketplace.ground.states import move

from .. import signals
from ..stripe import gateway
from ..stripe.actions import outbox
from .models import PayeeAccount
from .queries import payee_of
from .states import ACTIVE, CLOSED, NONE, ONBOARDING, RESTRICTED

log = logging.getLogger(__name__)

AWAY = "Stripe does not answer at the moment. Nothing is lost; please try again in a few minutes."


def start_onboarding(*, by, return_url: str, refresh_url: str) -> str:
    """The address of Stripe's onboarding for `by`, whose account is made when there is none. Single use.

    Raises `WrongMoment` when Stripe cannot be reached.
    """
    payee = payee_of(by)
    call = _account_call(payee)
    if call and not payee.stripe_id:
        _perform(call)
        payee.refresh_from_db()
    if not payee.stripe_id:
        raise WrongMoment(AWAY)
    try:
        url = gateway.onboarding_link(payee.stripe_id, return_url, refresh_url)
    except gateway.StripeTrouble as error:
        log.warning("no onboarding link: %s", error)
        raise WrongMoment(AWAY) from error
    _begin(payee, by)
    return url


def _account_call(payee: PayeeAccount):
    """The call that makes the account: the one on its way, or a new one when none was made or the last is
    closed.
    """
    with transaction.atomic():
        # No join here: what is joined to a row that was waited for is read as it was before the wait.
        row = PayeeAccount.objects.select_for_update().get(pk=payee.pk)
        gone = row.state == CLOSED or (row.call and row.call.state == "rejected")
        if row.call and not gone:
            return row.call
        row.call = outbox.enqueue("account", _account_params(row), held_back=outbox.LEASE)
        row.stripe_id = None
        row.save(update_fields=["call", "stripe_id"])
        payee.stripe_id = None
        return row.call


def _account_params(payee: PayeeAccount) -> dict:
    """A recipient with the Express dashboard: the platform collects fees and bears losses
    (docs.stripe.com/connect).
    """
    transfers = {"stripe_balance": {"stripe_transfers": {"requested": True}}}
    return {
        "contact_email": payee.user.email,
        "display_name": payee.user.name or payee.user.email,
        "dashboard": "express",
        "identity": {"country": payee.country, "entity_type": "individual"},
        "configuration": {"recipient": {"capabilities": transfers}},
        "defaults": {
            "responsibilities": {"fees_collector": "application", "losses_collector": "application"}
        },
        "include": ["configuration.recipient", "identity", "requirements"],
        "metadata": {"payee": payee.public_id},
    }


def _perform(call) -> None:
    try:
        outbox.perform(call.pk)
    except gateway.Misconfigured as error:
        log.error("Stripe refuses our key: %s", error)


def _begin(payee: PayeeAccount, by) -> None:
    with transaction.atomic():
        row = PayeeAccount.objects.select_for_update().get(pk=payee.pk)
        if row.state in (NONE, CLOSED):
            _move(row, ONBOARDING, by=by)


def dashboard_url(*, by) -> str:
    """The address of the person's own Stripe dashboard. Raises `WrongMoment` without an account, or
    without Stripe.
    """
    payee = payee_of(by)
    if not payee.stripe_id or payee.state == CLOSED:
        raise WrongMoment("Set up payouts first; then Stripe shows your balance and bank details.")
    try:
        return gateway.dashboard_link(payee.stripe_id)
    except gateway.StripeTrouble as error:
        log.warning("no dashboard link: %s", error)
        raise WrongMoment(AWAY) from error


def sync_account(payee: PayeeAccount) -> PayeeAccount:
    """Read the account at Stripe and take its state over. Raises `gateway.StripeTrouble`."""
    if not payee.stripe_id:
        return payee
    try:
        apply_account(payee, gateway.account(payee.stripe_id))
    except gateway.Missing:
        apply_account(payee, {"closed": True})
    payee.refresh_from_db()
    return payee


def apply_account(payee: PayeeAccount, account: dict) -> None:
    """Take over what Stripe says about the account of `payee`."""
    with transaction.atomic():
        row = PayeeAccount.objects.select_for_update().get(pk=payee.pk)
        new, needs = _state_of(row, account), _needs(account)
        PayeeAccount.objects.filter(pk=row.pk).update(needs=needs, synced_at=clock.now())
        if new != row.state and new in row.MOVES[row.state]:
            _move(row, new)


def _move(payee: PayeeAccount, new: str, by=None) -> None:
    old = payee.state
    move(payee, new, by=by)
    signals.payee_changed.send(sender=PayeeAccount, payee=payee, old=old, new=new)


def _state_of(payee: PayeeAccount, account: dict) -> str:
    if account.get("closed"):
        return CLOSED
    status = _transfers(account).get("status")
    if status == "active":
        return ACTIVE
    if payee.state in (ACTIVE, RESTRICTED) or status in ("restricted", "unsupported") and _submitted(account):
        return RESTRICTED
    return ONBOARDING if payee.state != NONE else NONE


def _transfers(account: dict) -> dict:
    """The capability on which transfers depend; read just before one, not `payouts_enabled`."""
    found = account.get("configuration") or {}
    for name in ("recipient", "capabilities", "stripe_balance", "stripe_transfers"):
        found = found.get(name) or {}
    return found


def _submitted(account: dict) -> bool:
    """Whether the person has been through the form: only then is a missing thing a restriction and not a
    beginning.
    """
    return any(
        (detail or {}).get("code") not in (None, "requirements_past_due")
        for detail in _transfers(account).get("status_details") or []
    )


def _needs(account: dict) -> list[str]:
    """What the person has to give; what waits for Stripe itself is not theirs to do."""
    entries = (account.get("requirements") or {}).get("entries") or []
    theirs = [entry for entry in entries if entry.get("awaiting_action_from") != "stripe"]
    return [str(entry.get("description") or "")[:200] for entry in theirs][:20]
