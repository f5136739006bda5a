"""How moments are written for people: in the viewer's zone, counted from the one clock."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from marketplace.ground import clock


def _local(value):
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


def _date_words(value, month: str = "%B") -> str:
    this_year = timezone.localtime(clock.now()).year
    text = f"{value:%a} {value.day} {value.strftime(month)}"
    return text if value.year == this_year else f"{text} {value.year}"


def when(value: datetime | None) -> str:
    """An instant in the viewer's zone: `Thu 5 March, 14:00`; with the year when it is not this one."""
    if not value:
        return ""
    local = _local(value)
    return f"{_date_words(local)}, {local:%H:%M}"


def day(value: date | datetime | None) -> str:
    """The day of a date or an instant: `Thu 5 March`."""
    return _date_words(_local(value)) if value else ""


def day_short(value: date | datetime | None) -> str:
    """For tables: `5 Mar`, with the year when it is not this one."""
    if not value:
        return ""
    local = _local(value)
    this_year = timezone.localtime(clock.now()).year
    return f"{local.day} {local:%b}" + ("" if local.year == this_year else f" {local.year}")


def clock_time(value: datetime | None) -> str:
    """`14:00` in the viewer's zone."""
    return f"{_local(value):%H:%M}" if value else ""


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _span(step: timedelta) -> str:
    minutes = int(abs(step).total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    for size, noun, upto in ((1, "minute", 60), (60, "hour", 48 * 60)):
        if minutes < upto:
            return _many(minutes // size, noun)
    days = minutes // 1440
    return _many(days, "day") if days < 60 else _many(days // 30, "month")


def _instant(value):
    if isinstance(value, datetime):
        return value
    midnight = datetime(value.year, value.month, value.day, 23, 59)
    return timezone.make_aware(midnight)


def until(value: datetime | date | None) -> str:
    """How far from now: `in 2 days`, `in 3 hours`, `5 minutes ago`. A date means the end of that day."""
    if not value:
        return ""
    step = _instant(value) - clock.now()
    return f"in {_span(step)}" if step > timedelta() else f"{_span(step)} ago"


def left(value: datetime | date | None) -> str:
    """What is left of a clock: `3 hours left`, `time is up`."""
    if not value:
        return ""
    step = _instant(value) - clock.now()
    return f"{_span(step)} left" if step > timedelta() else "time is up"


def is_soon(value: datetime | date | None, within_hours: int = 48) -> bool:
    """Whether an instant lies ahead within so many hours: then it is written in rope (`class="soon"`)."""
    return bool(value) and timedelta() < _instant(value) - clock.now() <= timedelta(hours=within_hours)


def is_past(value: datetime | date | None) -> bool:
    return bool(value) and _instant(value) <= clock.now()
