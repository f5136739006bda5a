"""All rows of matching written anew, for a new site, a new release, or a market that was poured in."""

from collections.abc import Callable, Iterable

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from accounts.models import StudentProfile
from projects.posting.queries import open_now

from . import keeping, vectors
from .copying import Copy, text
from .models import ProjectMatch, StudentMatch
from .weighing import weigh

BLOCK = 5_000


def rebuild(say: Callable = print, with_vectors: bool = True) -> None:
    """Safe at any time: rows that are there are corrected, missing ones are added, others go.

    Vectors are kept; those that are missing are made here when the model is installed, unless `with_vectors` is False
    (a worker makes them later, some hundred a minute).
    """
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    students = _each(StudentMatch, StudentProfile.objects.all(), keeping.keep_students, keeping.student_rows)
    say(f"{students:,} students can be matched")
    weigh()
    projects = _each(ProjectMatch, open_now(), keeping.keep_projects, keeping.project_rows)
    analyze()
    closed().delete()
    weigh()
    say(f"{projects:,} open postings")
    analyze()
    if with_vectors:
        say(f"{missing_vectors(limit=None):,} texts turned into vectors" if vectors.available() else NO_MODEL)


NO_MODEL = "The sentence model is not installed: matching goes by skills and words alone."


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE projects_studentmatch, projects_projectmatch")


def closed():
    """Rows of postings that are not open any more."""
    return ProjectMatch.objects.filter(~Exists(open_now().filter(pk=OuterRef("pk"))))


def _each(model, source, keep: Callable, make: Callable) -> int:
    """Go through `source` in blocks by key: rows that exist are kept right, new ones are copied in."""
    last, count = 0, 0
    while ids := list(source.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BLOCK]):
        last = ids[-1]
        with transaction.atomic():
            keeping.lock(source.model, ids)
            there = set(model.objects.filter(pk__in=ids).values_list("pk", flat=True))
            count += keep(there) if there else 0
            rows = make([pk for pk in ids if pk not in there])
            copy_in(model, rows)
            count += len(rows)
    return count


def copy_in(model, rows: Iterable) -> None:
    names = [field.name for field in model._meta.concrete_fields]
    columns = [field.attname for field in model._meta.concrete_fields]
    lines = ["\t".join(text(getattr(row, column)) for column in columns) for row in rows]
    if lines:
        Copy(model, *names).write(lines)


def missing_vectors(limit: int | None = 500) -> int:
    """Make vectors for rows without one, or with one of an earlier model; at most `limit` of each kind. Returns how many."""
    done = 0
    for model, name in ((ProjectMatch, "projects"), (StudentMatch, "students")):
        rows = model.objects.exclude(vector_version=vectors.VERSION).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:limit])
        for start in range(0, len(ids), 200):
            done += keeping.keep_vectors(**{name: ids[start : start + 200]})
    return done
