"""Dates and counts in the words of messages, where no page and no viewer's zone is at hand."""

from datetime import date, datetime
from zoneinfo import ZoneInfo


def moment(value: datetime, zone: str) -> str:
    """An instant in `zone`: `Thu 5 March, 14:00`."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local)}, {local:%H:%M}"


def day(value: date) -> str:
    """`Thu 5 March`."""
    return f"{value:%a} {value.day} {value:%B}"


def count(number: int, noun: str) -> str:
    """`1 application`, `3 applications`."""
    return f"{number} {noun if number == 1 else noun + 's'}"
