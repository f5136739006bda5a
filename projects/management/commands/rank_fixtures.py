"""`manage.py rank_fixtures`: the product's matching and search over a data set from files."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from marketplace.ground.errors import Invalid
from projects.matching.fixtures import baselines, ranking, reading


class Command(BaseCommand):
    help = (
        "Rank the students of a file for its projects, and the other way round, by the code that makes the site's lists. "
        "Works in tables of its own and leaves nothing behind. Beside OUT it writes OUT with .about.json at the end: what "
        "a plain site would show, and who is new, for evaluate_matching."
    )

    def add_arguments(self, parser):
        parser.add_argument("projects", metavar="PROJECTS.json")
        parser.add_argument("students", metavar="STUDENTS.json")
        parser.add_argument("--queries", metavar="QUERIES.json")
        parser.add_argument("--out", required=True, metavar="RANKINGS.json")

    def handle(self, *args, projects, students, queries, out, **options):
        try:
            postings, people = reading.read_projects(projects), reading.read_students(students)
            questions = reading.read_queries(queries) if queries else []
        except Invalid as error:
            raise CommandError(" ".join(error.message_dict["file"])) from None
        rankings = ranking.rank(postings, people, questions)
        about = {
            "first_timers": [one["id"] for one in people if not one["experience"]],
            "students": [one["id"] for one in people if one["open"]],
            "baselines": baselines.baselines(postings, people),
        }
        try:
            Path(out).write_text(json.dumps(rankings, ensure_ascii=False), encoding="utf-8")
            about_path(out).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{out}: {error.strerror}") from None
        self.stdout.write(
            f"{len(postings):,} projects, {len(people):,} students, {len(questions):,} queries: {out}"
        )


def about_path(out: str) -> Path:
    return Path(out).with_suffix(".about.json")
