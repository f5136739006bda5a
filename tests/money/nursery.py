"""Workers that die: a process with the site loaded, which forks a worker for each order and lets it be killed.

`python -m tests.money.nursery`, one order (JSON) a line on standard input, one answer a line on standard output.
An order names what the worker does (`work`) and the traps at which SIGKILL meets it (`traps`: pairs of a name in
`POINTS` and "before", "after" or "during"; the first one reached is the one). The answer names the trap it died in. The
worker is a real process with connections of its own; nothing of the product knows of it.
"""

import importlib
import json
import mmap
import os
import random
import signal
import sys
import threading

import django

#: name -> (module, function): the steps between which a worker may die.
POINTS = {
    "claim": ("payments.stripe.actions.outbox", "claim"),
    "look or send": ("payments.stripe.actions.outbox", "_found_or_sent"),
    "send": ("payments.stripe.gateway", "send"),
    "close": ("payments.stripe.actions.outbox", "close"),
    "move": ("payments.stripe.actions.outbox", "move"),
    "post a funding": ("payments.holds.actions.funding", "post"),
    "post a release": ("payments.holds.actions.releasing", "post"),
    "post a refund": ("payments.holds.actions.refunding", "post"),
    "post a reversal": ("payments.holds.actions.reversing", "post"),
    "settle a hold": ("payments.holds.actions.refunding", "settle"),
    "take an event": ("payments.stripe.actions.inbox", "apply"),
    "finish an event": ("payments.stripe.actions.inbox", "_finish"),
    "read a session": ("payments.stripe.gateway", "checkout"),
    "read refunds": ("payments.stripe.gateway", "refunds_of"),
    "read a payout": ("payments.stripe.gateway", "payout"),
    "take over a payout": ("payments.holds.actions.paying_out", "apply_payout"),
    "write a call down": ("payments.stripe.actions.outbox", "enqueue"),
    "send a release": ("payments.holds.actions.releasing", "send"),
}


def do(work: str) -> None:
    from payments.holds import tasks as holds
    from payments.stripe import tasks as stripe

    {
        "calls": stripe.drain_calls,
        "events": stripe.drain_events,
        "due": holds.release_due,
        "waiting": holds.retry_waiting,
        "poll": stripe.poll_events,
    }[work]()


#: Where the child says in which trap it dies; the parent reads it.
LAST_WORD = mmap.mmap(-1, 128)


def die(at: str, when: str) -> None:
    LAST_WORD[:] = json.dumps([at, when]).encode().ljust(len(LAST_WORD))
    os.kill(os.getpid(), signal.SIGKILL)


def set_trap(at: str, when: str, hit: int) -> None:
    """The `hit`th time that the step is reached, this process is killed."""
    module, name = POINTS[at]
    where = importlib.import_module(module)
    real, left = getattr(where, name), [hit]

    def step(*args, **kwargs):
        left[0] -= 1
        if left[0]:
            return real(*args, **kwargs)
        if when == "before":
            die(at, when)
        if when == "during":  # in the middle of it, wherever that is
            threading.Timer(random.uniform(0.001, 0.02), die, (at, when)).start()
        found = real(*args, **kwargs)
        die(at, when)
        return found

    setattr(where, name, step)


def fresh_keys() -> None:
    """The mistake that the keys are there to prevent: another key for each attempt."""
    from payments.stripe.models import Call

    Call.idempotency_key = property(lambda call: f"{call.uuid}:{random.random()}")


def run(order: dict) -> None:
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.connection = None  # the parent's, if it has one, is not ours to close
    if order.get("fresh_keys"):
        fresh_keys()
    for at, when in order.get("traps", ()):
        set_trap(at, when, order.get("hit", 1))
    for work in order["work"]:
        do(work)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
    django.setup()
    import payments.tasks  # noqa: F401
    from marketplace.ground import nudge

    nudge._send = lambda task, args: None  # each worker does what its order says
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                run(json.loads(line))
            except BaseException as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print(json.dumps({"died": json.loads(LAST_WORD[:]) if killed else None, "status": status}))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
