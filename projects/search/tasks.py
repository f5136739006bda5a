"""The clock of what people saved, and what keeps the lists right and quick."""

import logging

from celery import shared_task
from celery.signals import worker_ready

from marketplace.ground.nudge import nudge

from . import actions, queries, reading, rebuilding, tally

log = logging.getLogger(__name__)


@shared_task(name="search.reminders")
def reminders() -> int:
    """Tell people that a project they saved closes within 48 hours; returns how many were told now."""
    return sum(actions.remind_of(bookmark) for bookmark in queries.closing_soon().iterator(chunk_size=500))


@shared_task(name="search.refresh")
def refresh(ids: list[int]) -> None:
    """Bring the rows of these projects up to date: the rest of a change that touches very many."""
    reading.refresh(ids)


@shared_task(name="search.mend_sponsors")
def mend_sponsors() -> int:
    """Cards of projects whose sponsor's programme began or ended since; returns how many were written anew."""
    return reading.mend_sponsors()


@shared_task(name="search.compare")
def compare() -> dict[str, int]:
    """Compare the read model with the projects, mend it, and say in the log what was wrong."""
    found = rebuilding.compare()
    if found["wrong"]:
        log.error("the read model of the search differed in %d projects and was mended", found["wrong"])
    return found


@shared_task(name="search.sweep")
def sweep() -> int:
    """Take out the rows whose window has ended, and forget changes that everybody has read; returns how many rows went."""
    tally.forget_changes()
    return rebuilding.sweep()


@worker_ready.connect(dispatch_uid="search.fill")
def fill_when_empty(**_) -> None:
    """A site that was there before the read model gets its lists as soon as a worker runs."""
    if rebuilding.is_unfilled():
        nudge("search.compare")


@shared_task(name="search.rebuild_words")
def rebuild_words() -> int:
    """Count the words of the open projects anew, for slips of the finger, suggestions and the choice of a plan."""
    return rebuilding.rebuild_words()


@shared_task(name="search.warm")
def warm() -> int:
    """Keep the counts that most people see first: of everything, and of each function. Returns how many were made."""
    return sum(queries.warm(f) for f in queries.common())
