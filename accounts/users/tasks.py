"""What time does to accounts."""

from datetime import timedelta
from importlib import import_module

from allauth.account.models import EmailAddress
from celery import shared_task
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError

from marketplace.ground import clock

UNVERIFIED_FOR = timedelta(days=30)
BATCH = 500


@shared_task(name="users.expire")
def expire():
    """Forget accounts whose address was never confirmed within 30 days, and sessions that are over."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return forget_unverified()


def forget_unverified() -> int:
    """Delete accounts that nobody ever got into. Returns how many went; safe to run twice or at once."""
    addresses = EmailAddress.objects.filter(user=OuterRef("pk"))
    never = get_user_model().objects.filter(
        Exists(addresses.filter(verified=False)),
        ~Exists(addresses.filter(verified=True)),
        last_login=None,
        is_staff=False,
        erased_at=None,
        joined_at__lt=clock.now() - UNVERIFIED_FOR,
    )
    gone = 0
    for pk in list(never.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            user = never.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            if user is None:
                continue
            try:
                with transaction.atomic():
                    user.delete()
                gone += 1
            except ProtectedError:  # something was done in its name after all: then it stays
                continue
    return gone
