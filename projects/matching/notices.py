"""Telling a student of a project that fits, with the reasons."""

from django.urls import reverse

from accounts.notifications.fanout import call_off, tell_many
from accounts.notifications.kinds import kind
from marketplace.ground.money import show
from projects.posting import queries as posting

MATCH = kind("match", "A new project that fits you", group="Finding projects", roles=("student",))


# One row for each person: their key, why it is for them, and what one click in the mail stops.
AUDIENCE = "SELECT person, why, '' FROM unnest(%s::bigint[], %s::text[]) AS told (person, why)"


def fits(project, found: list) -> int:
    """Tell each of `found` (student, fit) once, with the reasons; returns how many were told."""
    pay = show(posting.net(project), project.currency)
    return tell_many(
        MATCH,
        thing=project,
        audience=AUDIENCE,
        values=[[user.pk for user, _ in found], [". ".join(fit.reasons()) + "." for _, fit in found]],
        title=f"A project that fits you: {project.title}",
        body=f"{project.organisation.name} pays {pay} for about {project.hours.normalize():f} hours, "
        f"{show(posting.hourly_net(project), project.currency)} an hour.",
        url=reverse("search:project", args=[project.public_id]),
        label="Read the project",
    )


def over(project, users) -> int:
    """Nobody hears of it any more: mails that wait are stopped, unread notices go."""
    return call_off(MATCH, thing=project, users=users)
