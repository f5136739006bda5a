"""Things that are kept for a while: in this process, or for all of them in the shared store. Losing them costs time only."""

import json
import logging
import time
from collections.abc import Callable

import redis
from django.conf import settings

from .generation import client

log = logging.getLogger(__name__)
_here: dict = {}
MOST_HERE = 500


def here(key, seconds: float, make: Callable):
    """`make()`, or what it gave in this process at most `seconds` ago."""
    now = time.monotonic()
    found = _here.get(key)
    if found and found[0] > now:
        return found[1]
    value = make()
    if seconds > 0:
        if len(_here) >= MOST_HERE:
            _here.clear()
        _here[key] = (now + seconds, value)
    return value


def shared(key: str, make: Callable):
    """`make()`, or what it gave at most `SEARCH_COUNTS_SECONDS` ago in any process. Values are plain data.

    `make` may give None, which is not kept. What was read is believed for a twelfth of that time without asking again.
    """
    seconds = settings.SEARCH_COUNTS_SECONDS
    if not seconds:
        return make()
    return here(("shared", key), seconds / 12, lambda: _shared(key, make))


def look_up(*keys: str) -> None:
    """Ask for several things that `shared` is about to be asked for in one go."""
    seconds, now = settings.SEARCH_COUNTS_SECONDS, time.monotonic()
    if not seconds or all(_here.get(("shared", key), (0,))[0] > now for key in keys):
        return
    try:
        values = client().mget([f"search:kept:{key}" for key in keys])
    except redis.RedisError:
        return
    for key, value in zip(keys, values, strict=True):
        if value:
            here(("shared", key), seconds / 12, lambda value=value: json.loads(value))
        else:
            here(("missed", key), 1, bool)


def _shared(key: str, make: Callable):
    missed = _here.pop(("missed", key), None)
    if not missed or missed[0] < time.monotonic():
        try:
            found = client().get(f"search:kept:{key}")
        except redis.RedisError:
            return make()
        if found:
            return json.loads(found)
    value = make()
    if value is not None:
        put(key, value)
    return value


def put(key: str, value, more: float = 1) -> bool:
    """Keep `value` for all processes; returns whether it could be done."""
    try:
        client().set(
            f"search:kept:{key}", json.dumps(value), ex=int(settings.SEARCH_COUNTS_SECONDS * more) or 1
        )
    except redis.RedisError as error:
        log.warning("could not keep counts: %s", type(error).__name__)
        return False
    return True


def forget() -> None:
    """Drop what this process keeps."""
    _here.clear()
