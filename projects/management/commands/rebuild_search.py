from django.core.management.base import BaseCommand

from projects.search import rebuilding


class Command(BaseCommand):
    help = "Make the read model of the search anew beside the one in use, and put it in its place."

    def add_arguments(self, parser):
        parser.add_argument(
            "--parts", type=int, default=1, help="processes that read projects at the same time"
        )
        parser.add_argument("--part", type=int, help="fill one part only (the command calls itself so)")

        parser.add_argument("--fresh", action="store_true", help="do not go on where a run was interrupted")

    def handle(self, *args, parts, part, fresh, **options):
        if part is not None:
            rebuilding.fill(part, parts)
            return
        number = rebuilding.rebuild(self.stdout.write, parts, fresh)
        words = rebuilding.rebuild_words()
        self.stdout.write(f"{number:,} open projects, {words:,} words.")
