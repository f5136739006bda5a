"""The number that every kept page carries: once it is raised, no page made before is shown any more.

It is raised when the transaction commits that changed what lists show. Losing the store loses the kept pages
with it; and they live for seconds only.
"""

import logging

import redis
from django.conf import settings
from django.db import transaction

from marketplace.ground.store import Store

log = logging.getLogger(__name__)
KEY = "search:generation"
_client = Store.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


def client() -> Store:
    """The store of the kept pages; its calls raise `redis.RedisError` when it is away."""
    return _client


def bump_later() -> None:
    """Raise the generation once the present transaction commits. Never raises."""
    transaction.on_commit(bump, robust=True)


def bump() -> None:
    try:
        _client.incr(KEY)
    except redis.RedisError as error:
        log.warning("could not raise the generation of the kept pages: %s", type(error).__name__)
