"""Everything kept about one person, as plain data that any program can read (GDPR articles 15 and 20)."""

from collections.abc import Callable

from marketplace.ground import clock

_parts: dict[str, Callable] = {}


def register(name: str, function: Callable) -> Callable:
    """`function(user) -> dict | list` of what a room keeps about `user`; in the file it stands under `name`."""
    _parts[name] = function
    return function


def everything(user) -> dict:
    """All parts, for one person and nobody else; values are what Django's JSON encoder takes."""
    return {"made_at": clock.now(), **{name: part(user) for name, part in sorted(_parts.items())}}


def plain(row, *, without=()) -> dict:
    """A row's own columns without the internal number, files by their name and other rows by their words."""
    data = {}
    for field in row._meta.concrete_fields:
        if field.primary_key or field.name in without:
            continue
        value = getattr(row, field.attname if not field.is_relation else field.name)
        data[field.name] = value if not (field.is_relation or hasattr(value, "url")) else str(value or "")
    return data
