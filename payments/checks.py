"""Start-up guards: the wrong key with the wrong address must never run."""

import sys
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

STRIPE_HOST = "api.stripe.com"


def refusal() -> str:
    """Why this combination of key and address may not run; empty when it may."""
    key, base = settings.STRIPE_SECRET_KEY, urlsplit(settings.STRIPE_API_BASE)
    live = key.startswith(("sk_live", "rk_live"))
    at_stripe = base.hostname == STRIPE_HOST
    if live and not at_stripe:
        return "A live Stripe key may only be used with https://api.stripe.com."
    if at_stripe and base.scheme != "https":
        return "Stripe is reached by https only."
    if live and settings.PLAYGROUND:
        return "A live Stripe key may not be used with DEBUG, the demo or the tests."
    if not live and not settings.PLAYGROUND and key:
        return "A test key moves no money: this site is not a playground, so it needs a live key."
    return ""


@register()
def stripe_key_fits_address(app_configs, **kwargs):
    reason = refusal()
    return [Error(reason, id="payments.E001")] if reason else []


@register()
def stripe_can_tell_us(app_configs, **kwargs):
    """Webhooks are a convenience, and a site without them learns minutes late what was paid."""
    secrets = settings.STRIPE_WEBHOOK_SECRETS
    if settings.PLAYGROUND or not settings.STRIPE_SECRET_KEY or len(set(secrets)) > 1:
        return []
    words = "no signing secret is" if not secrets else "one signing secret alone is"
    return [
        Warning(
            f"STRIPE_WEBHOOK_SECRETS: {words} set, and there are two endpoints (snapshot and thin events).",
            hint="See docs/operations.md, Stripe; `manage.py check_stripe` asks Stripe itself.",
            id="payments.W001",
        )
    ]


def refuse_to_start() -> None:
    """Servers that skip Django's checks (gunicorn, a worker) meet the guard when the app is loaded."""
    reason = refusal()
    if reason and "check" not in sys.argv[1:2]:
        raise ImproperlyConfigured(reason)
