"""How well a student fits a project: one pure function, the same for a notice, a list and both directions.

    fit = (0.4 known x cover + 0.4 meaning + 0.2 text + 0.1 field) / the weights that are known

Skills count by how rare they are among students (the rarer, the more), needed ones twice; a close skill counts in part,
and one that is still being learnt a little less. Meaning and text compare what both wrote. All scales are absolute, so
that a list can say "few fit". School, name, age, gender, country, ratings and pay so far take no part. The words are
made from the same parts as the score, so that they cannot disagree.
"""

from dataclasses import dataclass, field
from math import log

MUST, NICE = 2.0, 1.0
LEVELS = (0.7, 0.9, 1.0)  # learning, can do alone, strong
COVER, MEANING, TEXT, FIELD = 0.4, 0.4, 0.2, 0.1
CLOSE_ENOUGH = 0.25  # below this nobody is told
NEAR_FROM, NEAR_MOST = (
    0.6,
    0.8,
)  # similarity of two skills from which one counts for the other, and how much at most
READS_ALIKE = 0.5


@dataclass(frozen=True)
class Asked:
    """A skill that a project asks for. rarity: see `rarity()`; near: {skill id: similarity} of those that come close."""

    id: int
    name: str
    must: bool
    rarity: float
    near: dict[int, float] = field(default_factory=dict)
    language: bool = False

    @property
    def weight(self) -> float:
        return weight_of(self.rarity, self.must)


@dataclass(frozen=True)
class Demand:
    """What a project asks for. hours: a week; known: share of its skills that the vocabulary knows, 0 to 1."""

    asked: tuple[Asked, ...] = ()
    known: float = 1.0
    function: str = ""
    hours: float = 0.0
    place: str = ""  # where it is done, empty when remote


