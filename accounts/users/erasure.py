"""What speaks against erasing a person now, and what every room scrubs when it happens.

Rooms above register here, because this room cannot know them. Ledger and agreements refer to people by their
surrogate and stay whole.
"""

from collections.abc import Callable

_checks: list[Callable] = []
_scrubs: list[Callable] = []


def register_check(function: Callable) -> Callable:
    """`function(user) -> str | None`: a sentence that says why this account cannot go yet, or None."""
    _checks.append(function)
    return function


def register_scrub(function: Callable) -> Callable:
    """`function(user) -> None`: removes or blanks what the room keeps about `user`, inside the erasure."""
    _scrubs.append(function)
    return function


def reason_against(user) -> str | None:
    return next((reason for check in _checks if (reason := check(user))), None)


def scrub(user) -> None:
    for one in _scrubs:
        one(user)
