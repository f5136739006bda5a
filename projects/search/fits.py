"""“Best match for you”: the order by fit belongs to the matching room, which lies above and gives it here.

    fits.register(ranked, known)

`ranked(user, most)` gives at most `most` open projects, the best first: `[(project id, [reasons in plain words])]`.
`known(user)` says whether this person has such an order (a student with a profile); it costs at most one query.
"""

from collections.abc import Callable

MOST = 300
_ranked: Callable | None = None
_known: Callable | None = None


def register(ranked: Callable, known: Callable) -> None:
    global _ranked, _known
    _ranked, _known = ranked, known


def known(user) -> bool:
    """Whether `user` has an order of their own."""
    return bool(_ranked and user is not None and user.is_authenticated and _known(user))


def of(user) -> list[tuple[int, list[str]]]:
    """The open projects that fit `user`, best first, each with its reasons."""
    return _ranked(user, MOST) if _ranked else []
