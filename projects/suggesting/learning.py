"""What a no says about other projects. Pure: rows in, a factor out.

Only what the student said about the work counts: its function, hours, pay, place, skills or employer. Each such no
lowers projects like it by a tenth, at most by a third; a no to an employer lowers its projects to a tenth.
"""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from .models import Why

STEP, LEAST, EMPLOYER = 0.9, 0.67, 0.1


@dataclass
class Learned:
    """What was said no to. rates: minor units an hour; weekly: hours a week."""

    functions: Counter = field(default_factory=Counter)
    places: Counter = field(default_factory=Counter)
    employers: set[int] = field(default_factory=set)
    skills: Counter = field(default_factory=Counter)
    rates: list[int] = field(default_factory=list)
    weekly: list[Decimal] = field(default_factory=list)


def weekly(project) -> Decimal | None:
    """Hours a week that the project takes between its dates."""
    if not (project.hours and project.start_on and project.due_on):
        return None
    return project.hours * 7 / max(7, (project.due_on - project.start_on).days)


def asked(project) -> set[int]:
    """The skills that a project needs."""
    return {row.skill_id for row in project.project_skills.all() if row.must}


def learn(dismissals, own: set[int]) -> Learned:
    """dismissals: rows with their project and its `project_skills`. own: skills of the student, never held against them."""
    found = Learned()
    for row in dismissals:
        if not row.learned:
            continue
        project = row.project
        if row.why == Why.FUNCTION and project.function:
            found.functions[project.function] += 1
        elif row.why == Why.PLACE:
            found.places[project.location_mode] += 1
        elif row.why == Why.EMPLOYER:
            found.employers.add(project.organisation_id)
        elif row.why == Why.SKILLS:
            found.skills.update(asked(project) - own)
        elif row.why == Why.PAY and project.net_hourly:
            found.rates.append(project.net_hourly)
        elif row.why == Why.HOURS and weekly(project):
            found.weekly.append(weekly(project))
    return found


def lowered(project, learned: Learned) -> float:
    """The factor (LEAST to 1, or EMPLOYER) that the fit of `project` is multiplied by."""
    if project.organisation_id in learned.employers:
        return EMPLOYER
    times = learned.functions[project.function] + learned.places[project.location_mode]
    times += len(asked(project) & set(learned.skills))
    if project.net_hourly is not None:
        times += sum(project.net_hourly <= rate for rate in learned.rates)
    each_week = weekly(project)
    if each_week is not None:
        times += sum(each_week >= hours for hours in learned.weekly)
    return max(LEAST, STEP**times)
