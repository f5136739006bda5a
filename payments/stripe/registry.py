"""What the rooms above do with Stripe's answers and events. Filled once per process by `payments.effects`."""

from collections.abc import Callable
from typing import NamedTuple

from .gateway import Refused


class Operation(NamedTuple):
    """`done(call, object)` and `refused(call, refusal)` run inside the transaction that closes the call.

    `lock(call)` takes what they will need, before the call's own row, in the house's lock order.
    `refused` returns the state in which the call goes on: REJECTED, WAITING or MANUAL.
    """

    lock: Callable
    done: Callable
    refused: Callable[..., str]


OPERATIONS: dict[str, Operation] = {}
ACCOUNTS: list[Callable[[str], bool]] = []
HANDLERS: list[tuple[str, Callable]] = []


def operation(name: str, *, lock: Callable, done: Callable, refused: Callable[..., str]) -> None:
    OPERATIONS[name] = Operation(lock, done, refused)


def on_event(*prefixes: str):
    """Decorate `handler(event)`, which re-reads the object from Stripe and converges, for events whose kind
    begins with one of `prefixes`. Several rooms may listen to one kind: all run, in order of registration,
    and when one fails the event is tried again with all of them.
    """

    def register(handler):
        HANDLERS.extend((prefix, handler) for prefix in prefixes)
        return handler

    return register


def knows_accounts(function):
    """Decorate `known(account_id) -> bool`: whether a connected account is one of ours."""
    ACCOUNTS.append(function)
    return function


def is_our_account(account: str) -> bool:
    return any(known(account) for known in ACCOUNTS)


def handlers_of(kind: str) -> list[Callable]:
    """The handlers that listen to events of this kind, each once."""
    return list(dict.fromkeys(handler for prefix, handler in HANDLERS if kind.startswith(prefix)))


__all__ = [
    "ACCOUNTS",
    "HANDLERS",
    "OPERATIONS",
    "Operation",
    "Refused",
    "handlers_of",
    "is_our_account",
    "knows_accounts",
    "on_event",
    "operation",
]
