"""The verbs of a person's own account, and the two that a moderator has over it."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from knox.models import AuthToken

from accounts.notifications.models import Mail, Notification, Preference, UnsubscribeToken
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment

from . import erasure, rules
from .queries import allowed_actions
from .signals import role_chosen

ERASED_NAME = "Former member"


def _locked(user):
    return get_user_model().objects.select_for_update().get(pk=user.pk)


def _clean(field: str, function, value):
    try:
        return function(value)
    except ValidationError as error:
        raise Invalid({field: error.messages}) from None


def _clean_zone(zone: str) -> str:
    if zone not in rules.zones():
        raise ValidationError("Choose a time zone from the list.")
    return zone


@transaction.atomic
def choose_role(*, by, role: str, date_of_birth=None, accept_terms: bool = False):
    """Begin as "student" or "employer"; birthday and consent are asked of whoever has not given them yet.

    Raises `Invalid` beside the field. A student has a profile afterwards; an employer goes on to name an
    organisation. Choosing a role one has already changes nothing.
    """
    user = _locked(by)
    if role not in ("student", "employer"):
        raise Invalid({"role": ["Choose one of the two."]})
    if user.date_of_birth is None:
        if date_of_birth is None:
            raise Invalid({"date_of_birth": ["Enter your date of birth."]})
        user.date_of_birth = _clean("date_of_birth", rules.clean_birthday, date_of_birth)
    if user.terms_accepted_at is None:
        if not accept_terms:
            raise Invalid({"terms": ["Please agree to the terms first."]})
        user.terms_accepted_at = clock.now()
    user.save(update_fields=["date_of_birth", "terms_accepted_at"])
    role_chosen.send(sender=type(user), user=user, role=role)
    return user


@transaction.atomic
def update_settings(*, by, name: str, zone: str):
    """Change one's own name (what others read) and time zone (a name of the IANA database)."""
    user = _locked(by)
    user.name = _clean("name", rules.clean_person_name, name)
    user.zone = _clean("zone", _clean_zone, zone)
    user.save(update_fields=["name", "zone"])
    return user


@transaction.atomic
def sign_out_everywhere(*, by):
    """End all sessions and API tokens of `by`. Whoever calls this from a page keeps that session by hand."""
    get_user_model().objects.filter(pk=by.pk).update(session_round=F("session_round") + 1)
    AuthToken.objects.filter(user=by).delete()
    by.refresh_from_db(fields=["session_round"])
    return by


@transaction.atomic
def suspend_user(*, by, user, reason: str):
    """A moderator shuts somebody out: sessions and tokens end at once, and no way in lets them back."""
    if refusal := allowed_actions(by, user)["suspend"]:
        raise NotAllowed(refusal)
    if not reason.strip():
        raise Invalid({"reason": ["Say why; the person may ask."]})
    user = _locked(user)
    if user.is_superuser and not by.is_superuser:
        raise NotAllowed("Only the operator can suspend an operator.")
    user.suspended_at, user.suspended_reason, user.is_active = clock.now(), reason.strip()[:200], False
    user.save(update_fields=["suspended_at", "suspended_reason", "is_active"])
    return sign_out_everywhere(by=user)


@transaction.atomic
def lift_suspension(*, by, user):
    if refusal := allowed_actions(by, user)["suspend"]:
        raise NotAllowed(refusal)
    user = _locked(user)
    if user.suspended_at is None:
        raise WrongMoment("This account is not suspended.")
    if user.erased_at is not None:
        raise WrongMoment("This account has been deleted.")
    user.suspended_at, user.suspended_reason, user.is_active = None, "", True
    user.save(update_fields=["suspended_at", "suspended_reason", "is_active"])
    return user


@transaction.atomic
def erase_account(*, by, user=None):
    """Delete one's own account, or, as a moderator, that of `user` who asked for it.

    Everything personal goes, the surrogate stays so that the books stay whole. Raises `WrongMoment` with the
    reason while something live (money, work, an organisation) depends on the account.
    """
    if user is not None and user.pk != by.pk and not (by.is_staff and not user.is_staff):
        raise NotAllowed("Only a moderator can delete somebody else’s account.")
    user = _locked(user or by)
    if user.erased_at is not None:
        return user
    if reason := erasure.reason_against(user):
        raise WrongMoment(reason)
    address = user.email
    erasure.scrub(user)
    _forget_ways_in(user)
    _forget_messages(user, address)
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(user), object_id=str(user.pk)
    ).update(object_repr=ERASED_NAME, change_message="")
    user.name, user.email, user.date_of_birth = ERASED_NAME, f"{user.surrogate}@erased.invalid", None
    user.zone, user.terms_accepted_at, user.last_login = "UTC", None, None
    user.is_active = user.is_staff = user.is_superuser = False
    user.suspended_reason, user.erased_at, user.session_round = "", clock.now(), user.session_round + 1
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    return user


def _forget_ways_in(user) -> None:
    for model in (EmailAddress, SocialAccount, Authenticator, AuthToken):
        model.objects.filter(user=user).delete()


def _forget_messages(user, address: str) -> None:
    Mail.objects.filter(Q(user=user) | Q(to__iexact=address)).delete()
    for model in (Notification, Preference, UnsubscribeToken):
        model.objects.filter(user=user).delete()
