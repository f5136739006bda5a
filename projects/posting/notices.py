"""What an employer is told about a posting."""

from django.urls import reverse

from accounts.employers.queries import members
from accounts.notifications.actions import notify
from accounts.notifications.kinds import kind

from .models import ModerationDecision, Project
from .wording import moment

REVIEWED = kind(
    "posting_reviewed", "A moderator has read your project", group="Projects you post", roles=("employer",)
)
HIDDEN = kind(
    "posting_hidden",
    "Your project was hidden, shown again or removed",
    group="Projects you post",
    roles=("employer",),
)


def _tell(
    project: Project, kind_, *, thing, title: str, body: str, label: str, deadline=None, reminder=False
) -> None:
    """`body` is a function of the reader's zone, so that everybody reads their own times."""
    url = reverse("posting:manage", args=[project.public_id])
    for person in members(project.organisation):
        notify(
            person,
            kind_,
            thing=thing,
            title=title,
            body=body(person.zone),
            url=url,
            label=label,
            deadline=deadline,
            reminder=reminder,
        )


def published(project: Project) -> None:
    def body(zone: str) -> str:
        return (
            f"Students can apply until {moment(project.apply_by, zone)}, or until {project.application_cap} have.\n\n"
            f"Answer everybody by {moment(project.answer_by, zone)}. You can start as soon as the first one arrives."
        )

    _tell(
        project,
        REVIEWED,
        thing=project,
        title=f"Your project is open: {project.title}",
        body=body,
        label="See your project",
        deadline=project.published_at,
    )


def sent_back(project: Project, decision: ModerationDecision) -> None:
    _tell(
        project,
        REVIEWED,
        thing=decision,
        title=f"Please change a few things: {project.title}",
        body=lambda zone: (
            f"A moderator read your project and sent it back with this:\n\n{decision.reasons}\n\n"
            "Change what is named and send it again. Nothing you wrote is lost."
        ),
        label="Read and change it",
    )


def removed(project: Project, decision: ModerationDecision) -> None:
    _tell(
        project,
        HIDDEN,
        thing=decision,
        title=f"Your project was removed: {project.title}",
        body=lambda zone: f"A moderator removed it and gave this reason:\n\n{decision.reasons}",
        label="See the project",
    )


def paused(project: Project, decision: ModerationDecision) -> None:
    _tell(
        project,
        HIDDEN,
        thing=decision,
        title=f"Your project is hidden for now: {project.title}",
        body=lambda zone: (
            f"{decision.reasons}\n\nA moderator looks at it by the next business day. Its clocks stand still "
            "until then."
        ),
        label="See the project",
    )


def resumed(project: Project, decision: ModerationDecision) -> None:
    _tell(
        project,
        HIDDEN,
        thing=decision,
        title=f"Your project is shown again: {project.title}",
        body=lambda zone: (
            f"Students can apply until {moment(project.apply_by, zone)}; the time it was hidden was added."
        ),
        label="See the project",
    )


def ended_empty(project: Project) -> None:
    _tell(
        project,
        REVIEWED,
        thing=project,
        title=f"Nobody applied to {project.title}",
        body=lambda zone: (
            "The window has ended, so the project is closed and costs you nothing.\n\nA higher rate, fewer "
            "needed skills or a clearer first sentence usually helps. Make a copy and try again."
        ),
        label="Make a copy",
        deadline=project.apply_by,
    )
