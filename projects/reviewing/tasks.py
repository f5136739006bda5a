"""The window in which two sides review each other."""

import logging
from datetime import timedelta

from celery import shared_task

from marketplace.ground import clock
from marketplace.ground.errors import Refused

from . import actions, notices, queries

log = logging.getLogger(__name__)

AT_ONCE = 200
BEFORE = timedelta(hours=48)


@shared_task(name="reviewing.window_clock")
def window_clock():
    """Show what was written when the window is over."""
    for engagement in queries.windows_over(clock.now()).order_by("review_until")[:AT_ONCE]:
        try:
            actions.publish_reviews(engagement)
        except Refused as refusal:
            log.info("reviews of engagement %s left alone: %s", engagement.pk, refusal.reason)


@shared_task(name="reviewing.reminders")
def reminders():
    for engagement, side in queries.windows_ending(clock.now(), BEFORE):
        notices.tell_window(engagement, side)
