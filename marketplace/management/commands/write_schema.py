from django.core.management.base import BaseCommand

from marketplace.api.reference import SCHEMA, written


class Command(BaseCommand):
    help = (
        "Write the OpenAPI document that /api/schema/ serves. Run it when the API changes; a test compares."
    )

    def handle(self, *args, **options):
        SCHEMA.write_text(written())
