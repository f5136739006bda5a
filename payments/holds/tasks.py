"""The clocks of money: scheduled releases, what waits for an account, holds at their limit, lost webhooks."""

import logging

from celery import shared_task

from ..stripe import gateway
from .actions import funding, holding, paying_out, refunding, releasing

log = logging.getLogger(__name__)


@shared_task(name="payments.release_due")
def release_due():
    releasing.release_due()


@shared_task(name="payments.retry_waiting")
def retry_waiting():
    releasing.retry_waiting()
    refunding.retry_refunds()
    try:
        funding.sync_old_fundings()
        paying_out.sync_old_payouts()
    except gateway.StripeTrouble as error:
        log.warning("not read again: %s", error)


@shared_task(name="payments.hold_limits")
def hold_limits():
    holding.tell_limits()
