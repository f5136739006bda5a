"""What people call a hold and its parts. payments does not know; the room above registers who tells."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class About:
    """`url`: the page of the work. `payer`, `payee`: names. `hours`: what was agreed. `parts`: titles by part ref."""

    title: str
    url: str = ""
    payer: str = ""
    payee: str = ""
    hours: Decimal | None = None
    parts: dict[str, str] = field(default_factory=dict)


Tell = Callable[[list[str]], dict[str, About]]
Find = Callable[[str, int], list[str]]
_tellers: list[Tell] = []
_finders: list[Find] = []


def register(tell: Tell, find: Find) -> None:
    """`tell(refs)` gives an `About` for each hold ref that it knows, in a constant number of queries; `find(text,
    most)` gives the refs of the work of people and organisations called `text`, the newest first.
    """
    _tellers.append(tell)
    _finders.append(find)


def refs_of(text: str, most: int) -> list[str]:
    """The refs of at most `most` holds whose payer or payee is called `text`."""
    return [ref for find in _finders for ref in find(text, most)][:most]


def about(holds: Iterable) -> dict[str, About]:
    """An `About` for every one of `holds`, by ref; its own description where nobody knows more."""
    holds = list(holds)
    found = {hold.ref: About(hold.description) for hold in holds}
    for tell in _tellers:
        found.update(tell(list(found)))
    return found
