"""Matching: exact lists from a million, everybody's digest, and the quality of the lists."""

import random
import statistics
import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy
from django.db import connection

from projects.exposing.queries import fair_order as setting
from projects.matching import candidates, digest, queries, vocabulary
from projects.matching.fixtures import baselines, measuring, ranking, reading
from projects.matching.models import ProjectMatch, StudentMatch

from .registry import measure

DATA = Path(__file__).parent / "data"
OPEN, TOP, ASKED = 20_000, 50, 20


# --- lists from a great many rows ------------------------------------------------------------------------
def some(model, number: int, seed: int = 3) -> list:
    """Rows spread over the table, always the same ones."""
    keys = model.objects.order_by("pk").values_list("pk", flat=True)
    first, last = keys.first(), keys.last()
    chance = random.Random(seed)
    wanted = [chance.randint(first, last) for _ in range(number * 3)]
    return list(model.objects.filter(pk__in=wanted).exclude(skills=[]).order_by("pk")[:number])


@measure(
    "top 50 students for a project with all gates, over scoring every candidate in SQL",
    group="matching",
    most=1 / 3,
    times=1,
)
def students_of_a_project(bench):
    known, ratios = vocabulary.current(), []
    for row in some(ProjectMatch, ASKED):

        def listed(staged: bool, row=row):
            return candidates.students(row, known, TOP, setting().strength, staged=staged)

        assert [one.pk for one in listed(True)] == [one.pk for one in listed(False)], row.pk
        staged, whole = (bench.pg_cpu(lambda s=s: listed(s), times=3, warm=1) for s in (True, False))
        ratios.append((staged, whole))
    staged, whole = (sum(column) for column in zip(*ratios, strict=True))
    return staged / whole, f"the same lists, {staged / len(ratios):.3g} ms of PostgreSQL each"


