"""The clocks of hiring. Each task finds what is due and settles one row at a time; twice or late is the same."""

from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.db.models import F

from marketplace.ground import clock
from payments.holds import actions as holds
from projects.applying.tasks import each

from . import actions, notices
from .models import Engagement, Offer
from .states import EngagementState, OfferState

OFFER_REMINDER = timedelta(hours=24)
# The one nearest to the deadline first: somebody who was not reminded in time hears only that.
FUND_REMINDERS = ((timedelta(hours=24), "last"), (timedelta(hours=48), "second"))


@shared_task(name="hiring.offer_clock")
def offer_clock():
    """Offers that nobody answered in time."""
    due = Offer.objects.filter(state=OfferState.OPEN, expires_at__lte=clock.now(), project__paused_at=None)
    each(due.select_related("application").order_by("expires_at")[:500], actions.expire_offer)


@shared_task(name="hiring.funds_clock")
def funds_clock():
    """Funds that were not secured in time. Stripe is asked first, so that a payment whose news is late still counts."""
    due = Engagement.objects.filter(
        state=EngagementState.AWAITING_FUNDS, fund_by__lte=clock.now(), funds_coming_at=None
    )
    each(due.select_related("application", "hold").order_by("fund_by")[:500], ask_and_lapse)


def ask_and_lapse(engagement: Engagement) -> None:
    holds.refresh_funding(engagement.hold)
    actions.lapse_engagement(engagement)


@shared_task(name="hiring.reminders")
def reminders():
    """An offer in its last day, and funds in their last two."""
    now = clock.now()
    offers = Offer.objects.filter(
        state=OfferState.OPEN,
        expires_at__gt=now,
        expires_at__lte=now + OFFER_REMINDER,
        created_at__lte=F("expires_at") - OFFER_REMINDER,
        project__paused_at=None,
    )
    offers = offers.select_related("project__organisation", "application__student")
    each(offers.order_by("expires_at")[:1000], remind_of_offer)
    unfunded = Engagement.objects.filter(
        state=EngagementState.AWAITING_FUNDS,
        funds_coming_at=None,
        fund_by__gt=now,
        fund_by__lte=now + FUND_REMINDERS[-1][0],
    )
    unfunded = unfunded.select_related("organisation", "student")
    each(unfunded.order_by("fund_by")[:1000], remind_of_funds)


@transaction.atomic
def remind_of_offer(offer: Offer) -> None:
    notices.expiring(offer)


@transaction.atomic
def remind_of_funds(engagement: Engagement) -> None:
    now = clock.now()
    notices.funds_due(
        engagement, next(part for before, part in FUND_REMINDERS if engagement.fund_by - before <= now)
    )
