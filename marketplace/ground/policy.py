"""The rules in force. One row; made with PRODUCT defaults the first time it is asked for."""

from .models import Brand, Policy


def current() -> Policy:
    """The operator's policy (always there)."""
    return Policy.objects.filter(pk=1).first() or Policy.objects.get_or_create(pk=1)[0]


def brand() -> Brand:
    """The operator's brand (always there)."""
    return Brand.objects.filter(pk=1).first() or Brand.objects.get_or_create(pk=1)[0]
