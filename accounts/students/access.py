"""Who else may read a student's résumé. Rooms above say so, because this room does not know applications."""

from collections.abc import Callable

_readers: list[Callable] = []


def register(function: Callable) -> Callable:
    """`function(user, profile) -> bool`: whether `user` may read the résumé of this `StudentProfile`."""
    _readers.append(function)
    return function


def may_read_resume(user, profile) -> bool:
    """The student, moderators, and whoever a room above lets in (an employer that holds an application)."""
    if not user.is_authenticated:
        return False
    return user.pk == profile.user_id or user.is_staff or any(allows(user, profile) for allows in _readers)
