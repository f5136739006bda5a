"""The best open postings for very many students at once: for mails that go to everybody.

For each student the postings of their skills are added up in one array that stays in the processor's cache; the few that
are close enough are held against the gates, those of some hundred students at once. Meaning and text are left out here;
whoever writes the mail asks for the whole fit of what this found.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy

from marketplace.ground import clock

from .candidates import age_on
from .fit import COVER, FIELD, near_credit, weight_of
from .models import ProjectMatch, StudentMatch
from .vocabulary import Vocabulary

BLOCK = 200  # students whose close postings are held against the gates at once
LEAST = 0.5  # share of the weight of a posting's skills from which it is worth a line
STUDENT = ("pk", "skills", "hours", "may_work", "school_id", "place", "born", "follows")


@dataclass
class Board:
    """The open postings in columns; skills: {skill: (places in the columns, share of the weight of what each asks)}."""

    ids: numpy.ndarray
    hours: numpy.ndarray
    permit: numpy.ndarray
    min_age: numpy.ndarray
    school: numpy.ndarray
    place: numpy.ndarray
    function: numpy.ndarray
    skills: dict[int, tuple[numpy.ndarray, numpy.ndarray]]


def board(known: Vocabulary, rows: Iterable[ProjectMatch] | None = None) -> Board:
    """Everything that is open now (or `rows`), some 2 MB for 20,000 postings."""
    if rows is None:
        rows = ProjectMatch.objects.filter(apply_by__gt=clock.now()).defer("terms", "vector").order_by("pk")
    rows = list(rows)
    entries: dict[int, list[tuple[int, float]]] = {}
    for place, row in enumerate(rows):
        whole, musts = max(row.total, 1e-6), set(row.musts)
        credits: dict[int, float] = {}
        for skill in row.skills:
            share = weight_of(known.rarity(skill), skill in musts) / whole
            credits[skill] = credits.get(skill, 0.0) + share
            for other, similarity in known.near.get(skill, {}).items():
                if other not in row.skills:
                    credits[other] = max(credits.get(other, 0.0), share * near_credit(similarity))
        for skill, share in credits.items():
            entries.setdefault(skill, []).append((place, share))
    return Board(
        ids=numpy.array([row.pk for row in rows], "i8"),
        hours=numpy.array([row.hours for row in rows], "f4"),
        permit=numpy.array([row.permit for row in rows], bool),
        min_age=numpy.array([row.min_age for row in rows], "i2"),
        school=numpy.array([row.school_id or 0 for row in rows], "i8"),
        place=numpy.array([hash(row.place) if row.place else 0 for row in rows], "i8"),
        function=numpy.array([row.function for row in rows], "i8"),
        skills={
            skill: (
                numpy.array([place for place, _ in found], "i8"),
                numpy.array([share for _, share in found], "f4").astype("f8"),
            )
            for skill, found in entries.items()
        },
    )


def best(
    open_now: Board, students: Iterable[tuple], count: int = 5
) -> Iterator[tuple[int, list[tuple[int, float]]]]:
    """(student, [(project, score)]) for those of `students` (tuples of `STUDENT`) for whom something is close enough."""
    block = []
    for row in students:
        block.append(row)
        if len(block) == BLOCK:
            yield from _block(open_now, block, count)
            block = []
    if block and len(open_now.ids):
        yield from _block(open_now, block, count)


def everybody(chunk: int = 5_000) -> Iterator[tuple]:
    """All students who can be matched, by key, a bounded number in memory."""
    last = 0
    while rows := list(StudentMatch.objects.filter(pk__gt=last).order_by("pk").values_list(*STUDENT)[:chunk]):
        yield from rows
        last = rows[-1][0]


def _block(b: Board, rows: list[tuple], count: int) -> Iterator[tuple[int, list[tuple[int, float]]]]:
    owner, posting, cover = _close(b, rows)
    columns = list(zip(*rows, strict=True))
    today = clock.now().date()
    hours, may_work = numpy.array(columns[2], "f4"), numpy.array(columns[3], bool)
    school = numpy.array([value or 0 for value in columns[4]], "i8")
    place = numpy.array([hash(value) if value else 0 for value in columns[5]], "i8")
    age = numpy.array([age_on(born, today) or 0 for born in columns[6]], "i2")
    follows = numpy.array(columns[7], "i8")
    passes = (
        (b.hours[posting] <= hours[owner])
        & (~b.permit[posting] | may_work[owner])
        & (b.min_age[posting] <= age[owner])
        & ((b.school[posting] == 0) | (b.school[posting] == school[owner]))
        & ((b.place[posting] == 0) | (place[owner] == 0) | (b.place[posting] == place[owner]))
    )
    owner, posting, cover = owner[passes], posting[passes], cover[passes]
    score = (COVER * cover + FIELD * (b.function[posting] & follows[owner] > 0)) / (COVER + FIELD)
    order = numpy.lexsort((b.ids[posting], -score, owner))
    owner, posting, score = owner[order], posting[order], score[order]
    firsts = numpy.flatnonzero(numpy.r_[True, owner[1:] != owner[:-1]]) if len(owner) else []
    for first, end in zip(
        firsts, [*firsts[1:], len(owner)], strict=False
    ):  # nothing is close: no first, one end
        end = min(end, first + count)
        found = zip(b.ids[posting[first:end]].tolist(), score[first:end].tolist(), strict=True)
        yield rows[owner[first]][0], list(found)


def _close(b: Board, rows: list[tuple]) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """(row, posting, share of its skills) for everything from `LEAST` on."""
    covered, found = numpy.zeros(len(b.ids)), []
    for row in rows:
        covered.fill(0)
        for skill in row[1]:
            if skill in b.skills:
                posting, share = b.skills[skill]
                covered[posting] += share  # no posting stands twice under a skill
        close = numpy.flatnonzero(covered >= LEAST - 1e-6)
        found.append((close, numpy.minimum(1.0, covered[close])))
    owner = numpy.repeat(numpy.arange(len(rows)), [len(close) for close, _ in found])
    return owner, *(numpy.concatenate(column) for column in zip(*found, strict=True))
