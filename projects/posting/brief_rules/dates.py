"""Rules of time: dates that lie ahead, inside the limits, and leave room for classes."""

from collections.abc import Iterator
from datetime import timedelta

from .base import IMPROVE, STOP, Brief, Finding, Reading, finding, rule
from .words import count

WEEK_STOP, WEEK_WARN = 30, 20


@rule("dates-missing")
def dates_missing(reading: Reading) -> Iterator[Finding]:
    """A project begins and ends."""
    brief = reading.brief
    for name, value, word in (("start_on", brief.start_on, "start"), ("due_on", brief.due_on, "due date")):
        if not value:
            yield finding(
                name,
                f"There is no {word} yet.",
                "Students look at the dates first: exams and other work are fixed.",
                f"Choose a start, and a due date {brief.min_days} to {brief.max_days} days later.",
            )


@rule("dates-past")
def dates_past(reading: Reading) -> Iterator[Finding]:
    """Dates lie ahead and in order."""
    brief = reading.brief
    if brief.today and brief.start_on and brief.start_on < brief.today:
        yield finding(
            "start_on",
            "The start has passed.",
            "Applications, an offer and the payment come before it.",
            "Choose a start at least ten days from now.",
        )
    if brief.start_on and brief.due_on and brief.due_on <= brief.start_on:
        yield finding(
            "due_on",
            "The due date is not after the start.",
            "There would be no time to do the work.",
            f"Choose a day {brief.min_days} to {brief.max_days} days after the start.",
        )


@rule("dates-range")
def dates_range(reading: Reading) -> Iterator[Finding]:
    """The due date stays inside the policy's limits."""
    brief = reading.brief
    days = _days(brief)
    if days and not brief.min_days <= days <= brief.max_days:
        first, last = (brief.start_on + timedelta(days=d) for d in (brief.min_days, brief.max_days))
        yield finding(
            "due_on",
            f"The project would last {days} {'day' if days == 1 else 'days'}.",
            f"A project is due {brief.min_days} to {brief.max_days} days after the start: short enough to "
            f"end, long enough "
            "to fit around classes.",
            f"Choose a due date from {first:%B} {first.day} to {last:%B} {last.day}.",
        )


@rule("weekly-load")
def weekly_load(reading: Reading) -> Iterator[Finding]:
    """Hours a week: a student has classes too."""
    brief = reading.brief
    days = _days(brief)
    if not days or not brief.hours or brief.hours <= 0:
        return
    weekly = float(brief.hours) / max(days / 7, 1)
    if weekly <= WEEK_WARN:
        return
    needed = -(-float(brief.hours) * 7 // WEEK_WARN)
    day = brief.start_on + timedelta(days=int(needed))
    yield finding(
        "due_on",
        f"{count(brief.hours)} hours in {days} days is {round(weekly)} hours a week.",
        f"Students may plan at most {WEEK_STOP} hours a week, and above {WEEK_WARN} most cannot keep up with "
        f"classes.",
        f"Move the due date to {day:%B} {day.day} or later, or make the project smaller.",
        STOP if weekly > WEEK_STOP else IMPROVE,
    )


def _days(brief: Brief) -> int:
    if not brief.start_on or not brief.due_on or brief.due_on <= brief.start_on:
        return 0
    return (brief.due_on - brief.start_on).days
