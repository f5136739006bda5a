"""What the brief check is given and what it answers, and the words it reads.

Nothing here touches the database: a brief is plain data, so the check runs on a half-typed form, on a stored
project and on a template alike.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from .phrases import Phrases, Text

STOP, IMPROVE = "stop", "improve"


@dataclass(frozen=True)
class BriefMilestone:
    """A named part. `hours` in quarter steps, None while nothing is typed."""

    title: str = ""
    outcome: str = ""
    done_when: tuple[str, ...] | list[str] = ()
    hours: Decimal | None = None


@dataclass(frozen=True)
class Brief:
    """A posting as the check reads it. `price` in minor units, `floor_cents` per hour of net.

    `must_skills` and `nice_skills` are names as shown. `today` is the day on which the check runs; without it
    nothing is said about dates that have passed. Limits come from the policy in force.
    """

    title: str = ""
    function: str = ""
    summary: str = ""
    outcome: str = ""
    deliverables: tuple[str, ...] | list[str] = ()
    milestones: tuple[BriefMilestone, ...] | list[BriefMilestone] = ()
    hours: Decimal | None = None
    price: int | None = None
    currency: str = "USD"
    start_on: date | None = None
    due_on: date | None = None
    must_skills: tuple[str, ...] | list[str] = ()
    nice_skills: tuple[str, ...] | list[str] = ()
    questions: tuple[str, ...] | list[str] = ()
    good_to_know: str = ""
    location_mode: str = "remote"
    location: str = ""
    ai_rule: str = "disclose"
    show_right: str = "anonymised"
    today: date | None = None
    floor_cents: int = 2000
    fee_bp: int = 1000
    min_hours: int = 5
    max_hours: int = 40
    min_days: int = 7
    max_days: int = 31


@dataclass(frozen=True)
class Finding:
    """One thing to mend. `field` names the input: `outcome`, `deliverables.0`, `milestones.1.done_when.2`."""

    rule: str
    severity: str
    field: str
    what: str
    why: str
    suggestion: str

    @property
    def stops(self) -> bool:
        return self.severity == STOP

    def as_dict(self) -> dict:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


PLACES = {
    "title": "The title",
    "summary": "The summary",
    "outcome": "The outcome",
    "location": "The place",
    "good_to_know": "“Good to know”",
}
PARTS = {"title": "title", "outcome": "outcome", "done_when": "done-when list"}


def place(name: str) -> str:
    """`milestones.1.done_when.0` -> `The done-when list of milestone 2`, to begin a sentence with."""
    parts = name.split(".")
    if parts[0] == "milestones" and len(parts) > 2:
        return f"The {PARTS[parts[2]]} of milestone {int(parts[1]) + 1}"
    if len(parts) > 1:
        return f"{parts[0].rstrip('s').capitalize()} {int(parts[1]) + 1}"
    return PLACES.get(name, name.capitalize())


@dataclass
class Reading:
    """A brief with its texts prepared once for all rules."""

    brief: Brief

    @cached_property
    def texts(self) -> list[tuple[str, Text]]:
        """Every written field with its name, in the order of the form; empty ones left out."""
        return [(name, Text(words)) for name, words in self._written() if words and words.strip()]

    def _written(self) -> Iterator[tuple[str, str]]:
        brief = self.brief
        yield from (("title", brief.title), ("summary", brief.summary), ("outcome", brief.outcome))
        yield from ((f"deliverables.{i}", words) for i, words in enumerate(brief.deliverables))
        for i, milestone in enumerate(brief.milestones):
            yield f"milestones.{i}.title", milestone.title
            yield f"milestones.{i}.outcome", milestone.outcome
            yield from ((f"milestones.{i}.done_when.{j}", w) for j, w in enumerate(milestone.done_when))
        yield from ((f"questions.{i}", words) for i, words in enumerate(brief.questions))
        yield from (("location", brief.location), ("good_to_know", brief.good_to_know))

    def find(self, phrases: Phrases, only: str = "") -> Iterator[tuple[str, str]]:
        """(field, the words found) for the first hit in each text; `only` lists prefixes of field names."""
        for name, text in self.texts:
            if not only or name.startswith(tuple(only.split())):
                hit = phrases.find(text)
                if hit:
                    yield name, hit


Rule = Callable[[Reading], Iterator[Finding]]
RULES: dict[str, Rule] = {}


def rule(name: str, severity: str = STOP):
    """Register a rule: a generator of findings, whose name and default severity are filled in here."""

    def register(function: Callable[[Reading], Iterator[Finding]]) -> Rule:
        def run(reading: Reading) -> Iterator[Finding]:
            for found in function(reading):
                yield replace(found, rule=name, severity=found.severity or severity)

        run.__doc__ = function.__doc__
        RULES[name] = run
        return run

    return register


def finding(field: str, what: str, why: str, suggestion: str, severity: str = "") -> Finding:
    """A finding as rules write it: name and default severity are added by `rule`."""
    return Finding("", severity, field, what, why, suggestion)
