"""State changes: one writer for every state field in the house.

A model names its field's legal moves (`MOVES: dict[state, set[state]]`, data that lives in a room's `states.py`).
`move()` wins by a conditional UPDATE, so two people who act at once leave one outcome, and writes the
`StateChange` row that is both the timeline people see and the audit log.
"""

from django.db import transaction

from . import clock
from .errors import WrongMoment


class Stale(WrongMoment):
    """Somebody else moved the thing first."""


class IllegalMove(WrongMoment):
    """The move is not in the table."""


def move(obj, to, *, by=None, reason="", note="", field="state", **changes):
    """Move `obj` (a model with `MOVES` and a state `field`) to state `to`, setting `changes` in the same UPDATE.

    by: the `User` who did it, or None for the system. reason: a short code. note: words for the timeline.
    Raises `IllegalMove` when the table has no such move, `Stale` when the row is no longer in the state
    that `obj` was read in. Only the named fields are written. Returns the `StateChange`.
    """
    from .models import StateChange

    old = getattr(obj, field)
    if to not in obj.MOVES.get(old, ()):
        raise IllegalMove(f"This {obj._meta.verbose_name} is {_words(old)} and cannot become {_words(to)}.")
    with transaction.atomic():
        won = type(obj)._base_manager.filter(pk=obj.pk, **{field: old}).update(**{field: to, **changes})
        if not won:
            raise Stale(
                f"This {obj._meta.verbose_name} has changed in the meantime. Look again before you decide."
            )
        setattr(obj, field, to)
        for name, value in changes.items():
            setattr(obj, name, value)
        return StateChange.objects.create(
            kind=obj._meta.label_lower,
            thing_id=obj.pk,
            from_state=old,
            to_state=to,
            by=by,
            reason=reason,
            note=note,
            at=clock.now(),
        )


def record(obj, to, *, by=None, reason="", note="", old=""):
    """Write a timeline row without a move: the birth of a thing, or a fact beside its state (e.g. a deadline moved)."""
    from .models import StateChange

    return StateChange.objects.create(
        kind=obj._meta.label_lower,
        thing_id=obj.pk,
        from_state=old,
        to_state=to,
        by=by,
        reason=reason,
        note=note,
        at=clock.now(),
    )


def _words(state) -> str:
    return str(state).replace("_", " ")
