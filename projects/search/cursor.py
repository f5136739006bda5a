"""A place in a list, as it stands in an address: where the last page ended, signed, so that nobody makes one up.

A place that is not ours, or is one of another order, is the first page: an old link never fails.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.core import signing

SALT = "projects.search.cursor"


@dataclass(frozen=True)
class Place:
    """values: of the row at the edge, in the order of the list's columns. back: the page before that row."""

    sort: str
    values: tuple
    back: bool = False
    page: int = 2  # the number of the page that begins here, to show


def write(place: Place) -> str:
    return signing.dumps(
        [place.sort, [_plain(value) for value in place.values], int(place.back), place.page], salt=SALT
    )


def read(text: str, sort: str) -> Place | None:
    """The place that `text` stands for; None for nothing, for nonsense, and for another order than `sort`."""
    if not text:
        return None
    try:
        found, values, back, page = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if found != sort:
        return None
    return Place(sort, tuple(_moment(value) for value in values), bool(back), page)


def _plain(value):
    return {"t": int(value.timestamp() * 1_000_000)} if isinstance(value, datetime) else value


def _moment(value):
    if not isinstance(value, dict):
        return value
    seconds, micro = divmod(value["t"], 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro)
