"""The clock of what people saved."""

from celery import shared_task

from . import actions, queries


@shared_task(name="search.reminders")
def reminders() -> int:
    """Tell people that a project they saved closes within 48 hours; returns how many were told now."""
    return sum(actions.remind_of(bookmark) for bookmark in queries.closing_soon().iterator(chunk_size=500))
