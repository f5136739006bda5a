"""Business days, weekends and quiet hours. Instants in and out are aware datetimes in UTC."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from . import policy

QUIET_FROM, QUIET_UNTIL = time(22, 0), time(7, 0)


def end_of_day(day: date, zone: str) -> datetime:
    """A date alone means 23:59 in `zone`; returned in UTC."""
    return datetime.combine(day, time(23, 59), ZoneInfo(zone)).astimezone(UTC)


def add_business_days(start: datetime, days: int, zone: str | None = None) -> datetime:
    """`start` moved on by `days` business days of the operator's zone; weekends and holidays do not count.

    The time of day is kept in that zone. A start on a day off counts from the beginning of the next business day.
    """
    zone_info = ZoneInfo(zone or policy.current().zone)
    local = start.astimezone(zone_info)
    off = _holidays(local.date(), days)
    if not _is_business(local.date(), off):
        local = datetime.combine(_next_business(local.date(), off), time(9, 0), zone_info)
    day = local.date()
    for _ in range(days):
        day = _next_business(day, off)
    return datetime.combine(day, local.timetz().replace(tzinfo=None), zone_info).astimezone(UTC)


def touches_weekend(start: datetime, end: datetime, zone: str) -> bool:
    """Whether any moment from `start` to `end` is a Saturday or Sunday in `zone`."""
    zone_info = ZoneInfo(zone)
    day, last = start.astimezone(zone_info).date(), end.astimezone(zone_info).date()
    while day <= last:
        if day.weekday() >= 5:
            return True
        day += timedelta(days=1)
    return False


def is_quiet(instant: datetime, zone: str) -> bool:
    """Whether `instant` falls between 22:00 and 7:00 of somebody in `zone`."""
    local = instant.astimezone(ZoneInfo(zone)).time()
    return local >= QUIET_FROM or local < QUIET_UNTIL


def after_quiet(instant: datetime, zone: str) -> datetime:
    """`instant`, or 7:00 of the same night's morning when it is quiet then."""
    if not is_quiet(instant, zone):
        return instant
    local = instant.astimezone(ZoneInfo(zone))
    day = local.date() + timedelta(days=1) if local.time() >= QUIET_FROM else local.date()
    return datetime.combine(day, QUIET_UNTIL, ZoneInfo(zone)).astimezone(UTC)


def _holidays(day: date, days: int) -> set[date]:
    from .models import Holiday

    span = timedelta(days=days * 3 + 30)
    return set(Holiday.objects.filter(day__gte=day, day__lte=day + span).values_list("day", flat=True))


def _is_business(day: date, off: set[date]) -> bool:
    return day.weekday() < 5 and day not in off


def _next_business(day: date, off: set[date]) -> date:
    day += timedelta(days=1)
    while not _is_business(day, off):
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=1)
def _zones() -> list[str]:
    return sorted(available_timezones())


def quiet_zones(instant: datetime) -> dict[str, datetime]:
    """The zones in which it is quiet at `instant`, each with the instant at which its quiet ends."""
    return {zone: after_quiet(instant, zone) for zone in _zones() if is_quiet(instant, zone)}
