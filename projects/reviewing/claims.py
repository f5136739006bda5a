"""What the record of completed work says. Frozen when it is issued; no prices, and no more than may be shown."""

from decimal import Decimal

from accounts.skills.functions import Function
from projects.hiring.models import Engagement
from projects.hiring.states import MilestoneState
from projects.posting.models import ShowRight
from projects.working.clocks import local_day, zone_of
from projects.working.models import Submission

VERSION = 1


def show_right(engagement: Engagement) -> str:
    """How much of the work the agreement lets the student show."""
    agreement = getattr(engagement, "agreement", None)
    return (agreement.terms.get("show_right") if agreement else None) or engagement.project.show_right


def claims_of(engagement: Engagement) -> dict:
    """The claims as plain data; days are those of the project's zone.

    full: everything. anonymised: the organisation and its name are left out. none: for whom, in which function
    and for how many hours, and nothing of the work itself.
    """
    project, organisation, zone = engagement.project, engagement.organisation, zone_of(engagement)
    right = show_right(engagement)
    done = [m for m in engagement.milestones.all() if m.state == MilestoneState.APPROVED]
    first = Submission.objects.filter(milestone__in=[m.pk for m in done], version=1)
    field = Function(project.function).label if project.function else "Project"
    hidden = right == ShowRight.ANONYMISED

    def said(text: str) -> str:
        return without_name(text, organisation.name) if hidden else text

    return {
        "version": VERSION,
        "name": engagement.student.name,
        "function": project.function,
        "show": right,
        "title": f"A project in {field.lower()}" if right == ShowRight.NONE else said(engagement.title),
        "outcome": "" if right == ShowRight.NONE else said(project.outcome),
        "organisation": "" if hidden else organisation.name,
        "organisation_id": "" if hidden else organisation.public_id,
        "sector": organisation.sector,
        "verified": organisation.verified_at is not None,
        "skills": [row.skill.name for row in project.project_skills.select_related("skill")],
        "started_on": local_day(engagement.started_at, zone).isoformat(),
        "ended_on": local_day(engagement.ended_at, zone).isoformat(),
        "hours": plain(engagement.hours),
        "milestones": []
        if right == ShowRight.NONE
        else [
            {"title": said(m.title), "approved_on": local_day(m.approved_at, zone).isoformat()} for m in done
        ],
        "milestone_count": len(done),
        "by_silence": sum(m.approved_by_silence for m in done),
        "on_time": first.filter(late=False).count(),
    }


def without_name(text: str, name: str) -> str:
    """`text` with the organisation's name, however it is written, replaced."""
    found = text.lower().find(name.lower()) if name else -1
    while found >= 0:
        text = text[:found] + "the organisation" + text[found + len(name) :]
        found = text.lower().find(name.lower(), found + len("the organisation"))
    return text


def plain(hours: Decimal) -> str:
    """`12.0` -> `12`, `6.5` -> `6.5`."""
    return f"{hours.normalize():f}"
