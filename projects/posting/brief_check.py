"""The brief check: what in a posting is vague, unsafe, unfair or underpaid, and how to mend it.

Pure: a `Brief` in, `Finding`s out, nothing read or written. It runs as the employer types, before a posting
is sent in, and on the moderator's desk. A finding of severity "stop" has to be mended before the project can
go out; "improve" is advice.
"""

from collections.abc import Iterable

from . import brief_rules  # noqa: F401 - registers the rules
from .brief_rules.base import IMPROVE, RULES, STOP, Brief, BriefMilestone, Finding, Reading, place
from .brief_rules.pay import lowest_price, net_per_hour

__all__ = [
    "IMPROVE",
    "RULES",
    "STOP",
    "Brief",
    "BriefMilestone",
    "Finding",
    "check",
    "lowest_price",
    "net_per_hour",
    "place",
    "stops",
]

FORM = (
    "title",
    "summary",
    "outcome",
    "deliverables",
    "milestones",
    "hours",
    "price",
    "start_on",
    "due_on",
    "must_skills",
    "nice_skills",
    "questions",
    "location",
    "good_to_know",
)


def check(brief: Brief) -> list[Finding]:
    """Every finding, those that stop first, then in the order of the form; at most one per rule and field."""
    reading = Reading(brief)
    found: dict[tuple[str, str], Finding] = {}
    for run in RULES.values():
        for finding in run(reading):
            found.setdefault((finding.rule, finding.field), finding)
    return sorted(found.values(), key=_order)


def stops(findings: Iterable[Finding]) -> list[Finding]:
    """Those that have to be mended before the project can go out."""
    return [finding for finding in findings if finding.stops]


def _order(finding: Finding) -> tuple:
    head, *rest = finding.field.split(".")
    numbers = [int(part) for part in rest if part.isdecimal()]
    return not finding.stops, FORM.index(head) if head in FORM else len(FORM), numbers
