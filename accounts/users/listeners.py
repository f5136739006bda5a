"""What this room itself has to tell of a person when they ask for their data."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from accounts.notifications.models import Mail, Notification, Preference
from marketplace.ground.models import StateChange

from . import export


def _account(user) -> dict:
    return {
        **export.plain(user, without=("password", "session_round", "is_superuser")),
        "addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "sign_in_with": list(
            SocialAccount.objects.filter(user=user).values("provider", "date_joined", "last_login")
        ),
        "second_steps": list(
            Authenticator.objects.filter(user=user).values("type", "created_at", "last_used_at")
        ),
    }


def _messages(user) -> dict:
    mails = Mail.objects.filter(user=user).order_by("pk")
    return {
        "notifications": list(
            Notification.objects.filter(user=user)
            .order_by("pk")
            .values("kind", "title", "body", "url", "created_at", "read_at")
        ),
        "mails": list(
            mails.exclude(kind="account").values("to", "kind", "subject", "text", "state", "sent_at")
        ),
        "account_mails": list(mails.filter(kind="account").values("to", "subject", "sent_at")),
        "choices": list(Preference.objects.filter(user=user).values("kind", "how")),
    }


def _acts(user) -> list:
    return list(
        StateChange.objects.filter(by=user)
        .order_by("pk")
        .values("kind", "from_state", "to_state", "reason", "note", "at")
    )


export.register("account", _account)
export.register("messages", _messages)
export.register("acts", _acts)
