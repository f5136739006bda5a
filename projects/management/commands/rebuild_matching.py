"""`manage.py rebuild_matching`: write the rows that matching reads anew."""

from django.core.management.base import BaseCommand

from projects.matching.rebuilding import rebuild


class Command(BaseCommand):
    help = "Bring what matching reads to what people and projects say. Safe at any time."

    def add_arguments(self, parser):
        parser.add_argument("--without-vectors", action="store_true", help="leave those to the worker")

    def handle(self, *args, without_vectors, **options):
        rebuild(say=self.stdout.write, with_vectors=not without_vectors)
