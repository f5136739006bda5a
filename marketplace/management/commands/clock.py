import re
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError

from marketplace.ground import clock

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_step(text: str) -> timedelta:
    """`+3d` or `+1d12h`: weeks, days, hours, minutes and seconds. Forward only: what is done stays done."""
    if not re.fullmatch(r"\+(\d{1,4}[wdhms])+", text):
        raise CommandError("Write a step such as +3d or +1d12h, or reset.")
    parts = re.findall(r"(\d+)([wdhms])", text)
    return sum((timedelta(**{UNITS[unit]: int(count)}) for count, unit in parts), timedelta())


class Command(BaseCommand):
    help = (
        "Move the clock that web, worker, beat and the offline Stripe share: clock +3d, clock reset, clock."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("step", nargs="?", help="+3d, +1d12h, or reset; nothing shows the clock")

    def handle(self, *, step, **options):
        try:
            if step == "reset":
                clock.reset()
            elif step:
                clock.advance(parse_step(step))
        except RuntimeError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{clock.now():%Y-%m-%d %H:%M:%S} UTC ({clock.offset()} ahead of real time)")
