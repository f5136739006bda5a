import os

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from marketplace.demo import pictures


class Command(BaseCommand):
    help = "Take the pictures in docs/screenshots from the running demo (make run, then make screenshots)."

    def handle(self, *args, **options):
        try:
            from playwright.sync_api import sync_playwright

            from tests.browser import launch_options
        except ImportError as error:
            raise CommandError("This needs the packages of `make test`.") from error
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
            "1"  # Playwright's loop stands still while we read the database
        )
        with sync_playwright() as playwright:
            pictures.take(
                playwright.chromium,
                launch_options(),
                settings.BASE_DIR / "docs" / "screenshots",
                self.stdout.write,
            )
