"""What people are told about messages: once for each time somebody has not read on, not once a message."""

from django.urls import reverse

from accounts.employers.queries import members
from accounts.notifications.actions import notify
from accounts.notifications.kinds import kind

from .queries import first_unread

MESSAGE = kind("message", "A message", group="Work")
SHOWN = 400  # characters of a message in the mail


def tell_message(message) -> None:
    engagement = message.engagement
    people = [engagement.student, *members(engagement.organisation)]
    text = message.text if len(message.text) <= SHOWN else message.text[:SHOWN].rsplit(" ", 1)[0] + " …"
    for user in people:
        if user.pk == message.author_id:
            continue
        oldest = first_unread(user, engagement)
        if oldest is not None:  # told once until it is read: the rest of a lively exchange waits on the page
            notify(
                user,
                MESSAGE,
                thing=oldest,
                title=f"{message.author.name} wrote to you",
                body=text,
                url=reverse("talking:thread", args=[engagement.public_id]),
                label="Read and answer",
            )
