"""What a worker does for the outbox and the inbox. Safe twice, late and at once: rows are claimed."""

import logging

from celery import shared_task

from . import gateway
from .actions import inbox, outbox, scrubbing

log = logging.getLogger(__name__)

BATCH = 100


@shared_task(name="payments.drain_calls")
def drain_calls():
    for _ in range(BATCH):
        try:
            if outbox.perform() is None:
                return
        except gateway.Misconfigured as error:
            log.error("Stripe refuses our key: %s", error)
            return


@shared_task(name="payments.drain_events")
def drain_events():
    for _ in range(BATCH):
        if inbox.apply_next() is None:
            return


@shared_task(name="payments.poll_events")
def poll_events():
    try:
        inbox.poll()
    except gateway.StripeTrouble as error:
        log.warning("events not polled: %s", error)


@shared_task(name="payments.scrub")
def scrub():
    scrubbing.scrub_old()
