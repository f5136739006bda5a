"""The store the short way: same answers as the library's client, and never the answer to another question."""

import threading

import pytest
import redis
from django.conf import settings
from django.core.cache import cache

from marketplace.ground.store import Store


@pytest.fixture
def store():
    made = Store.from_url(settings.REDIS_URL, socket_timeout=1)
    made.flushdb()
    yield made
    made.flushdb()


def test_it_answers_as_the_library_does(store):
    assert store.set("a", b"1", ex=50) is True
    assert store.set("a", b"2", nx=True) is None
    assert store.mget("a", "b") == [b"1", None]
    assert store.incr("n") == 1
    assert 0 < store.ttl("a") <= 50
    with pytest.raises(redis.ResponseError):
        store.lpush("a", "x")
    assert store.get("a") == b"1"  # the line is still in order


def test_a_line_that_was_closed_meanwhile_is_opened_again(store):
    store.set("a", b"1")
    number = store.client_id()
    redis.Redis.from_url(settings.REDIS_URL).client_kill_filter(_id=str(number))
    assert store.get("a") == b"1"
    assert store.client_id() != number


def test_an_answer_that_nobody_waited_for_is_never_taken_for_the_next_one(store, monkeypatch):
    store.set("a", b"1")
    store.set("b", b"2")

    class Stopped(BaseException):
        """What a time limit raises, anywhere."""

    def stop(*_, **__):
        raise Stopped

    with monkeypatch.context() as cut:
        cut.setattr(Store, "parse_response", stop)
        with pytest.raises(Stopped):
            store.get("a")
    assert store.get("b") == b"2"


def test_threads_do_not_share_a_line(store):
    wrong = []

    def ask(name):
        store.set(name, name)
        wrong.extend(1 for _ in range(200) if store.get(name) != name.encode())

    threads = [threading.Thread(target=ask, args=(f"key-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_store_that_is_away_says_so():
    with pytest.raises(redis.ConnectionError):
        Store(unix_socket_path="/nowhere/at/all.sock").get("a")


def test_the_site_s_cache_lives_in_it():
    cache.set("x", {"a": [1]}, 20)
    assert (cache.get("x"), cache.get("y", 5)) == ({"a": [1]}, 5)
    assert cache._cache.get_client() is cache._cache.get_client()
    cache.delete("x")
    assert cache.get("x") is None
