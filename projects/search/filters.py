"""What people may search by: a query string read into clean values. Nonsense is left out, never an error."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from accounts.skills.functions import Function
from projects.posting.models import LocationMode

MAX_TEXT, MAX_SKILLS, MAX_NUMBER = 120, 8, 10**8
# hours in total: name -> (from, below, words)
HOURS = {
    "short": (0, 16, "Up to 15 hours"),
    "medium": (16, 29, "16 to 28 hours"),
    "long": (29, None, "29 hours and more"),
}
# the student's net of the whole project, in minor units
PAY = {
    "300": (0, 30_000, "Under $300"),
    "600": (30_000, 60_000, "$300 to $599"),
    "more": (60_000, None, "$600 and more"),
}
RATES = {"25": 2_500, "30": 3_000, "40": 4_000}  # net per hour, at least, in minor units
SORTS = {
    "newest": "Newest",
    "closing": "Closing soonest",
    "pay": "Highest pay",
    "rate": "Highest hourly rate",
    "fewest": "Fewest applications",
}
RELEVANCE, FIT = "relevance", "fit"
FIT_WORDS = "Best match for you"


@dataclass(frozen=True)
class Filters:
    """Clean values. Amounts in minor units of net pay, hours in total."""

    q: str = ""
    functions: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    pay: tuple[str, ...] = ()
    rate: str = ""
    hours_min: int | None = None
    hours_max: int | None = None
    pay_min: int | None = None
    pay_max: int | None = None
    sort: str = "newest"
    after: str = ""  # a signed place in the list: see `cursor.py`

    @property
    def count(self) -> int:
        """How many filters are on, the text not counted."""
        bounds = (self.hours_min, self.hours_max, self.pay_min, self.pay_max)
        return (
            len(self.functions)
            + len(self.places)
            + len(self.skills)
            + len(self.hours)
            + len(self.pay)
            + bool(self.rate)
            + sum(b is not None for b in bounds)
        )

    @property
    def sorts(self) -> dict[str, str]:
        """The orders that make sense now: by relevance only when there is a text."""
        return {RELEVANCE: "Best match for the words", **SORTS} if self.q else SORTS

    @property
    def key(self) -> str:
        """The same for every address that finds the same projects, whatever the order and the page."""
        return address(self, sort="")


def read(params) -> Filters:
    """`params`: a `QueryDict` or a plain dict (values or lists of values) of a page or an API call."""
    q = tidy(_one(params, "q"))
    sort = _one(params, "sort")
    known = {FIT, *SORTS} | ({RELEVANCE} if q else set())
    return Filters(
        q=q,
        functions=_some(params, "function", Function.values),
        places=_some(params, "place", LocationMode.values),
        skills=tuple(dict.fromkeys(s for s in _all(params, "skill") if re.fullmatch(r"[a-z0-9-]{1,60}", s)))[
            :MAX_SKILLS
        ],
        hours=_some(params, "hours", HOURS),
        pay=_some(params, "pay", PAY),
        rate=_one(params, "rate") if _one(params, "rate") in RATES else "",
        hours_min=_number(params, "hours_min"),
        hours_max=_number(params, "hours_max"),
        pay_min=_number(params, "pay_min"),
        pay_max=_number(params, "pay_max"),
        sort=sort if sort in known else (RELEVANCE if q else "newest"),
        after=_one(params, "after")[:300],
    )


def tidy(text: str) -> str:
    """What is kept of a typed text: one line, no NUL, no lone surrogates, bounded."""
    text = text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")
    return " ".join(text.split())[:MAX_TEXT].strip()


def _all(params, name: str) -> list[str]:
    if isinstance(params, QueryDict):
        return params.getlist(name)
    value = params.get(name, [])
    return [str(v) for v in value] if isinstance(value, list | tuple | set) else [str(value)]


def _one(params, name: str) -> str:
    values = _all(params, name)
    return values[-1].strip() if values else ""


def _some(params, name: str, known) -> tuple[str, ...]:
    """The known values among those given, once each, in the order in which they are shown."""
    given = set(_all(params, name))
    return tuple(value for value in known if value in given)


def _number(params, name: str) -> int | None:
    text = _one(params, name)
    return min(int(text), MAX_NUMBER) if text.isascii() and text.isdecimal() and len(text) < 20 else None


def address(filters: Filters, **changes) -> str:
    """The query string (with its `?`) of these filters with `changes`, on the first page; "?" when nothing is left.

    Two requests that ask for the same have the same address, however they were written.
    """
    values = {
        "q": filters.q,
        "function": filters.functions,
        "place": filters.places,
        "skill": filters.skills,
        "hours": filters.hours,
        "pay": filters.pay,
        "rate": filters.rate,
        "hours_min": filters.hours_min,
        "hours_max": filters.hours_max,
        "pay_min": filters.pay_min,
        "pay_max": filters.pay_max,
        "sort": "" if filters.sort in ("newest", RELEVANCE) else filters.sort,
        **changes,
    }
    return "?" + urlencode({k: v for k, v in values.items() if v not in ("", (), None)}, doseq=True)
