"""`manage.py evaluate_matching`: score rankings against grades, beside what a plain site would show."""

import json

from django.core.management.base import BaseCommand, CommandError

from marketplace.ground.errors import Invalid
from projects.matching.fixtures import measuring, reading

from .rank_fixtures import about_path

SIDES = {"students_for_project": "Students for a project", "projects_for_student": "Projects for a student"}


class Command(BaseCommand):
    help = (
        "nDCG@10, recall@50 and MRR with the middle 95 % of 2,000 redrawn sets of lists, exposure Gini and first-timers' "
        "share. What stands in no grade counts as 0."
    )

    def add_arguments(self, parser):
        parser.add_argument("rankings", metavar="RANKINGS.json")
        parser.add_argument("labels", metavar="LABELS.json")

    def handle(self, *args, rankings, labels, **options):
        try:
            lists, qrels = reading.read_rankings(rankings), reading.read_labels(labels)
        except Invalid as error:
            raise CommandError(" ".join(error.message_dict["file"])) from None
        about = self._about(rankings)
        pairs = sum(map(len, qrels.values()))
        self.stdout.write(
            f"{pairs} graded pairs of {len(qrels)} projects and {len(measuring.turned(qrels))} students"
        )
        rows = {"this site": lists, **about.get("baselines", {})}
        for side, title in SIDES.items():
            grades = qrels if side == "students_for_project" else measuring.turned(qrels)
            self.stdout.write(f"\n{title:<24}{'nDCG@10':<22}{'recall@50':<22}{'MRR':<22}")
            for name, found in rows.items():
                figures = measuring.quality(found.get(side, {}), grades).values()
                self.stdout.write(f"{name:<24}" + "".join(f"{figure!s:<22}" for figure in figures).rstrip())
        self._spread(rows, about)

    def _about(self, rankings: str) -> dict:
        path = about_path(rankings)
        if not path.exists():
            self.stdout.write(f"{path.name} is not there, so there is nothing to compare with.")
            return {}
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            raise CommandError(f"{path}: it is not JSON") from None

    def _spread(self, rows: dict, about: dict) -> None:
        first = set(about.get("first_timers", ()))
        self.stdout.write(f"\n{'First ten places':<24}{'exposure Gini':<22}{'first-timers':<22}")
        for name, found in rows.items():
            lists = found.get("students_for_project", {})
            everybody = set(about.get("students", ())) or {one for ranked in lists.values() for one in ranked}
            gini, share = measuring.spread(lists, everybody), measuring.share(lists, first) if first else None
            cells = ("-" if value is None else f"{value:.3f}" for value in (gini, share))
            self.stdout.write(f"{name:<24}" + "".join(f"{cell:<22}" for cell in cells).rstrip())
        if first and about.get("students"):
            part = len(first & set(about["students"])) / len(about["students"])
            self.stdout.write(f"{'of all students':<24}{'':<22}{part:.3f}")
