"""The template library: projects that employers copy and make their own.

The words are data, `templates/<function>.toml`. A template leaves blanks in [square brackets] where the
employer knows better; the brief check does not let a project out while one of them is left.
"""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from accounts.skills.functions import Function

FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class TemplateMilestone:
    title: str
    outcome: str
    done_when: tuple[str, ...]
    hours: Decimal


@dataclass(frozen=True)
class ProjectTemplate:
    """A project to start from. `suggested_price` in cents, all in; `duration_days` from kick-off to due date;
    skills by slug; `blurb` is one line for a card."""

    slug: str
    function: str
    title: str
    blurb: str
    summary: str
    outcome: str
    deliverables: tuple[str, ...]
    milestones: tuple[TemplateMilestone, ...]
    hours: Decimal
    suggested_price: int
    duration_days: int
    must_skills: tuple[str, ...]
    nice_skills: tuple[str, ...]
    questions: tuple[str, ...]
    location_mode: str
    ai_rule: str
    show_right: str
    good_to_know: str

    @property
    def skills(self) -> tuple[str, ...]:
        """The slugs of all skills, those that are a must first."""
        return self.must_skills + self.nice_skills


@cache
def all_templates() -> tuple[ProjectTemplate, ...]:
    """Every template, in the order of the functions, then of the file. Raises `ValueError` for a bad file."""
    found = tuple(template for function in Function.values for template in _read(function))
    slugs = [template.slug for template in found]
    if len(set(slugs)) != len(slugs):
        raise ValueError("Two templates have the same slug.")
    return found


@cache
def by_function() -> dict[str, tuple[ProjectTemplate, ...]]:
    """The templates of each of the twelve functions."""
    templates = all_templates()
    return {function: tuple(t for t in templates if t.function == function) for function in Function.values}


def get(slug: str) -> ProjectTemplate | None:
    """The template of that slug, or None."""
    return next((template for template in all_templates() if template.slug == slug), None)


def _read(function: str) -> list[ProjectTemplate]:
    path = FOLDER / f"{function}.toml"
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["template"]
        return [_template(function, entry) for entry in entries]
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path.name}: {error}") from error


def _template(function: str, entry: dict) -> ProjectTemplate:
    """`entry` as a template; a missing or unknown name is a `TypeError` of the dataclass."""
    lists = ("deliverables", "must_skills", "nice_skills", "questions")
    milestones = tuple(
        TemplateMilestone(
            **part | {"done_when": tuple(part["done_when"]), "hours": Decimal(str(part["hours"]))}
        )
        for part in entry["milestones"]
    )
    return ProjectTemplate(
        **entry
        | {name: tuple(entry[name]) for name in lists}
        | {"function": function, "milestones": milestones, "hours": Decimal(str(entry["hours"]))}
    )
