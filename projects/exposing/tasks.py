"""The clock of the exposure log. Every task is safe to run twice, late, or at once."""

from celery import shared_task

from . import actions, weeks


@shared_task(name="exposing.count")
def count() -> int:
    done = 0
    while counted := actions.count_lists():
        done += counted
    return done


@shared_task(name="exposing.weeks")
def figures() -> None:
    """The figures of this week and, until it is a day old, of the one before."""
    count()
    weeks.write_recent()
    actions.forget_old()
