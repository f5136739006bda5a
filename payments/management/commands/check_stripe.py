"""Asks Stripe whether everything there is set as the site needs it."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from payments.stripe import asking, gateway


class Command(BaseCommand):
    help = "Says what is off at Stripe: the key, the endpoints, their version, the payout schedule."

    def handle(self, **options):
        self.stdout.write(f"API version {gateway.API_VERSION}")
        try:
            complaints = asking.complaints(settings.SITE_URL.rstrip("/") + reverse("payments:webhook"))
        except gateway.Misconfigured as error:
            raise CommandError(f"Stripe refuses the key, or it lacks a right: {error}") from None
        except gateway.StripeTrouble as error:
            raise CommandError(f"Stripe does not answer: {error}") from None
        for sentence in complaints:
            self.stdout.write(sentence)
        if complaints:
            raise CommandError(f"{len(complaints)} things to set at Stripe")
        self.stdout.write("Everything is set as it has to be.")
