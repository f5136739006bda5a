"""`manage.py sandbox --port 8001`: the offline Stripe, in place of this process and with its own small
settings.
"""

import os
import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Runs the offline Stripe on a loopback address."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, required=True)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument(
            "--webhook-url", default="", help="Where events are told; default: this site's address."
        )

    def handle(self, *, port, host, webhook_url, **options):
        if settings.STRIPE_SECRET_KEY.startswith(("sk_live", "rk_live")):
            raise CommandError("A live Stripe key is set; the offline Stripe refuses to run beside it.")
        if host not in ("127.0.0.1", "localhost", "::1"):
            raise CommandError("The offline Stripe listens on a loopback address only.")
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "payments.sandbox.settings",
            "SANDBOX_WEBHOOK_URL": webhook_url or f"{settings.SITE_URL}/payments/stripe/webhook/",
        }
        sys.stdout.flush()
        arguments = [sys.executable, "-m", "payments.sandbox", "--host", host, "--port", str(port)]
        os.execve(sys.executable, arguments, environment)
