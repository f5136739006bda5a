"""Waking a worker after commit. Losing the message loses nothing: a beat sweep finds the row.

Tasks are named, not imported, so that a lower room can wake a higher one without an import upwards.
"""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def nudge(task: str, *args) -> None:
    """Send the Celery task called `task` once the present transaction commits. Never raises."""
    transaction.on_commit(lambda: _send(task, args), robust=True)


def _send(task: str, args: tuple) -> None:
    try:
        current_app.send_task(task, args=args, retry=False)
    except (OperationalError, OSError) as error:  # the broker is away: the sweep will do it
        log.warning("could not wake %s: %s", task, type(error).__name__)
