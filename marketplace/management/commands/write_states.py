from django.conf import settings
from django.core.management.base import BaseCommand

from marketplace import state_pages


class Command(BaseCommand):
    help = "Write docs/states.md from the tables of moves. Run it when a table changes; a test compares."

    def handle(self, *args, **options):
        (settings.BASE_DIR / "docs" / "states.md").write_text(state_pages.page())
