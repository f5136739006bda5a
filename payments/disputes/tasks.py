"""The clocks of disputes: the bank's deadline, and what no webhook told."""

import logging

from celery import shared_task

from ..stripe import gateway
from . import actions
from .actions.evidence import answer_in_time
from .actions.sponsors import cover_what_is_short

log = logging.getLogger(__name__)


@shared_task(name="payments.disputes_clock")
def disputes_clock():
    answer_in_time()
    cover_what_is_short()
    try:
        actions.sync_open_disputes()
    except gateway.StripeTrouble as error:
        log.warning("disputes not read again: %s", error)
