"""An early warning of fraud: nobody has asked for the money yet, so there is still time to give it back."""

from datetime import UTC, datetime

from django.db import transaction

from marketplace.ground import clock, policy
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.states import move, record

from ... import signals
from ...holds.actions import freeze, refund_rest, unfreeze
from ...holds.actions.holding import held, lock_hold
from ...holds.models import Funding, Hold, Release
from ...holds.states import FUNDED, REJECTED
from ...stripe import gateway
from ..models import FraudWarning
from ..states import DISMISSED, FRESH, OVERTAKEN, REFUNDED

WHY = "the card's network warns of fraud, and a moderator is looking at it"
RETURNED = "The card's network warned that the payment may be fraud."


def cause_of(warning: FraudWarning) -> str:
    return f"warning:{warning.stripe_id}"


def sync_warning(warning_id: str) -> FraudWarning:
    """Read one warning at Stripe and take it over. Raises `gateway.StripeTrouble`."""
    found = gateway.warning(warning_id)
    paid = Funding.objects.filter(charge_id=found["charge"], state=FUNDED, extra=False).first()
    with transaction.atomic():
        hold = lock_hold(paid.hold_id) if paid else None
        row, made = FraudWarning.objects.get_or_create(
            stripe_id=found["id"],
            defaults={
                "charge_id": found["charge"],
                "hold": hold,
                "kind": (found.get("fraud_type") or "")[:60],
                "at": datetime.fromtimestamp(found["created"], UTC),
            },
        )
        row = FraudWarning.objects.select_for_update().get(pk=row.pk)
        row.hold = hold
        FraudWarning.objects.filter(pk=row.pk).update(actionable=found["actionable"])
        row.actionable = found["actionable"]
        if made:
            record(row, row.state, note=row.kind)
        if not found["actionable"]:
            _overtaken(row)
        elif made:
            _begin(row)
    return row


def _begin(row: FraudWarning) -> None:
    """Before anything was released the money is stopped; afterwards a moderator looks."""
    hold = row.hold
    if hold:
        row.released = _anything_released(hold)
        row.save(update_fields=["released"])
        if not row.released and held(hold):
            freeze(by=None, hold=hold, why=WHY, cause=cause_of(row))
    signals.fraud_warned.send(sender=FraudWarning, hold=hold, warning=row)
    if hold and not row.released and policy.current().refund_on_fraud_warning:
        _refund(row, by=None, reason=RETURNED)


def _anything_released(hold: Hold) -> bool:
    return Release.objects.filter(part__hold=hold).exclude(state=REJECTED).exists()


def _overtaken(row: FraudWarning) -> None:
    """It was refunded or disputed meanwhile: that is dealt with there."""
    if row.state in (FRESH, DISMISSED):
        move(row, OVERTAKEN, decided_at=clock.now())
        if row.hold:
            unfreeze(by=None, hold=row.hold, cause=cause_of(row))


# --- a moderator's decision ---------------------------------------------------------------------------------


def decision_refusal(by, warning: FraudWarning) -> str | None:
    """None while the warning waits for a decision."""
    if warning.state != FRESH:
        return f"This is decided: {warning.get_state_display()}."
    return None


def dismiss_warning(*, by, warning: FraudWarning, reason: str) -> None:
    """The payment is in order: the money goes on. Raises `NotAllowed`, `WrongMoment`, `Invalid`."""
    with transaction.atomic():
        row = _locked(by, warning, reason)
        move(row, DISMISSED, by=by, note=reason, decided_at=clock.now())
        if row.hold:
            unfreeze(by=by, hold=row.hold, cause=cause_of(row))
    warning.refresh_from_db()


def refund_warned(*, by, warning: FraudWarning, reason: str) -> None:
    """Give everything that is not released back to the payer, and end the work with it.

    What was released is taken back, where that is right, on the release's own page.
    """
    with transaction.atomic():
        row = _locked(by, warning, reason)
        if row.hold is None:
            raise WrongMoment("This payment pays for no engagement; refund it at Stripe.")
        _refund(row, by=by, reason=reason)
    warning.refresh_from_db()


def _refund(row: FraudWarning, *, by, reason: str) -> None:
    unfreeze(by=by, hold=row.hold, cause=cause_of(row))
    refund_rest(by=by, hold=row.hold, reason=reason)
    move(row, REFUNDED, by=by, note=reason, decided_at=clock.now())
    signals.money_returned.send(sender=Hold, hold=row.hold, why=RETURNED, by=by)


def _locked(by, warning: FraudWarning, reason: str) -> FraudWarning:
    if not by.is_staff:
        raise NotAllowed("A moderator decides this.")
    if not reason.strip():
        raise Invalid({"reasons": ["Say why."]})
    hold = lock_hold(warning.hold_id) if warning.hold_id else None
    row = FraudWarning.objects.select_for_update().get(pk=warning.pk)
    row.hold = hold
    if refusal := decision_refusal(by, row):
        raise WrongMoment(refusal)
    return row
