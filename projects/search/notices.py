"""What a person is told about a project they saved."""

from django.urls import reverse

from accounts.notifications.actions import notify
from accounts.notifications.kinds import kind
from marketplace.ground import money
from projects.posting.queries import net
from projects.posting.wording import moment

from .models import Bookmark

SAVED_CLOSING = kind("saved_closing", "A project you saved closes in two days", group="Finding projects")


def saved_closing(bookmark: Bookmark):
    """The row of the reminder, or None when this person was told about this deadline before."""
    project, person = bookmark.project, bookmark.user
    pay = money.show(net(project), project.currency)
    return notify(
        person,
        SAVED_CLOSING,
        thing=project,
        deadline=project.apply_by,
        reminder=True,
        title=f"Closes soon: {project.title}",
        body=f"You saved this project of {project.organisation.name}: {pay} for {project.hours.normalize():f} "
        "hours.\n\n"
        f"You can apply until {moment(project.apply_by, person.zone)}. Drafts of your answers are kept as you type.",
        url=reverse("search:project", args=[project.public_id]),
        label="Read it again",
    )
