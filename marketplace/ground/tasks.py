"""The heartbeat: beat puts the task in the queue, a worker writes that both were alive."""

from datetime import UTC, datetime

from celery import shared_task

from .models import Heartbeat


@shared_task(name="ground.heartbeat")
def heartbeat():
    at = datetime.now(UTC)
    for part in ("worker", "beat"):
        Heartbeat.objects.update_or_create(part=part, defaults={"seen_at": at})
