"""The lot: who stays when more apply than a project takes."""

from collections.abc import Sequence
from secrets import SystemRandom


def draw(first_timers: Sequence[int], others: Sequence[int], keep: int, random=None) -> set[int]:
    """Which `keep` of the given ids stay. First-timers keep at least their share of the places (rounded up).

    random: anything with `sample(population, k)`; the operating system's generator unless a test gives one.
    """
    total = len(first_timers) + len(others)
    if keep >= total:
        return {*first_timers, *others}
    random = random or SystemRandom()
    places = -(-keep * len(first_timers) // total)  # rounded up
    return {*random.sample(list(first_timers), places), *random.sample(list(others), keep - places)}
