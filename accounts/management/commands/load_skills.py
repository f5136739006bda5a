"""`manage.py load_skills`: bring the vocabulary to the list that ships with the site."""

from django.core.management.base import BaseCommand

from accounts.skills.actions import load_skills


class Command(BaseCommand):
    help = "Load the skill vocabulary that ships with the site. Safe to run again."

    def handle(self, *args, **options):
        written = load_skills()
        self.stdout.write(f"{written} skills written." if written else "The skills are up to date.")
