"""Who has to have a second step at sign-in: moderators, school staff, employer owners, holders of a payout method.

Rooms above say who else has to (payments does so for payout holders). For everybody else it is offered.
"""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Count, Q

_more: list[Callable] = []


def register(function: Callable) -> Callable:
    """`function(user) -> bool`: whether this person has to have a second step."""
    _more.append(function)
    return function


def required(user) -> bool:
    if not settings.REQUIRE_MFA or not user.is_authenticated:
        return False
    if user.is_staff:
        return True
    held = (
        get_user_model()
        .objects.filter(pk=user.pk)
        .aggregate(
            posts=Count("school_posts", distinct=True),
            owned=Count("memberships", filter=Q(memberships__role="owner"), distinct=True),
        )
    )
    return any(held.values()) or any(asks(user) for asks in _more)


def missing(user) -> bool:
    """Whether this person has to set up a second step before anything else."""
    return required(user) and not is_mfa_enabled(user)
