"""Hears what payments says about the money of an engagement, and tells its people; export and erasure of the work."""

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef
from django.dispatch import receiver

from accounts.employers.models import Membership
from accounts.users import erasure, export
from marketplace.ground import clock
from payments import signals
from payments.books import naming
from projects.hiring.models import Engagement
from projects.hiring.states import LIVE

from . import due, notices, on_paper, pay_notices, refund_notices
from .models import Submission


def engagement_of(hold) -> Engagement | None:
    return (
        Engagement.objects.select_related("project", "organisation", "student")
        .filter(hold_id=hold.pk)
        .first()
    )


@receiver(signals.part_released, dispatch_uid="working.part_released")
def part_released(sender, part, release, at, **_):
    engagement = engagement_of(part.hold)
    if engagement:
        pay_notices.tell_released(engagement, release)


@receiver(signals.release_waiting, dispatch_uid="working.release_waiting")
def release_waiting(sender, part, release, why, **_):
    engagement = engagement_of(part.hold)
    if engagement:
        pay_notices.tell_release_waits(engagement, release, why)


@receiver(signals.payout_paid, dispatch_uid="working.payout_paid")
def payout_paid(sender, user, amount, currency, payout, **_):
    if user is not None:
        pay_notices.tell_payout(user, amount, currency, payout)


@receiver(signals.payout_failed, dispatch_uid="working.payout_failed")
def payout_failed(sender, user, amount, currency, payout, why, **_):
    if user is not None:
        pay_notices.tell_payout_failed(user, amount, currency, payout, why)


@receiver(signals.refund_done, dispatch_uid="working.refund_done")
def refund_done(sender, hold, refund, **_):
    engagement = engagement_of(hold)
    if engagement and not refund.funding.extra:
        refund_notices.tell_refunded(engagement, refund)


@receiver(signals.hold_limit_reached, dispatch_uid="working.hold_limit_reached")
def hold_limit_reached(sender, hold, **_):
    engagement = engagement_of(hold)
    if engagement and due.due_to_end(engagement, clock.now()) is None:
        moderators = get_user_model().objects.filter(is_staff=True, is_active=True)
        notices.tell_limit(engagement, moderators)


# --- a person's data -------------------------------------------------------------------------------------
@erasure.register_check
def _work_goes_on(user) -> str | None:
    """Nobody disappears from under a running agreement: it is finished or cancelled first."""
    if Engagement.objects.filter(student=user, state__in=LIVE).exists():
        return "You have a project going on. Finish it or cancel it first."
    others = Membership.objects.filter(organisation=OuterRef("organisation"), user__is_active=True).exclude(
        user=user
    )
    alone = Membership.objects.filter(user=user).exclude(Exists(others)).values("organisation")
    if Engagement.objects.filter(organisation__in=alone, state__in=LIVE).exists():
        return "Your organisation has a project going on and nobody else to look after it. Finish or cancel it first."
    return None


def _work(user) -> list:
    rows = Engagement.objects.filter(student=user).select_related("organisation").order_by("created_at")
    return [
        {
            "engagement": row.public_id,
            "title": row.title,
            "for": row.organisation.name,
            "state": row.state,
            "net": row.net,
            "currency": row.currency,
            "hours": row.hours,
            "started_at": row.started_at,
            "ended_at": row.ended_at,
            "handed_in": [
                export.plain(one, without=("by", "milestone"))
                for one in Submission.objects.filter(milestone__engagement=row).order_by("at")
            ],
        }
        for row in rows
    ]


export.register("work", _work)
naming.register(on_paper.about, on_paper.refs_of)
