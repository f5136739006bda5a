"""The card of an open project, made once when the project changes and not each time it is shown.

`frame` renders the ordinary component with made-up values, finds these in what came out, and leaves slots: filling
a card is then joining strings, and the component stays the one place where a card's markup is written. What changes
with time or with who looks (how soon it closes, the saved heart) is left open as well; `fill` puts it in.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from django.template import Engine
from django.template.loader import render_to_string
from django.utils.html import escape

from projects.posting.models import LocationMode

CLOSES, MINE, WHY = "<!--closes-->", "<!--mine-->", "<!--why-->"
ADDRESS = "/projects/{}/"
# Values that nothing else on a card looks like; numbers, so that the filters of the component can read them.
NET, HOURS, DUE = 9_876_543_217, Decimal("4321.7"), date(1987, 6, 5)
SAMPLE = {
    "url": "sample-address",
    "title": "sample-title",
    "employer": "sample-employer",
    "place": "sample-place",
    "summary": "sample-summary",
    "sponsor": "sample-sponsor",
}


@dataclass(frozen=True)
class Card:
    """What a card says. net: minor units of the student's net."""

    public_id: str
    title: str
    function: str
    employer: str
    verified: bool
    mode: str
    location: str
    outcome: str
    net: int
    hours: Decimal
    currency: str
    due_on: date | None
    sponsor: str = ""  # the name of who pays a share of it


def _words(net: int, hours: Decimal, currency: str, due: date | None) -> dict[str, str]:
    hourly = _filter("per_hour")(net, hours)
    return {
        "net": _filter("money")(net, currency),
        "hours": _filter("hours")(hours),
        "rate": _filter("rate")(hourly, currency),
        "due": _filter("day_short")(due) if due else "",
    }


@cache
def _filter(name: str):
    """A filter of our templates, which the component uses too."""
    return next(lib.filters[name] for lib in Engine.get_default().template_builtins if name in lib.filters)


@cache
def frame(
    function: str, verified: bool, remote: bool, placed: bool, summed: bool, due: bool, sponsored: bool
) -> tuple[str, ...]:
    """The component between the slots: text, name of a slot, text, name of a slot ... text."""
    shown = {**SAMPLE, "net": NET, "hours": HOURS, "currency": "USD", "due": DUE if due else None}
    shown |= {"function": function, "verified": verified, "remote": remote, "open_slots": True}
    shown["place"] = SAMPLE["place"] if placed else ""
    shown["summary"] = SAMPLE["summary"] if summed else ""
    shown["sponsor"] = SAMPLE["sponsor"] if sponsored else ""
    html = render_to_string("components/project_card.html", shown)
    samples = SAMPLE | _words(NET, HOURS, "USD", DUE if due else None)
    slots = {escape(text): name for name, text in samples.items() if text}
    pattern = "|".join(re.escape(text) for text in sorted(slots, key=len, reverse=True))
    pieces = re.split(f"({pattern})", html)
    return tuple(slots[piece] if place % 2 else piece for place, piece in enumerate(pieces))


def place_of(mode: str, location: str) -> str:
    """`Remote`, `Partly on site, Northgate`, `Northgate`."""
    label = LocationMode(mode).label
    return label if mode == LocationMode.REMOTE else ", ".join(word for word in (label, location) if word)


def render(card: Card) -> str:
    """The HTML of `card`, with `CLOSES`, `WHY` and `MINE` left to fill in."""
    place = place_of(card.mode, card.location)
    remote = card.mode == LocationMode.REMOTE
    pieces = frame(
        card.function,
        card.verified,
        remote,
        bool(place),
        bool(card.outcome),
        card.due_on is not None,
        bool(card.sponsor),
    )
    words = _words(card.net, card.hours, card.currency, card.due_on)
    values = {
        "url": ADDRESS.format(card.public_id),
        "title": escape(card.title),
        "employer": escape(card.employer),
        "place": escape(place),
        "summary": escape(card.outcome),
        "sponsor": escape(card.sponsor),
        **{name: escape(text) for name, text in words.items()},
    }
    return "".join(values[piece] if place % 2 else piece for place, piece in enumerate(pieces))


def says_sponsor(html: str, sponsor: str) -> bool:
    """Whether a stored card names `sponsor`, or nobody when it is empty."""
    return f"Sponsored by {escape(sponsor)}<" in html if sponsor else "by-sponsor" not in html


def fill(html: str, closes: str, mine: str = "", why: str = "") -> str:
    """A stored card as it is shown. closes: HTML that says how soon it closes. mine, why: HTML for one person."""
    return html.replace(CLOSES, closes, 1).replace(MINE, mine, 1).replace(WHY, why, 1)


def closing(apply_by: datetime, now: datetime) -> str:
    """`<span>Closes in 2 days</span>`, marked when it is soon."""
    left = int((apply_by - now).total_seconds() // 60)
    soon = ' class="soon"' if left <= 48 * 60 else ""
    if left < 1:
        words = "less than a minute"
    elif left < 60:
        words = f"{left} minute{'s' * (left != 1)}"
    elif left < 48 * 60:
        words = f"{left // 60} hour{'s' * (left >= 120)}"
    else:
        words = f"{left // 1440} days"
    return f"<span{soon}>Closes in {words}</span>"
