"""The two weeks ahead on a person's front page."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from marketplace.ground import clock

DAYS = 14


@dataclass(frozen=True)
class Todo:
    """Something that waits for this person: what, about what, where to do it, and by when."""

    text: str
    note: str
    url: str
    link: str
    at: datetime | None = None
    function: str = ""


@dataclass
class Day:
    day: date
    today: bool
    rest: bool
    events: list = field(default_factory=list)


def soonest_first(todos: list[Todo]) -> list[Todo]:
    """What has no date comes last."""
    return sorted(todos, key=lambda todo: (todo.at is None, todo.at))


def fortnight(events) -> list[Day]:
    """`events`: (instant, words, url, function). Days begin at midnight of the viewer; what is overdue stands today."""
    today = timezone.localtime(clock.now()).date()
    days = [
        Day(today + timedelta(days=n), n == 0, (today + timedelta(days=n)).weekday() >= 5)
        for n in range(DAYS)
    ]
    for at, words, url, function in sorted((e for e in events if e[0]), key=lambda e: e[0]):
        index = max(0, (timezone.localtime(at).date() - today).days)
        if index < DAYS and len(days[index].events) < 4:
            days[index].events.append({"words": words, "url": url, "function": function})
    return days
