"""How rare each skill and each word is among those who can be matched; made anew each night."""

import numpy
from django.db import connection, transaction

from marketplace.ground import clock

from . import vocabulary, words
from .fit import MUST, NICE
from .models import MatchWeights, ProjectMatch, StudentMatch

TEXTS_READ = 50_000  # of students, and as many of projects
COUNT = "SELECT skill, count(*) FROM projects_studentmatch, unnest(skills) AS skill GROUP BY skill"
TOTALS = """
    UPDATE projects_projectmatch p SET total = found.total FROM (
        SELECT q.project_id, sum(w.rarity * CASE WHEN s.skill = ANY(q.musts) THEN %s ELSE %s END) AS total
        FROM projects_projectmatch q, unnest(q.skills) AS s(skill)
        JOIN unnest(%s::int[], %s::float8[]) AS w(skill, rarity) USING (skill) GROUP BY q.project_id
    ) found WHERE found.project_id = p.project_id AND abs(p.total - found.total) > 0.0001
"""


@transaction.atomic
def weigh() -> MatchWeights:
    """Count anew, and bring the stored totals of the open postings to it in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT)
        having = dict(cursor.fetchall())
    students = StudentMatch.objects.count()
    MatchWeights.objects.update_or_create(
        pk=1,
        defaults={
            "at": clock.now(),
            "students": students,
            "skills": having,
            "words": _word_weights(),
        },
    )
    known = vocabulary.current()
    ids = sorted(known.names)
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, [MUST, NICE, ids, [known.rarity(skill) for skill in ids]])
    return MatchWeights.objects.get(pk=1)


def _word_weights() -> bytes:
    """From the texts of the students and of the newest postings, as many of the one as of the other at most."""
    texts, counts = 0, numpy.zeros(words.BUCKETS)
    for rows in (
        StudentMatch.objects.exclude(terms=b"").order_by("-pk"),
        ProjectMatch.objects.exclude(terms=b"").order_by("-published_at", "project"),
    ):
        for terms in rows.values_list("terms", flat=True)[:TEXTS_READ].iterator(chunk_size=2000):
            counts[words.unpack(bytes(terms))[0]] += 1
            texts += 1
    return words.weights(texts, counts) if texts else b""
