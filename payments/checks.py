"""Start-up guards: the wrong key with the wrong address must never run."""

import sys
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, register
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


def refuse_to_start() -> None:
    """Servers that skip Django's checks (gunicorn, a worker) meet the guard when the app is loaded."""
    reason = refusal()
    if reason and "check" not in sys.argv[1:2]:
        raise ImproperlyConfigured(reason)
