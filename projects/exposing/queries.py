"""Reads of what was shown: how much somebody has been seen lately, and who stood at a place in a list."""

from dataclasses import dataclass

from marketplace.ground import clock, policy

from .actions import HALF_LIFE
from .models import ListKind, ShownList, StudentExposure


@dataclass(frozen=True)
class FairOrder:
    """The operator's choice: `on`, and how much of fit (0 to 0.4) those seen little lately gain."""

    on: bool
    strength: float


def fair_order() -> FairOrder:
    """The switch and the slider that are in force; strength is 0 while the switch is off."""
    rules = policy.current()
    return FairOrder(rules.fair_order, rules.fair_strength / 100 if rules.fair_order else 0.0)


def recent(users) -> dict[int, float]:
    """How much each of `users` (keys) has been seen lately, halved every 84 days up to now; who is missing was not."""
    now = clock.now()
    return {
        user: seen * 0.5 ** ((now - at) / HALF_LIFE)
        for user, seen, at in StudentExposure.objects.filter(student__in=users).values_list(
            "student_id", "seen", "at"
        )
    }


def told_of(project_id: int) -> set[int]:
    """Everybody (keys) who was picked to be told of this project, whether or not the notice is still there."""
    rows = ShownList.objects.filter(kind=ListKind.NOTICE, about=project_id).values_list("shown", flat=True)
    return {user for shown in rows for user in shown}


def at_place(public_id: str, place: int, *, about: int, kind: str) -> int | None:
    """Who (key) stands at `place` (from 0) of a list that was shown about `about`; None when there is nobody."""
    row = ShownList.objects.filter(public_id=public_id, about=about, kind=kind).first()
    return row.shown[place] if row and 0 <= place < len(row.shown) else None
