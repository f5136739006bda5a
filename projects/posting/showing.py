"""A posting as it is shown to people: the numbers and dates of the project page and of its preview."""

from dataclasses import dataclass
from datetime import date, timedelta

from marketplace.ground import policy

from . import queries
from .models import LocationMode, PlannedMilestone, Project


@dataclass(frozen=True)
class ShownMilestone:
    """A milestone with the student's share (minor units) and its date; None while the project has no dates."""

    milestone: PlannedMilestone
    net: int
    due_on: date | None


@dataclass(frozen=True)
class Shown:
    """What stands on the page about `project`. Money in minor units of the student's net."""

    project: Project
    net: int
    hourly: int | None
    milestones: list[ShownMilestone]
    must: list
    nice: list
    questions: list
    release_delay: int
    unproven_max: int
    weekly: int | None

    @property
    def place(self) -> str:
        return place(self.project)

    @property
    def days(self) -> int | None:
        p = self.project
        return (p.due_on - p.start_on).days if p.start_on and p.due_on else None


def place(project: Project) -> str:
    """`Remote`, `Partly on site, Northgate`, `Northgate`."""
    if project.location_mode == LocationMode.REMOTE:
        return project.get_location_mode_display()
    return ", ".join(word for word in (project.get_location_mode_display(), project.location) if word)


def show(project: Project) -> Shown:
    """Read everything that hangs on `project`; a constant number of queries."""
    asked = list(project.project_skills.select_related("skill"))
    shares = queries.shares(project)
    dates = due_dates(project, [part.hours for part, _, _ in shares])
    rules = policy.current()
    return Shown(
        project=project,
        net=queries.net(project),
        hourly=queries.hourly_net(project),
        milestones=[
            ShownMilestone(part, price - fee, due)
            for (part, price, fee), due in zip(shares, dates, strict=True)
        ],
        must=[row.skill for row in asked if row.must],
        nice=[row.skill for row in asked if not row.must],
        questions=list(project.questions.all()),
        release_delay=0 if project.organisation.proven_at else rules.unproven_release_days,
        unproven_max=rules.unproven_max_cents,
        weekly=_weekly(project),
    )


def due_dates(project: Project, hours: list) -> list[date | None]:
    """When each milestone would be due: the time is shared out by hours, and the last one ends on the due date."""
    whole = sum(hours)
    if not project.start_on or not project.due_on or not whole:
        return [None] * len(hours)
    days = (project.due_on - project.start_on).days
    done, dates = 0, []
    for part in hours:
        done += part
        dates.append(project.start_on + timedelta(days=round(days * done / whole)))
    return dates


def _weekly(project: Project) -> int | None:
    """Hours a week, rounded up, from the agreed start to the due date."""
    if not (project.hours and project.start_on and project.due_on):
        return None
    weeks = max((project.due_on - project.start_on).days / 7, 1)
    return -(-int(project.hours * 10) // int(weeks * 10))
