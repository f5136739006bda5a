"""Compares the books with Stripe now, and says what differs."""

from django.core.management.base import BaseCommand, CommandError

from marketplace.ground.money import show
from payments.reconciling import actions
from payments.stripe import gateway


class Command(BaseCommand):
    help = "Compares the books with Stripe. Exits with an error when anything differs."

    def add_arguments(self, parser):
        parser.add_argument(
            "--full", action="store_true", help="all of the last 100 days, not only what is new"
        )

    def handle(self, *, full, **options):
        try:
            found = actions.run(full=full)
        except gateway.StripeTrouble as error:
            raise CommandError(f"Stripe cannot be read: {error}") from None
        for currency, row in sorted(found.sums.items()):
            parts = ", ".join(f"{name} {show(value, currency)}" for name, value in row.items())
            self.stdout.write(f"{currency}: {parts}")
        for row in found.differences:
            money = f" {show(row['amount'], row['currency'])}" if row["currency"] else ""
            self.stdout.write(f"{row['what']}: {row['cause']}{money}, since {row['since'][:16]}")
        words = f"{found.lines} lines and {found.objects_read} objects read"
        if found.differences:
            raise CommandError(f"{words}: {len(found.differences)} differences")
        self.stdout.write(f"{words}: no difference")
