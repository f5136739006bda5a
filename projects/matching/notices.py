"""Telling a student of a project that fits, with the reasons."""

from django.urls import reverse

from accounts.notifications.actions import notify
from accounts.notifications.kinds import kind
from marketplace.ground.money import show
from projects.posting import queries as posting

MATCH = kind("match", "A new project that fits you", group="Finding projects", roles=("student",))


def fits(user, project, found) -> None:
    pay = show(posting.net(project), project.currency)
    body = (
        f"{project.organisation.name} pays {pay} for about {project.hours.normalize():f} hours, "
        f"{show(posting.hourly_net(project), project.currency)} an hour.\n\n"
        + ".\n\n".join(found.reasons())
        + "."
    )
    notify(
        user,
        MATCH,
        thing=project,
        title=f"A project that fits you: {project.title}",
        body=body,
        url=reverse("search:project", args=[project.public_id]),
        label="Read the project",
        reminder=True,
    )
