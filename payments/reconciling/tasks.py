"""When the books are compared with Stripe: what is new every hour, everything in the night."""

import logging

from celery import shared_task

from ..stripe import gateway
from . import actions

log = logging.getLogger(__name__)


@shared_task(name="payments.reconcile")
def reconcile():
    _run(full=False)


@shared_task(name="payments.reconcile_full")
def reconcile_full():
    _run(full=True)


def _run(*, full: bool) -> None:
    try:
        actions.run(full=full)
    except gateway.StripeTrouble as error:
        log.warning("not reconciled: %s", error)
