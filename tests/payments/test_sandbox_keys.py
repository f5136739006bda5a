"""The offline Stripe's keys while their first request still runs."""

import threading
import time
from datetime import timedelta

from django.db import connection, transaction

from marketplace.ground import clock
from payments.sandbox.models import Key
from tests.payments.test_sandbox import intent, post  # noqa: F401

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = ANY(%s)"


def until_waiting(count: int, *kinds: str) -> None:
    """Until so many others wait for a lock of these kinds."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(WAITING, [list(kinds)])
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.01)
    raise AssertionError(f"not {count} wait for {kinds}")


def test_a_first_request_that_ends_as_it_is_taken_for_dead_keeps_its_key(sandbox, intent):  # noqa: F811
    """The second waits behind the first one's last write, and then finds the answer instead of doing it anew."""
    answers = []

    def ask():
        answers.append(post(sandbox, "/v1/refunds", {"payment_intent": intent, "amount": 100}, "k1"))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SELECT pg_advisory_lock(7361)")  # nothing is made meanwhile
        threads[0].start()
        until_waiting(1, "advisory")
        Key.objects.select_for_update().get(key="k1")
        cursor.execute("SELECT pg_advisory_unlock(7361)")
        until_waiting(1, "transactionid", "tuple")
        clock.advance(timedelta(seconds=130))
        threads[1].start()
        until_waiting(2, "transactionid", "tuple")
    for thread in threads:
        thread.join(30)
    assert [status for status, *_ in answers] == [200, 200]
    assert len(sandbox.all("/v1/refunds")) == 1
