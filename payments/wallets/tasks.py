"""The clock of sponsors' money: payments whose webhook was lost, and returns that waited for funds."""

import logging

from celery import shared_task

from ..stripe import gateway
from .actions import paying_back, topping_up

log = logging.getLogger(__name__)


@shared_task(name="payments.wallets")
def look_at_wallets():
    paying_back.retry_paybacks()
    try:
        topping_up.sync_old_lots()
    except gateway.StripeTrouble as error:
        log.warning("not read again: %s", error)
    topping_up.expire_old_lots()
