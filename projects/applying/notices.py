"""What people are told about applications. Names that are hidden on the board stay hidden here."""

from django.urls import reverse

from accounts.employers.queries import members
from accounts.notifications.actions import notify
from accounts.notifications.kinds import kind
from projects.posting.wording import count, moment

from .states import DeclineReason

GROUP = "Applications"
RECEIVED = kind(
    "application-received", "A new application", group=GROUP, default="daily", roles=("employer",)
)
ANSWER_DUE = kind(
    "answer-due", "Applicants wait for your answer", group=GROUP, action=True, roles=("employer",)
)
CLOSED_SILENTLY = kind(
    "closed-silently", "A project was closed without answers", group=GROUP, roles=("employer",)
)
SHORTLISTED = kind("application-shortlisted", "You are on a shortlist", group=GROUP, roles=("student",))
DECLINED = kind("application-declined", "An application was declined", group=GROUP, roles=("student",))
EXPIRED = kind("application-expired", "An employer did not respond", group=GROUP, roles=("student",))
RESERVE = kind("reserve-over", "Your place in reserve", group=GROUP, roles=("student",))


def _board(project) -> str:
    return reverse("applying:board", args=[project.public_id])


def _mine(application) -> str:
    return reverse("applying:detail", args=[application.public_id])


def people(number: int, one: str, many: str) -> str:
    """`1 person waits`, `3 people wait`."""
    return f"1 person {one}" if number == 1 else f"{number} people {many}"


def received(application) -> None:
    project = application.project
    for member in members(project.organisation):
        notify(
            member,
            RECEIVED,
            thing=application,
            deadline=application.submitted_at,
            title=f"A new application for “{project.title}”",
            body=f"{count(project.application_count, 'application')} so far. "
            f"Answer everybody by {moment(project.answer_by, member.zone)}.",
            url=reverse("applying:applicant", args=[application.public_id]),
            label="Read the application",
        )


def answer_due(project, waiting: int, days: int) -> None:
    for member in members(project.organisation):
        notify(
            member,
            ANSWER_DUE,
            thing=project,
            deadline=project.answer_by,
            part=f"day-{days}",
            reminder=True,
            title=f"{people(waiting, 'waits', 'wait')} for your answer: “{project.title}”",
            body=f"Answer everybody by {moment(project.answer_by, member.zone)}. "
            "A short no with a reason is enough.\n\n"
            f"Whoever has no answer by {moment(project.closes_silently_at, member.zone)} is told that you did not "
            "respond, the project closes, and your public record shows it.",
            url=_board(project),
            label="Answer them",
        )


def closed_silently(project, waiting: int) -> None:
    for member in members(project.organisation):
        notify(
            member,
            CLOSED_SILENTLY,
            thing=project,
            deadline=project.closes_silently_at,
            title=f"“{project.title}” was closed without answers",
            body=f"{people(waiting, 'was', 'were')} still waiting on the last day and heard that you did not respond. "
            "Your public record shows it.",
            url=_board(project),
            label="See the project",
        )


def shortlisted(application) -> None:
    project, student = application.project, application.student
    notify(
        student,
        SHORTLISTED,
        thing=application,
        deadline=application.shortlisted_at,
        title=f"You are on the shortlist of {project.organisation.name}",
        body=f"“{project.title}”. They see your name now. You hear by "
        f"{moment(project.answer_by, student.zone)}.\n\n"
        "If they choose somebody else you can stay in reserve until the work starts: say so on the page.",
        url=_mine(application),
        label="See your application",
    )


def declined(application) -> None:
    project, reason = application.project, application.decline_reason
    title = f"{project.organisation.name} chose not to go on with your application"
    why = f"The reason they gave: {DeclineReason(reason).label.lower()}."
    if reason == DeclineReason.LOT:
        title = f"“{project.title}” had more applications than it takes"
        why = (
            f"It takes {project.application_cap} applications, and lots were drawn among those who applied in time. "
            "Nobody has judged your application, and it no longer counts towards your limit."
        )
    elif reason == DeclineReason.FILLED:
        title = f"{project.organisation.name} chose somebody else"
        why = f"“{project.title}” has been filled."
    elif reason == DeclineReason.CANCELLED:
        title = f"“{project.title}” was cancelled"
        why = "This says nothing about your application."
    note = f"\n\nThey wrote: {application.decline_note}" if application.decline_note else ""
    notify(
        application.student,
        DECLINED,
        thing=application,
        deadline=application.decided_at,
        title=title,
        body=why + note,
        url=_mine(application),
        label="See your application",
    )


def expired(application) -> None:
    project = application.project
    notify(
        application.student,
        EXPIRED,
        thing=application,
        deadline=application.decided_at,
        title=f"{project.organisation.name} did not respond",
        body=f"Nobody answered the applications for “{project.title}”, so it was closed. "
        "The employer’s public record shows it. It no longer counts towards your limit.",
        url=_mine(application),
        label="See your application",
    )


def reserve_is_up(application) -> None:
    project, student = application.project, application.student
    notify(
        student,
        RESERVE,
        thing=application,
        deadline=project.closes_silently_at,
        title=f"A place may be free again: “{project.title}”",
        body=f"The work did not start, and you are in reserve. {project.organisation.name} may make you an offer "
        f"until {moment(project.closes_silently_at, student.zone)}.",
        url=_mine(application),
        label="See your application",
    )
