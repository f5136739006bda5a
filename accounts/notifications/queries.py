"""Reads of the notification centre."""

from datetime import datetime

from django.db import models

from accounts.users.queries import roles

from . import stoppers
from .kinds import KINDS, Kind, groups
from .models import Notification, Preference, UnsubscribeToken


def visible_to(user):
    """One's own notifications, newest first."""
    return Notification.objects.filter(user=user) if user.is_authenticated else Notification.objects.none()


def last_told(user, kind: Kind, things: list[models.Model]) -> datetime | None:
    """When `user` was last told this about one of `things`; None for never. Notices of a `part` do not count."""
    about = [f"{thing._meta.label_lower}:{thing.pk}" for thing in things]
    rows = Notification.objects.filter(user=user, kind=kind.slug, thing__in=about, deadline="")
    return rows.aggregate(last=models.Max("created_at"))["last"]


def unread_count(user, cap: int = 99) -> int:
    """How many are unread, at most `cap` (so that the badge costs a bounded index scan)."""
    return visible_to(user).filter(read_at=None).order_by()[:cap].count()


def preferences(user) -> list[tuple[str, list[tuple]]]:
    """For the settings page: `(group, [(kind, how)])` with the person's choice or the kind's default.

    Only the kinds that can concern somebody in the roles of `user`.
    """
    held = roles(user)
    shown = {
        group: [one for one in kinds if not one.roles or any(getattr(held, role) for role in one.roles)]
        for group, kinds in groups().items()
    }
    chosen = dict(Preference.objects.filter(user=user).values_list("kind", "how"))
    return [
        (group, [(one, chosen.get(one.slug, one.default)) for one in kinds])
        for group, kinds in shown.items()
        if kinds
    ]


def title_of(token: str, kind: str, part: str = "") -> str:
    """What the link in a mail stops, in words; empty when it stops nothing."""
    if not part or kind not in stoppers.STOPPERS:
        return KINDS[kind].title if kind in KINDS and not part else ""
    known = UnsubscribeToken.objects.filter(token=token).select_related("user").first()
    return stoppers.STOPPERS[kind].name(known.user, part) if known else ""
