"""Applies stored events from Stripe again. Handlers converge, so what is right already stays as it is."""

from datetime import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import get_current_timezone, make_aware

from payments.stripe.actions import letters


class Command(BaseCommand):
    help = (
        "Applies stored events again: by id, by kind, or all received since a date. A worker does the work."
    )

    def add_arguments(self, parser):
        parser.add_argument("ids", nargs="*", help="evt_... ids")
        parser.add_argument(
            "--kind", default="", help="a kind or its beginning: transfer. or charge.refunded"
        )
        parser.add_argument("--since", default="", help="ISO date or time: 2026-11-01 or 2026-11-01T12:00")

    def handle(self, *, ids, kind, since, **options):
        if not (ids or kind or since):
            raise CommandError("Say which: ids, --kind or --since.")
        count = letters.replay_events(ids=ids, kind=kind, since=_time(since))
        self.stdout.write(f"{count} event{'' if count == 1 else 's'} will be applied again.")


def _time(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text} is no date. Write 2026-11-01 or 2026-11-01T12:00.") from None
    return found if found.tzinfo else make_aware(found, get_current_timezone())
