from django.core.management.base import BaseCommand

from payments.stripe.models import Install, new_environment


class Command(BaseCommand):
    help = (
        "Give this database a name of its own. Run it in a copy before its workers start:"
        " then it makes none of the original's calls to Stripe."
    )

    def handle(self, *, verbosity=1, **options):
        name = new_environment()
        Install.objects.update_or_create(pk=1, defaults={"environment": name})
        if verbosity:
            self.stdout.write(
                f"This copy is called {name}. What the original has written down stays unsent here."
            )
