"""What may be a name, a birthday and a time zone. Raises `ValidationError` with a sentence for the person."""

import re
import unicodedata
import zoneinfo
from datetime import date
from functools import cache

from django.core.exceptions import ValidationError

from marketplace.ground import clock
from marketplace.ground.text import written

ADULT, OLDEST = 18, 110
LINK = re.compile(r"://|www\.|\b[\w-]+\.(com|net|org|info|io|ru|xyz|top|biz)\b", re.IGNORECASE)
REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)
UNDER_AGE = (
    "We cannot open an account for you yet: under 18 a guardian has to agree, and that way in is not built. "
    "Please come back when you turn 18. Nothing you typed has been stored."
)


def clean_name(text: str) -> str:
    """A name of a person or an organisation: one line, with at least one letter or digit, and no link in it.

    Names stand in mails that others ask us to send to strangers, so a name is no place for an address.
    """
    name = " ".join(written(" ".join(text.split())).split())
    if any(unicodedata.category(c) in ("Cc", "Cs", "Co") for c in name):
        raise ValidationError("This has characters in it that cannot be shown. Type it again.")
    if not any(c.isalnum() for c in name):
        raise ValidationError("A name needs at least one letter.")
    return name


def clean_person_name(text: str) -> str:
    name = clean_name(text)
    if LINK.search(name) or "@" in name:
        raise ValidationError("This looks like an address. Write your name as people should read it.")
    return name


def clean_organisation_name(text: str) -> str:
    """Companies are called Booking.com, so a dot is fine here; a whole address is not."""
    name = clean_name(text)
    if "://" in name or "www." in name.lower() or "@" in name:
        raise ValidationError("This looks like an address. Write the name of the organisation.")
    return name


def today() -> date:
    return clock.now().date()


def age_on(day: date, born: date) -> int:
    """Completed years. Somebody born on 29 February turns on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def clean_birthday(born: date) -> date:
    """An adult's date of birth; below 18 is refused kindly."""
    if born > today():
        raise ValidationError("This day has not come yet. Check the year.")
    age = age_on(today(), born)
    if age > OLDEST:
        raise ValidationError("Check the year of your date of birth.")
    if age < ADULT:
        raise ValidationError(UNDER_AGE, code="under_age")
    return born


@cache
def zones() -> tuple[str, ...]:
    """The time zones to choose from, in the order in which they are shown."""
    known = {name for name in zoneinfo.available_timezones() if name.split("/")[0] in REGIONS and "/" in name}
    return (*sorted(known), "UTC")


def zone_choices() -> list:
    """The zones by region, with the city in words: `("America", [("America/New_York", "New York"), ...])`."""
    grouped: dict[str, list] = {}
    for zone in zones():
        region, _, city = zone.partition("/")
        words = (city or region).replace("_", " ").replace("/", ", ")
        grouped.setdefault(region if city else "Other", []).append((zone, words))
    return list(grouped.items())
