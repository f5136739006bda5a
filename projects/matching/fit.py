"""How well a student fits a project: one pure function, the same for a notice and for the student's own list.

Skills count by how rare they are among open students (the rarer, the more), needed ones twice; following the function adds a
little. School, name, age, gender, ratings and pay so far take no part. The words are made from the same parts as the
score, so that they cannot disagree.
"""

from dataclasses import dataclass
from decimal import Decimal
from math import log

MUST, NICE, INTEREST = 2.0, 1.0, 0.2
CLOSE_ENOUGH = 0.3  # below this nobody is told


@dataclass(frozen=True)
class Fit:
    """`score` 0 to 1; `shared` and `missing` are names of skills, needed ones first."""

    score: float
    shared: tuple[str, ...]
    missing: tuple[str, ...]
    follows: bool

    @property
    def close(self) -> bool:
        return bool(self.shared) and self.score >= CLOSE_ENOUGH

    def reasons(self) -> list[str]:
        """Why, in plain words, and the gap too."""
        words = []
        if self.shared:
            whole = len(self.shared) + len(self.missing)
            words.append(f"You have {len(self.shared)} of the {whole} skills: {', '.join(self.shared[:4])}")
        if self.follows:
            words.append("It is in a field that you follow")
        if self.missing:
            words.append(f"They also ask for {', '.join(self.missing[:3])}")
        return words


def rarity(students_with: int, students: int) -> float:
    """The weight of a skill: high when few have it, never negative (BM25's inverse document frequency)."""
    return log(1 + (students - students_with + 0.5) / (students_with + 0.5))


def fit(asked: list[tuple[int, str, bool, float]], own: set[int], follows: bool) -> Fit:
    """asked: (skill id, name, needed, rarity) of the project. own: ids of the student's skills."""
    weights = [(key, name, (MUST if must else NICE) * rare) for key, name, must, rare in asked]
    whole = sum(weight for _, _, weight in weights)
    covered = sum(weight for key, _, weight in weights if key in own)
    cover = covered / whole if whole else 0.0
    score = min(1.0, (cover + INTEREST * follows) / (1 + INTEREST))
    return Fit(
        score,
        tuple(n for k, n, _ in weights if k in own),
        tuple(n for k, n, _ in weights if k not in own),
        follows,
    )


def weekly(hours: Decimal, days: int) -> float:
    """Hours a week that a project takes over `days` days."""
    return float(hours) * 7 / max(7, days)
