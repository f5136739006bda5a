from django.core.management.base import BaseCommand

from marketplace import money_page


class Command(BaseCommand):
    help = "Write the tables of docs/money.md from the chart of accounts and the tables of moves. A test compares."

    def handle(self, *args, **options):
        money_page.PAGE.write_text(money_page.page())
