"""Which skills go together and how often: clusters by function, a few that everybody has, a long tail."""

import numpy

from accounts.skills import queries
from accounts.skills.functions import Function

TABLE = 8192  # a distribution as a table to draw from with one index
SKEW = 0.8
# How much of the work, and of the students, belongs to each function (in the order of `Function`).
SHARES = numpy.array([16, 12, 6, 14, 16, 11, 7, 5, 4, 4, 10, 5]) / 110
COMMON = (
    "excel",
    "powerpoint",
    "english",
    "presentations",
    "project-management",
    "google-sheets",
    "proofreading",
)


class Skills:
    """Draws of skill ids. `near[f]`: functions whose skills are linked with those of `f`, as a table."""

    def __init__(self, random: numpy.random.Generator):
        self.random = random
        skills = list(queries.accepted().order_by("slug"))
        self.by_slug = {skill.slug: skill for skill in skills}
        self.functions = list(Function.values)
        self.tables = numpy.stack(
            [self._table([s for s in skills if s.function == function]) for function in self.functions]
        )
        common = [self.by_slug[slug] for slug in COMMON if slug in self.by_slug] or skills[:5]
        self.common = self._table(common)
        self.near = numpy.stack([self._near(function, skills) for function in self.functions])

    def _table(self, skills: list) -> numpy.ndarray:
        order = self.random.permutation(len(skills))
        weights = 1 / numpy.arange(1, len(skills) + 1) ** SKEW
        ids = numpy.array([skills[i].pk for i in order], dtype=numpy.int64)
        return self.random.choice(ids, TABLE, p=weights / weights.sum())

    def _near(self, function: str, skills: list) -> numpy.ndarray:
        linked = [
            self.functions.index(other.function)
            for skill in skills
            if skill.function == function
            for slug in skill.related
            if (other := self.by_slug.get(slug)) is not None and other.function != function
        ]
        return self.random.choice(numpy.array(linked or [self.functions.index(function)]), 64)

    def homes(self, count: int) -> numpy.ndarray:
        """The function that each of `count` people or projects belongs to, as an index."""
        return self.random.choice(len(self.functions), count, p=SHARES)

    def draw(self, homes: numpy.ndarray, width: int) -> numpy.ndarray:
        """Skill ids, `width` for each home, with repetitions: two thirds of home, the rest from near by or common."""
        count, random = len(homes), self.random
        kind = random.random((count, width))
        near = self.near[homes[:, None], random.integers(0, 64, (count, width))]
        function = numpy.where(kind < 0.66, homes[:, None], near)
        ids = self.tables[function, random.integers(0, TABLE, (count, width))]
        return numpy.where(kind > 0.85, self.common[random.integers(0, TABLE, (count, width))], ids)
