"""The site's Celery application, with a list of what has been asked for and is not done: a test knows when to look.

The queue alone does not say it: a message that is on its way from the broker to a worker is in no list.
"""

import redis
from celery.signals import before_task_publish, task_postrun
from django.conf import settings

from marketplace.celery import app

OPEN = "open_tasks"


def broker() -> redis.Redis:
    start, _, number = settings.CELERY_BROKER_URL.rpartition("?virtual_host=")
    return redis.Redis(unix_socket_path=start.removeprefix("redis+socket://"), db=int(number))


def asked(headers=None, **kwargs):
    broker().sadd(OPEN, headers["id"])


def done(task_id=None, **kwargs):
    broker().srem(OPEN, task_id)


def count() -> None:
    before_task_publish.connect(asked)
    task_postrun.connect(done)


def count_no_more() -> None:
    before_task_publish.disconnect(asked)
    task_postrun.disconnect(done)


count()
__all__ = ["OPEN", "app", "broker", "count", "count_no_more"]
