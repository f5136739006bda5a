"""Reads about who can be paid."""

from django.db import IntegrityError, transaction

from .models import PayeeAccount, Payout


def payee_of(user) -> PayeeAccount:
    """The payout account row of `user`, made the first time it is asked for."""
    found = PayeeAccount.objects.filter(user=user).first()
    if found:
        return found
    try:
        with transaction.atomic():
            return PayeeAccount.objects.create(user=user, party=user.surrogate)
    except IntegrityError:  # two pages asked at once
        return PayeeAccount.objects.get(user=user)


def payouts_of(user):
    """The person's payouts, newest first."""
    return Payout.objects.filter(payee__user=user)


def has_payout_method(user) -> bool:
    """Whether money can go out to this person: then a password alone does not open the account."""
    return PayeeAccount.objects.filter(user=user).exclude(stripe_id=None).exclude(stripe_id="").exists()
