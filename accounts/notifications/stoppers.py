"""What one click can stop that is less than a whole kind (a single saved search). The rooms that know it register here."""

from collections.abc import Callable
from dataclasses import dataclass

STOPPERS: dict[str, "Stopper"] = {}


@dataclass(frozen=True)
class Stopper:
    """`name(user, part)`: what would be stopped, in words, or "" when it is not theirs. `stop(user, part)`: whether it was."""

    name: Callable
    stop: Callable


def register(kind: str, *, name: Callable, stop: Callable) -> None:
    STOPPERS[kind] = Stopper(name, stop)
