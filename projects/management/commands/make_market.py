"""`manage.py make_market`: an invented market of any size, to measure with."""

from django.core.management.base import BaseCommand, CommandError

from marketplace.ground.errors import Refused
from projects.matching.market.making import make_market


class Command(BaseCommand):
    help = "Fill an empty database with an invented market. The same seed on the same day makes the same one."

    def add_arguments(self, parser):
        parser.add_argument("--projects", type=int, required=True, help="how many postings")
        parser.add_argument("--students", type=int, required=True, help="how many students")
        parser.add_argument(
            "--open", type=int, help="how many of the postings are open, the newest ones (all)"
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--force", action="store_true", help="also into a database that is not empty")

    def handle(self, *args, projects, students, open, seed, force, **options):
        if projects < 0 or students < 0 or (open or 0) < 0:
            raise CommandError("Numbers of projects and students are 0 or more.")
        try:
            make_market(
                projects=projects,
                students=students,
                opened=open,
                seed=seed,
                force=force,
                say=self.stdout.write,
            )
        except Refused as refusal:
            raise CommandError(refusal.reason) from None
