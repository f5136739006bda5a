"""`manage.py load_skills [FILE]`: bring the vocabulary to the list that ships with the site, or add a list of one's own."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.skills.actions import import_skills, load_skills
from marketplace.ground.errors import Invalid


class Command(BaseCommand):
    help = "Load the skill vocabulary that ships with the site, or add the skills of a CSV file. Safe to run again."

    def add_arguments(self, parser):
        parser.add_argument(
            "file", nargs="?", help="CSV: name,function,kind,aliases,related (the last two with | between)"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")

    def handle(self, *args, file, dry_run, **options):
        if file:
            self._import(Path(file), dry_run)
        elif written := load_skills():
            self.stdout.write(f"{written} skills written.")
        else:
            self.stdout.write("The skills are up to date.")

    def _import(self, path: Path, dry_run: bool) -> None:
        try:
            new, there = import_skills(path, dry_run=dry_run)
        except Invalid as error:
            raise CommandError("\n".join(error.message_dict["file"])) from None
        would = "would be" if dry_run else "were"
        self.stdout.write(f"{new} skills {would} added, {there} were there already.")
