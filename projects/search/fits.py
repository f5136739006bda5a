"""“Best match for you”, and what is like a project: both go by the fit, which belongs to rooms above, and are given here.

    fits.register(ranked, known)
    fits.register_like(like)

`ranked(user, most)` gives at most `most` open projects, the best first: `[(project id, [reasons in plain words])]`.
`known(user)` says whether this person has such an order (a student with a profile); it costs at most one query.
`like(project, most)` gives `[(project id, likeness 0 to 1)]` of open projects, the most alike first.
"""

from collections.abc import Callable

MOST = 300
_ranked: Callable | None = None
_known: Callable | None = None
_like: Callable | None = None


def register(ranked: Callable, known: Callable) -> None:
    global _ranked, _known
    _ranked, _known = ranked, known


def register_like(like: Callable) -> None:
    global _like
    _like = like


def like(project, most: int) -> list[tuple[int, float]]:
    """Open projects like this one, the most alike first, each with how alike."""
    return _like(project, most) if _like else []


def known(user) -> bool:
    """Whether `user` has an order of their own."""
    return bool(_ranked and user is not None and user.is_authenticated and _known(user))


def of(user) -> list[tuple[int, list[str]]]:
    """The open projects that fit `user`, best first, each with its reasons."""
    return _ranked(user, MOST) if _ranked else []
