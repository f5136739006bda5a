from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.test.utils import override_settings

from accounts.models import Mail, User


class Command(BaseCommand):
    help = "Fill an empty database with the demo world, by the same verbs that people use. Needs FOOTHOLD_DEMO and the offline Stripe."

    def handle(self, *args, **options):
        from accounts.notifications.delivery import send_pending
        from marketplace.celery import app
        from marketplace.demo import world

        if not settings.DEMO or not settings.SANDBOX:
            raise CommandError(
                "The demo world is only made where FOOTHOLD_DEMO is on, with the offline Stripe."
            )
        if User.objects.exists():
            raise CommandError(
                "There are people in this database already. The demo world is made in an empty one."
            )
        world.build(lambda text: self.stdout.write(f"  {text}"))
        # Its mails were for invented people: they leave by a door that leads nowhere, so that none is left to send.
        with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"):
            while Mail.objects.filter(state=Mail.State.PENDING).exists() and send_pending(2000):
                pass
        app.control.purge()  # the nudges of those days; what is still due is a row
        self.stdout.write(f"  {User.objects.count()} people live in it.")
