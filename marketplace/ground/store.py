"""The shared store (Redis protocol) the short way: what is asked of it on every page must cost next to nothing.

The library's client borrows a line from a pool, looks whether it still lives, and measures each command; that is three
quarters of what a small command costs. Here every thread keeps a line of its own, and a line that has broken
meanwhile is opened once more.
"""

import os
import threading
from functools import cache

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class Store(redis.Redis):
    """An ordinary client in all but this: a command goes over the line of the thread that gives it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._own = threading.local()

    def execute_command(self, *args, **options):
        line = self._line()
        try:
            return self._ask(line, args, options)
        except redis.ConnectionError:  # it was closed while nobody used it
            return self._ask(line, args, options)

    def _ask(self, line, args, options):
        try:
            line.send_command(*args)
            return self.parse_response(line, args[0], **options)
        except redis.ResponseError:
            raise
        except BaseException:  # also a time limit's: an answer left behind would be taken for the next one's
            line.disconnect()
            raise

    def _line(self):
        """This thread's line; a process that was forked opens one of its own."""
        known = getattr(self._own, "line", None)
        if known is None or known[0] != os.getpid():
            pool = self.connection_pool
            known = self._own.line = (os.getpid(), pool.connection_class(**pool.connection_kwargs))
        return known[1]


class _Client(RedisCacheClient):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._client = cache(Store)  # the original makes a client, with its 169 callbacks, for every command


class Cache(RedisCache):
    """Django's cache over a `Store`."""

    def __init__(self, server, params):
        super().__init__(server, params)
        self._class = _Client