@contextmanager
def few_open(number: int = OPEN):
    """Only the newest `number` postings are there."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS few CASCADE")
        cursor.execute("CREATE SCHEMA few")
        cursor.execute(
            "CREATE TABLE few.projects_projectmatch (LIKE public.projects_projectmatch INCLUDING ALL)"
        )
        cursor.execute(
            "INSERT INTO few.projects_projectmatch SELECT * FROM public.projects_projectmatch "
            "ORDER BY published_at DESC, project_id LIMIT %s",
            [number],
        )
        cursor.execute("VACUUM ANALYZE few.projects_projectmatch")
        cursor.execute("SHOW search_path")
        before = cursor.fetchone()[0]
        cursor.execute("SET search_path = few, public")
        try:
            yield
        finally:
            cursor.execute(f"SET search_path = {before}")
            cursor.execute("DROP SCHEMA few CASCADE")


@measure("top 50 projects for a student, over scoring all", group="matching", most=1 / 30, times=1)
def projects_of_a_student(bench):
    known = vocabulary.current()
    with few_open():
        everything = list(ProjectMatch.objects.all())
        quick, same = [], []
        students = some(StudentMatch, ASKED)
        for row in students:
            quick.append(bench.cpu(lambda row=row: queries.fitting_projects(row, TOP), times=3, warm=1))
        whole = []
        for row in students[:5]:
            whole.append(bench.cpu(lambda row=row: all_scored(row, known), times=1, warm=0))
            best = {pk for _, pk in all_scored(row, known, everything)[:TOP]}
            listed = [one.pk for one, _ in queries.fitting_projects(row, TOP)]
            same.append(len(best.intersection(listed)) / max(1, len(best)))
    share = statistics.mean(same)
    return statistics.mean(quick) / statistics.mean(whole), f"{share:.0%} of the 50 that scoring all finds"


def all_scored(row, known, everything=None) -> list[tuple]:
    """The whole fit with every open posting whose gates the student passes, best first."""
    if everything is None:
        everything = list(ProjectMatch.objects.all())
    gates, values = candidates._project_gates(row, known, frozenset(), frozenset())
    allowed = {
        one.pk
        for one in ProjectMatch.objects.raw(
            f"SELECT project_id FROM projects_projectmatch m WHERE {gates}", values
        )
    }
    rows = [one for one in everything if one.pk in allowed]
    scored = zip(queries.fits(row, rows, known), rows, strict=True)
    return sorted((-found.score, one.pk) for found, one in scored if found.speaks)


# --- everybody's digest ----------------------------------------------------------------------------------
def digest_cpu(board, number: int) -> tuple[float, int]:
    """(CPU seconds of this process, students with something) for the first `number` students."""
    rows = StudentMatch.objects.order_by("pk").values_list(*digest.STUDENT)[:number]
    rows = list(rows)
    started = time.process_time()
    found = sum(1 for _ in digest.best(board, rows))
    return time.process_time() - started, found


@cache
def product_cpu(number: int) -> float:
    """CPU seconds of the sparse product alone: students x skills times skills x postings, in blocks."""
    import scipy.sparse

    known = vocabulary.current()
    most = max(known.names) + 1

    def matrix(rows, weigh):
        lengths = [len(skills) for skills in rows]
        ends = numpy.concatenate([[0], numpy.cumsum(lengths)])
        columns = numpy.fromiter((skill for skills in rows for skill in skills), "i4")
        return scipy.sparse.csr_matrix((weigh(columns), columns, ends), (len(rows), most))

    rare = numpy.array([known.rarity(skill) for skill in range(most)], "f4")
    open_now = ProjectMatch.objects.order_by("pk").values_list("skills", flat=True)
    projects = matrix(list(open_now), lambda columns: rare[columns]).T.tocsr()
    students = list(StudentMatch.objects.order_by("pk").values_list("skills", flat=True)[:number])
    started = time.process_time()
    for start in range(0, len(students), 2000):
        matrix(students[start : start + 2000], lambda columns: numpy.ones(len(columns), "f4")) @ projects
    return time.process_time() - started


@measure(
    "digest of all students against 20,000 projects, over the sparse product alone",
    group="matching",
    most=5,
    times=1,
)
def everybodys_digest(bench):
    number = min(200_000, bench.size)
    with few_open():
        board = digest.board(vocabulary.current())
        cost, found = digest_cpu(board, number)
        return cost / product_cpu(
            number
        ), f"{cost / number * 1e6:.0f} s for a million; {found:,} of {number:,} have something"


@measure(
    "digest: CPU a student of four times as many, over that of fewer", group="matching", most=1.25, times=1
)
def digest_is_linear(bench):
    number = min(200_000, bench.size)
    with few_open():
        board = digest.board(vocabulary.current())
        small, large = digest_cpu(board, number // 4)[0], digest_cpu(board, number)[0]
    return large / number / (small / (number // 4))


# --- the quality of lists --------------------------------------------------------------------------------
@cache
def labelled() -> dict:
    projects, students = (
        reading.read_projects(str(DATA / "projects.json")),
        reading.read_students(str(DATA / "students.json")),
    )
    ranked = ranking.rank(projects, students)
    lists = {
        side: {key: [one["id"] for one in rows] for key, rows in ranked[side].items()}
        for side in ("students_for_project", "projects_for_student")
    }
    return {
        "ranked": ranked,
        "lists": lists,
        "full text": baselines.baselines(projects, students)["full text"],
        "qrels": reading.read_labels(str(DATA / "labels.json")),
        "projects": {one["id"]: one for one in projects},
        "students": {one["id"]: one for one in students},
    }


def over_full_text(side: str):
    data = labelled()
    qrels = data["qrels"] if side == "students_for_project" else measuring.turned(data["qrels"])
    own, plain = (
        measuring.quality(lists[side], qrels)["nDCG@10"] for lists in (data["lists"], data["full text"])
    )
    return own.mean / plain.mean, f"{own} against {plain}"


@measure(
    "nDCG@10 of students for a project, over plain full text",
    group="ranking",
    market="own",
    least=1.5,
    times=1,
)
def quality_of_students(bench):
    return over_full_text("students_for_project")


@measure(
    "nDCG@10 of projects for a student, over plain full text",
    group="ranking",
    market="own",
    least=1.5,
    times=1,
)
def quality_of_projects(bench):
    return over_full_text("projects_for_student")


@measure(
    "listed pairs that violate a gate, or have no reason", group="ranking", market="own", most=0, times=1
)
def gates_and_reasons(bench):
    data, wrong, pairs = labelled(), 0, 0
    for side, lists in data["ranked"].items():
        for key, rows in lists.items():
            for one in rows:
                project, student = (key, one["id"]) if side == "students_for_project" else (one["id"], key)
                project, student = data["projects"][project], data["students"][student]
                hours = (project["hours_per_week"] or 0) <= (student["hours_free"] or 40) + 0.5
                wrong += not (hours and student["open"] and one["reasons"])
                pairs += 1
    return wrong, f"{pairs:,} pairs"


@cache
def searched() -> tuple[list[float], int]:
    projects = reading.read_projects(str(DATA / "search_projects.json"))
    found = ranking.rank(projects, [], reading.read_queries(str(DATA / "queries.json")))["search"]
    qrels = reading.read_labels(str(DATA / "query_labels.json"))
    values = [measuring.ndcg([one["id"] for one in found[key]], grades) for key, grades in qrels.items()]
    return values, sum(not found[key] for key in qrels)


@measure("skill queries, nDCG@10", group="ranking", market="own", least=0.85, times=1)
def skill_queries(bench):
    values, _ = searched()
    return statistics.mean(values), f"{len(values)} queries"


@measure("skill queries that find nothing", group="ranking", market="own", most=0.02, times=1)
def empty_queries(bench):
    values, empty = searched()
    return empty / len(values)
