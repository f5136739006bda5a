"""Business days stand still on weekends and holidays; quiet hours end at seven."""

from datetime import UTC, date, datetime

import pytest

from marketplace.ground import calendar
from marketplace.ground.models import Holiday

ZONE = "America/New_York"


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_a_date_alone_means_a_minute_to_midnight_in_its_zone():
    assert calendar.end_of_day(date(2026, 3, 5), ZONE) == utc(2026, 3, 6, 4, 59)


@pytest.mark.django_db
def test_three_business_days_skip_the_weekend():
    thursday = utc(2026, 3, 5, 15, 0)
    assert calendar.add_business_days(thursday, 3, ZONE) == utc(
        2026, 3, 10, 14, 0
    )  # the clocks change on the 8th


@pytest.mark.django_db
def test_a_holiday_does_not_count():
    Holiday.objects.create(day=date(2026, 11, 26), name="Thanksgiving")
    assert calendar.add_business_days(utc(2026, 11, 25, 15, 0), 1, ZONE) == utc(2026, 11, 27, 15, 0)


@pytest.mark.django_db
def test_what_starts_on_a_sunday_counts_from_monday_morning():
    assert calendar.add_business_days(utc(2026, 3, 1, 20, 0), 1, ZONE) == utc(2026, 3, 3, 14, 0)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (utc(2026, 3, 6, 4, 0), utc(2026, 3, 6, 12, 0)),  # 23:00 -> 7:00 next day
        (utc(2026, 3, 6, 10, 0), utc(2026, 3, 6, 12, 0)),  # 5:00 -> 7:00
        (utc(2026, 3, 6, 15, 0), utc(2026, 3, 6, 15, 0)),  # 10:00 stays
    ],
)
def test_a_quiet_hour_waits_for_the_morning(at, until):
    assert calendar.after_quiet(at, ZONE) == until


def test_a_weekend_is_noticed_in_the_readers_zone():
    assert calendar.touches_weekend(utc(2026, 3, 6, 15, 0), utc(2026, 3, 8, 15, 0), ZONE)
    assert not calendar.touches_weekend(utc(2026, 3, 3, 15, 0), utc(2026, 3, 5, 15, 0), ZONE)