@dataclass(frozen=True)
class Supply:
    """What a student has. skills: {id: 0 learning, 1 able, 2 strong}; used: {id: completed projects that asked for it}."""

    skills: dict[int, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    used: dict[int, int] = field(default_factory=dict)
    interests: frozenset[str] = frozenset()
    hours: int = 0
    place: str = ""


@dataclass(frozen=True)
class Fit:
    """`score` and its parts, all 0 to 1 (`meaning` and `text` None when they could not be compared); skills by name."""

    score: float
    cover: float = 0.0
    meaning: float | None = None
    text: float | None = None
    shared: tuple[str, ...] = ()
    near: tuple[tuple[str, str], ...] = ()  # (asked for, the student's)
    missing: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()  # needed languages that the student said nothing about
    used: tuple[tuple[str, int], ...] = ()
    follows: bool = False
    hours_free: int = 0
    hours_needed: float = 0.0
    place_unsaid: str = ""

    @property
    def close(self) -> bool:
        """Whether it is worth a message: something speaks for it, and enough of it."""
        return self.speaks and self.score >= CLOSE_ENOUGH

    @property
    def speaks(self) -> bool:
        """Whether there is a reason for it at all."""
        return bool(self.shared or self.near or self.follows or self.alike)

    @property
    def alike(self) -> bool:
        """Whether both texts are about the same."""
        return max(self.text or 0, self.meaning or 0) >= READS_ALIKE

    def reasons(self, employer: bool = False) -> list[str]:
        """Why, in plain words, and the gap too; said to the student, or about the student to the `employer`."""
        return _Words(self, employer).all()


class _Words:
    def __init__(self, found: Fit, employer: bool):
        self.fit, self.employer = found, employer

    def all(self) -> list[str]:
        parts = (
            self.skills(),
            self.near(),
            self.used(),
            self.field(),
            self.alike(),
            self.hours(),
            *self.gaps(),
        )
        return [words for words in parts if words]

    def skills(self) -> str:
        fit = self.fit
        if not fit.shared:
            return ""
        whole = len(fit.shared) + len(fit.near) + len(fit.missing) + len(fit.unsaid)
        have = "Has" if self.employer else "You have"
        if whole == 1:
            return (
                f"{have} the skill they ask for: {fit.shared[0]}"
                if not self.employer
                else f"Has {fit.shared[0]}"
            )
        return f"{have} {len(fit.shared)} of the {whole} skills: {', '.join(fit.shared[:4])}"

    def near(self) -> str:
        if not self.fit.near:
            return ""
        asked, own = self.fit.near[0]
        know = "knows" if self.employer else "you know"
        return f"Close on {asked}: {know} {own}"

    def used(self) -> str:
        if not self.fit.used:
            return ""
        name, times = self.fit.used[0]
        who = "Used" if self.employer else "You used"
        words = f"{who} {name} in {_count(times)} project{'s' if times > 1 else ''} here"
        if name in self.fit.missing:
            words += ", but does not list it" if self.employer else "; your profile does not list it yet"
        return words

    def field(self) -> str:
        if not self.fit.follows:
            return ""
        return "Follows this field" if self.employer else "It is in a field that you follow"

    def alike(self) -> str:
        if not self.fit.alike:
            return ""
        return "The profile reads like the brief" if self.employer else "Your profile reads like the brief"

    def hours(self) -> str:
        fit = self.fit
        if not fit.hours_needed or fit.hours_free < fit.hours_needed:
            return ""
        needed = f"needs about {max(1, round(fit.hours_needed))}"
        if self.employer:
            return f"Has {fit.hours_free} hours a week; the project {needed}"
        return f"Fits your {fit.hours_free} hours a week: it {needed}"

    def gaps(self) -> list[str]:
        fit, gaps = self.fit, []
        used = {name for name, _ in fit.used}
        missing = [name for name in fit.missing if name not in used]
        if missing:
            names = ", ".join(missing[:3])
            gaps.append(f"Does not list {names}" if self.employer else f"They also ask for {names}")
        for name in fit.unsaid:
            gaps.append(
                f"Has not said whether {name}" if self.employer else f"They ask for {name}, you did not say"
            )
        if fit.place_unsaid:
            where = fit.place_unsaid.title()
            gaps.append(
                "Has not said where"
                if self.employer
                else f"Part of it is in {where}; you did not say where you are"
            )
        return gaps


def _count(number: int) -> str:
    return ("no", "one", "two", "three", "four", "five")[number] if number < 6 else str(number)


def rarity(students_with: int, students: int) -> float:
    """The weight of a skill: high when few have it, never negative (BM25's inverse document frequency)."""
    return log(1 + (max(students, students_with) - students_with + 0.5) / (students_with + 0.5))


def weight_of(rarity: float, must: bool) -> float:
    """How much a skill counts among those that a project asks for; see `rarity()`."""
    return (MUST if must else NICE) * rarity


def near_credit(similarity: float) -> float:
    """How much a close skill counts for the one that is asked for: 0 at a similarity of 0.6, 0.8 when they are the same."""
    return NEAR_MOST * min(1.0, max(0.0, (similarity - NEAR_FROM) / (1 - NEAR_FROM)))


def meaning_of(cosine: float) -> float:
    """Cosine of two sentence vectors on the scale of the fit: strangers have 0.15, twins 0.8."""
    return min(1.0, max(0.0, (cosine - 0.15) / 0.65))


def text_of(cosine: float) -> float:
    """Cosine of two bags of rare words on the scale of the fit; texts of 0.4 are as close as they get."""
    return min(1.0, max(0.0, cosine / 0.4))


def fit(demand: Demand, supply: Supply, meaning: float | None = None, text: float | None = None) -> Fit:
    """`meaning` and `text`: see `meaning_of` and `text_of`; None when one side has none, then the others weigh more."""
    whole = sum(asked.weight for asked in demand.asked)
    covered, shared, near, missing, unsaid = 0.0, [], [], [], []
    speaks = any(asked.language and asked.id in supply.skills for asked in demand.asked)
    for asked in demand.asked:
        credit, close = _credit(asked, supply.skills)
        covered += asked.weight * credit
        if asked.id in supply.skills:
            shared.append(asked.name)
        elif close is not None:
            near.append((asked.name, supply.names.get(close, "something close")))
        elif asked.language and not speaks:
            unsaid.append(asked.name)
        else:
            missing.append(asked.name)
    cover = covered / whole if whole else 0.0
    follows = demand.function in supply.interests
    score = score_of(demand.known if whole else 0.0, cover, meaning, text, follows)
    return Fit(
        score=score,
        cover=cover,
        meaning=meaning,
        text=text,
        shared=tuple(shared),
        near=tuple(near),
        missing=tuple(missing),
        unsaid=tuple(unsaid),
        used=_used(demand, supply),
        follows=follows,
        hours_free=supply.hours,
        hours_needed=demand.hours,
        place_unsaid=demand.place if demand.place and not supply.place else "",
    )


def score_of(known: float, cover: float, meaning: float | None, text: float | None, follows: bool) -> float:
    parts = [(COVER * known, cover), (FIELD, float(follows))]
    parts += [(weight, part) for weight, part in ((MEANING, meaning), (TEXT, text)) if part is not None]
    return min(1.0, sum(weight * part for weight, part in parts) / sum(weight for weight, _ in parts))


def _credit(asked: Asked, own: dict[int, int]) -> tuple[float, int | None]:
    """What the student gets for one skill, and the close one it is for when they do not list it."""
    close = max((other for other in asked.near if other in own), key=asked.near.get, default=None)
    credit = near_credit(asked.near[close]) * LEVELS[own[close]] if close is not None else 0.0
    if asked.id in own:
        return max(credit, LEVELS[own[asked.id]]), None
    return credit, close if credit > 0 else None


def _used(demand: Demand, supply: Supply) -> tuple[tuple[str, int], ...]:
    times = [(asked.name, supply.used[asked.id]) for asked in demand.asked if asked.id in supply.used]
    return tuple(sorted(times, key=lambda row: -row[1]))


def weekly(hours, days: int) -> float:
    """Hours a week that a project of `hours` takes over `days` days."""
    return float(hours) * 7 / max(7, days)
