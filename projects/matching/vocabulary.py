"""The vocabulary and the weights in memory, read anew when they have changed: some thousand short entries, however many people."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy
from django.db.models import Count, Max

from accounts.skills import queries as skills
from accounts.skills.functions import Function
from accounts.skills.models import Skill

from . import words
from .fit import rarity
from .models import MatchWeights

BITS = {function: 1 << place for place, function in enumerate(Function.values)}


def bits(functions) -> int:
    """The functions as one number, a bit for each."""
    return sum(BITS[function] for function in set(functions) if function in BITS)


def functions(number: int) -> frozenset[str]:
    return frozenset(function for function, bit in BITS.items() if number & bit)


@dataclass(frozen=True)
class Vocabulary:
    """names, near: by skill id; languages: ids; having: students with each skill, of `students`."""

    names: dict[int, str] = field(default_factory=dict)
    near: dict[int, dict[int, float]] = field(default_factory=dict)
    languages: frozenset[int] = frozenset()
    students: int = 0
    having: dict[int, int] = field(default_factory=dict)
    word_weights: bytes = b""

    def rarity(self, skill: int) -> float:
        return rarity(self.having.get(skill, 0), self.students)

    @cached_property
    def rare_words(self) -> numpy.ndarray:
        if not self.word_weights:
            return words.unknown_weights()
        return numpy.frombuffer(self.word_weights, "<f2").astype("f4")


_kept: dict = {"stamp": None, "vocabulary": Vocabulary()}


def current() -> Vocabulary:
    """Costs two small queries, and two more when something has changed."""
    stamp = (
        tuple(skills.accepted().aggregate(Count("id"), Max("id"), Max("updated_at")).values()),
        MatchWeights.objects.values_list("at", flat=True).first(),
    )
    if _kept["stamp"] != stamp:
        _kept.update(stamp=stamp, vocabulary=_read())
    return _kept["vocabulary"]


def _read() -> Vocabulary:
    rows = list(skills.accepted().values_list("id", "slug", "name", "kind", "near"))
    ids = {slug: pk for pk, slug, *_ in rows}
    weights = MatchWeights.objects.first() or MatchWeights()
    return Vocabulary(
        names={pk: name for pk, _, name, _, _ in rows},
        near={pk: {ids[s]: value for s, value in near.items() if s in ids} for pk, _, _, _, near in rows},
        languages=frozenset(pk for pk, _, _, kind, _ in rows if kind == Skill.Kind.LANGUAGE),
        students=weights.students,
        having={int(pk): count for pk, count in weights.skills.items()},
        word_weights=bytes(weights.words),
    )
