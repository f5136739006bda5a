"""Reads about people: their roles, where they begin, and what they may do with their own account."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db.models import Count
from django.urls import reverse

from . import erasure


@dataclass(frozen=True)
class Roles:
    """What somebody is here. A role is the presence of a profile, a membership or a post."""

    student: bool = False
    employer: bool = False
    school: bool = False
    moderator: bool = False

    @property
    def any(self) -> bool:
        return self.student or self.employer or self.school or self.moderator


def visible_to(user):
    """The accounts that `user` may see as accounts: their own; a moderator sees all."""
    people = get_user_model().objects.all()
    if not user.is_authenticated:
        return people.none()
    return people if user.is_staff else people.filter(pk=user.pk)


def roles(user) -> Roles:
    """The roles of a person, in one query."""
    if not user.is_authenticated:
        return Roles()
    found = (
        get_user_model()
        .objects.filter(pk=user.pk)
        .aggregate(
            student=Count("student", distinct=True),
            employer=Count("memberships", distinct=True),
            school=Count("school_posts", distinct=True),
        )
    )
    return Roles(**{name: bool(number) for name, number in found.items()}, moderator=user.is_staff)


def first_page(user, wanted: str = "") -> str:
    """Where somebody begins after signing in; `wanted` is the role they chose when they joined."""
    if roles(user).any:
        return reverse("home")
    return reverse("employers:new") if wanted == "employer" else reverse("users:choose")


def allowed_actions(user, account) -> dict[str, str | None]:
    """Each act on `account` (a `User`) with None, or with the sentence that says why not now."""
    own = None if user.pk == account.pk else "This is somebody else’s account."
    return {
        "edit": own,
        "export": own,
        "sign_out_everywhere": own,
        "delete": own or erasure.reason_against(account),
        "suspend": None
        if user.is_staff and user.pk != account.pk
        else "Only a moderator can do this, to others.",
    }
