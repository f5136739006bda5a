"""Heartbeats: beat notes that it put the task in the queue, a worker notes that it took it out."""

import logging
from datetime import UTC, datetime

from celery import shared_task
from celery.signals import beat_init, before_task_publish, worker_ready
from django.db import DatabaseError, close_old_connections, connection

from . import clock
from .models import FormToken, Heartbeat

log = logging.getLogger(__name__)


def note(part: str) -> None:
    Heartbeat.objects.update_or_create(part=part, defaults={"seen_at": datetime.now(UTC)})


@shared_task(name="ground.heartbeat")
def heartbeat():
    note("worker")


@shared_task(name="ground.forget_forms")
def forget_forms():
    """Forget the forms that nobody can still have open."""
    FormToken.objects.filter(at__lt=clock.now() - FormToken.KEPT).delete()


@worker_ready.connect
def _worker_is_ready(**kwargs):
    _try_to_note("worker")
    connection.close()  # the pool's processes must not inherit it


@beat_init.connect
def _beat_is_ready(**kwargs):
    _try_to_note("beat")
    before_task_publish.connect(_beat_sends, sender="ground.heartbeat", weak=False)


def _beat_sends(**kwargs):
    close_old_connections()
    _try_to_note("beat")


def _try_to_note(part: str) -> None:
    try:
        note(part)
    except DatabaseError as error:  # the work goes on; the silence shows on /healthz
        log.warning("%s could not note its heartbeat: %s", part, type(error).__name__)
