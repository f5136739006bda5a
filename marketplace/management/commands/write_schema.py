from django.core.management import call_command
from django.core.management.base import BaseCommand

from marketplace.api.reference import SCHEMA


class Command(BaseCommand):
    help = (
        "Write the OpenAPI document that /api/schema/ serves. Run it when the API changes; a test compares."
    )

    def handle(self, *args, **options):
        call_command("spectacular", file=str(SCHEMA), fail_on_warn=False)
