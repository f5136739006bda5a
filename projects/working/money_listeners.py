"""Hears what went wrong with the money of an engagement: tells its people, stops its clocks, and ends it with it."""

from django.dispatch import receiver

from marketplace.ground import clock
from marketplace.ground.errors import WrongMoment
from marketplace.ground.money import show
from payments import signals
from payments.disputes.actions import evidence
from projects.hiring.states import LIVE

from . import actions, due, money_notices, pay_notices, proof
from .listeners import engagement_of

evidence.register(proof.facts)


@receiver(signals.funds_disputed, dispatch_uid="working.funds_disputed")
def funds_disputed(sender, hold, dispute, **_):
    engagement = engagement_of(hold) if hold else None
    if engagement:
        money_notices.tell_disputed(engagement, dispute)
    money_notices.alert_disputed(engagement, dispute)


@receiver(signals.dispute_closed, dispatch_uid="working.dispute_closed")
def dispute_closed(sender, hold, dispute, outcome, **_):
    engagement = engagement_of(hold) if hold else None
    if engagement and outcome == "lost":
        actions.end_unpaid(engagement=engagement, why="The bank took the payment back.")
        engagement.refresh_from_db()
    if engagement:
        money_notices.tell_closed(engagement, dispute, outcome)
    money_notices.alert_closed(engagement, dispute, outcome)


@receiver(signals.evidence_due, dispatch_uid="working.evidence_due")
def evidence_due(sender, hold, dispute, hours, **_):
    money_notices.alert_evidence_due(engagement_of(hold) if hold else None, dispute, hours)


@receiver(signals.fraud_warned, dispatch_uid="working.fraud_warned")
def fraud_warned(sender, hold, warning, **_):
    engagement = engagement_of(hold) if hold else None
    if engagement:
        money_notices.tell_warned(engagement, warning)


@receiver(signals.hold_unfrozen, dispatch_uid="working.hold_unfrozen")
def hold_unfrozen(sender, hold, since, **_):
    engagement = engagement_of(hold)
    # While the two have a dispute everything goes on standing still, and its end gives all of the time back.
    if engagement and engagement.state in LIVE and not engagement.disputed_at:
        actions.give_time_back(engagement=engagement, stood_still=clock.now() - since)


@receiver(signals.money_returned, dispatch_uid="working.money_returned")
def money_returned(sender, hold, why, by, **_):
    engagement = engagement_of(hold)
    if engagement:
        actions.end_unpaid(engagement=engagement, why=why, by=by)


@receiver(signals.refund_decided, dispatch_uid="working.refund_decided")
def refund_decided(sender, hold, **_):
    _insist_on_no_dispute(engagement_of(hold))


def _insist_on_no_dispute(engagement) -> None:
    if engagement and engagement.disputed_at:
        raise WrongMoment(
            "The two sides have a dispute about this project. Decide that on its own page; the money follows."
        )


@receiver(signals.release_decided, dispatch_uid="working.release_decided")
def release_decided(sender, hold, part, why, by, **_):
    engagement = engagement_of(hold)
    _insist_on_no_dispute(engagement)
    if engagement:
        actions.approve_by_moderator(by=by, engagement=engagement, part_ref=part.ref, why=why)


@receiver(signals.part_reversed, dispatch_uid="working.part_reversed")
def part_reversed(sender, part, reversal, **_):
    engagement = engagement_of(part.hold)
    if engagement and part.payee.user:
        money_notices.tell_reversed(engagement, reversal)


@receiver(signals.receivable_changed, dispatch_uid="working.receivable_changed")
def receivable_changed(sender, receivable, old, **_):
    money_notices.tell_owed(receivable, old)


@receiver(signals.release_failed, dispatch_uid="working.release_failed")
def release_failed(sender, part, release, why, **_):
    engagement = engagement_of(part.hold)
    if engagement:
        money_notices.tell_release_failed(engagement, release)
        pay_notices.tell_released(engagement, release)  # the others' part of it, which waited for this one


@receiver(signals.hold_limit_near, dispatch_uid="working.hold_limit_near")
def hold_limit_near(sender, hold, **_):
    engagement = engagement_of(hold)
    if engagement:
        decides = due.due_to_end(engagement, hold.limit_at) is None
        money_notices.tell_limit_near(engagement, hold, decides)


# --- for moderators alone -----------------------------------------------------------------------------------


@receiver(signals.reversal_short, dispatch_uid="working.reversal_short")
def reversal_short(sender, part, reversal, **_):
    money_notices.alert(
        reversal,
        "short",
        f"{show(reversal.net, reversal.currency)} could not be taken back",
        "The student's Stripe balance was too low. Try again later, or let the platform advance it.",
    )


@receiver(signals.reversal_failed, dispatch_uid="working.reversal_failed")
def reversal_failed(sender, part, reversal, why, **_):
    money_notices.alert(
        reversal, "failed", f"Stripe refused to take {show(reversal.net, reversal.currency)} back", why
    )


@receiver(signals.refund_failed, dispatch_uid="working.refund_failed")
def refund_failed(sender, hold, refund, why, **_):
    money_notices.alert(
        refund,
        "failed",
        f"A refund of {show(refund.amount, refund.currency)} came back",
        f"{why}\n\nIt stands as the payer's credit. Send it again, or record a bank transfer.",
    )


@receiver(signals.payback_by_hand, dispatch_uid="working.payback_by_hand")
def payback_by_hand(sender, payback, what, **_):
    money_notices.alert(payback, "by_hand", "Somebody moved money at Stripe by hand", what)


@receiver(signals.unexpected_at_stripe, dispatch_uid="working.unexpected_at_stripe")
def unexpected_at_stripe(sender, hold, what, **_):
    if hold:
        stamp = f"by_hand/{clock.now():%Y%m%d%H%M%S}"
        money_notices.alert(hold, stamp, "Somebody moved money at Stripe by hand", what)
