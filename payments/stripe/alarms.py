"""Telling the operator that money needs a person: in the log, and as a notice to every moderator."""

from django.contrib.auth import get_user_model
from django.urls import reverse

from accounts.notifications.actions import notify
from accounts.notifications.kinds import kind

ALARM = kind(
    "money-alarm",
    "Alarms about payments",
    group="Moderation",
    always=True,
    action=True,
    roles=("moderator",),
)


def raise_alarm(thing, title: str, body: str, *, part: str = "") -> None:
    """Tell every moderator once about `thing` (a row), with a way to its page in the admin."""
    url = reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])
    for user in get_user_model().objects.filter(is_staff=True, is_active=True):
        notify(user, ALARM, thing=thing, part=part, title=title, body=body, url=url, label="Look at it")
