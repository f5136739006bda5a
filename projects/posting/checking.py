"""The brief check as the form shows it: each finding with a way to its field."""

from dataclasses import dataclass

from django.urls import reverse

from marketplace.ground import money, policy

from . import queries
from .brief_check import lowest_price
from .forms import input_name, step_of
from .models import Project


@dataclass(frozen=True)
class Point:
    """One thing to mend: what, why, a suggestion, the address of its field; `waived` when a moderator may allow it."""

    what: str
    why: str
    suggestion: str
    url: str
    stops: bool
    waived: bool = False


@dataclass(frozen=True)
class Checked:
    """`to_fix` keeps the posting back, `for_moderator` has to be allowed by one, `advice` is only that."""

    to_fix: list[Point]
    for_moderator: list[Point]
    advice: list[Point]
    would_pass: int | None  # the lowest price in minor units that reaches the floor, when this one does not
    straight_out: bool  # sent, it is published at once; nobody reads it first

    @property
    def points(self) -> list[Point]:
        return [*self.to_fix, *self.for_moderator, *self.advice]


def check_of(project: Project, problems: dict[str, list[str]] | None = None) -> Checked:
    """What the brief check says about the stored draft, and what an action refused (`problems`, by field)."""
    found = queries.findings(project)
    allowed = queries.waivers(project, found)
    points = [
        Point(f.what, f.why, f.suggestion, _address(project, f.field), f.stops, f.stops and f.rule in allowed)
        for f in found
    ]
    seen = {f"{p.what} {p.suggestion}".strip() for p in points}
    extra = _own_rules(project) | (problems or {})
    for field, messages in extra.items():
        points += [
            Point(text, "", "", _address(project, field), True) for text in messages if text not in seen
        ]
    return Checked(
        to_fix=[p for p in points if p.stops and not p.waived],
        for_moderator=[p for p in points if p.waived],
        advice=[p for p in points if not p.stops],
        would_pass=_would_pass(project),
        straight_out=queries.skips_review(project, allowed),
    )


def _own_rules(project: Project) -> dict[str, list[str]]:
    """What the posting's own rules would refuse beside the brief check."""
    sentence = queries.too_dear(project)
    return {"price": [sentence]} if sentence else {}


def _address(project: Project, field: str) -> str:
    page = reverse("posting:edit", args=[project.public_id, step_of(field)])
    return f"{page}#id_{input_name(field)}"


def _would_pass(project: Project) -> int | None:
    if not project.hours:
        return None
    rules = policy.current()
    lowest = lowest_price(project.hours, rules.floor_cents, rules.fee_bp, project.currency)
    return lowest if project.price < lowest <= money.MAX_MINOR else None
