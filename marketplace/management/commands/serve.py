from django.core.management.base import BaseCommand

from marketplace.services import serve


class Command(BaseCommand):
    help = (
        "Start the whole site: what `make run` does. Embeds the servers that the environment does not name."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, help="first port to try (default: PORT, else 8000)")
        parser.add_argument("--with-parent", action="store_true", help="stop when the calling process ends")

    def handle(self, *, port, with_parent, **options):
        raise SystemExit(serve.main(with_parent=with_parent, port=port))
