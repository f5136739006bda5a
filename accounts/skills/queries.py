"""Reading the vocabulary: what a typed word means, and what to suggest while somebody types."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Max, Q, QuerySet

from . import names
from .models import Skill
from .states import SkillState

MAX_READ = 4000  # characters of a text that is read for skills
LONGEST_NAME = 5  # words
SHORT = 6  # letters of a word that is a skill in lists, but hardly in sentences


def accepted() -> QuerySet[Skill]:
    return Skill.objects.filter(state=SkillState.ACCEPTED)


def visible_to(user) -> QuerySet[Skill]:
    """The vocabulary, and what the person proposed; moderators see every proposal."""
    if getattr(user, "is_staff", False):
        return Skill.objects.all()
    if getattr(user, "is_authenticated", False):
        return Skill.objects.filter(Q(state=SkillState.ACCEPTED) | Q(proposed_by=user))
    return accepted()


def by_slugs(slugs: Iterable[str]) -> list[Skill]:
    """The accepted skills of these slugs, in the order given; unknown ones are left out."""
    wanted = list(dict.fromkeys(slugs))
    found = accepted().in_bulk(wanted, field_name="slug")
    return [found[slug] for slug in wanted if slug in found]


def resolve(text: str) -> Skill | None:
    """The accepted skill that `text` names: by its name, by another name for it, or by a close slip."""
    return resolve_many([text])[text]


def resolve_many(texts: Iterable[str]) -> dict[str, Skill | None]:
    """`resolve` for several at once, in a constant number of queries."""
    vocabulary = _vocabulary()
    meant = {text: vocabulary.find(text) for text in texts}
    skills = Skill.objects.in_bulk([pk for pk in meant.values() if pk])
    return {text: skills.get(pk) for text, pk in meant.items()}


def resolve_exactly(text: str) -> Skill | None:
    """`resolve` without guessing at slips: for words that would otherwise become a proposal."""
    pk = _vocabulary().keys.get(names.normal(text))
    return Skill.objects.filter(pk=pk).first() if pk else None


def mentioned(texts: Iterable[str]) -> list[list[int]]:
    """For each text the keys of the accepted skills that it names, by name or alias, word for word; short single words are
    left out, because "go" and "social" are seldom skills in a sentence. One small query for all."""
    vocabulary = _vocabulary()
    return [vocabulary.mentioned(text) for text in texts]


def suggest(prefix: str, limit: int = 8) -> list[Skill]:
    """Accepted skills for what has been typed so far, the best first: the name begins so, a word in it does,
    another name for it does, and if nothing does, the closest slip. Nothing for an empty prefix."""
    pks = _vocabulary().suggest(prefix, limit)
    skills = Skill.objects.in_bulk(pks)
    return [skills[pk] for pk in pks if pk in skills]


@dataclass
class Vocabulary:
    """The accepted names in memory: some three thousand short strings."""

    keys: dict[str, int] = field(default_factory=dict)  # every normal name -> the skill's primary key
    own: list[tuple[str, int]] = field(default_factory=list)  # the names proper
    by_letter: dict[str, list[str]] = field(default_factory=dict)

    def add(self, pk: int, name: str, aliases: Iterable[str]) -> None:
        self.own.append((names.normal(name), pk))
        for key in (names.normal(name), *map(names.normal, aliases)):
            if key and key not in self.keys:
                self.keys[key] = pk
                self.by_letter.setdefault(key[0], []).append(key)

    def find(self, text: str) -> int | None:
        key = names.normal(text)
        if not key:
            return None
        return self.keys.get(key) or self.keys.get(names.closest(key, self.by_letter.get(key[0], [])))

    def mentioned(self, text: str) -> list[int]:
        words = names.normal(text, most=MAX_READ).split()
        found = dict.fromkeys(
            pk
            for start in range(len(words))
            for end in range(start + 1, min(start + LONGEST_NAME, len(words)) + 1)
            if (pk := self.keys.get(key := " ".join(words[start:end])))
            and (end - start > 1 or len(key) > SHORT)
        )
        return list(found)

    def suggest(self, prefix: str, limit: int) -> list[int]:
        key = names.normal(prefix)
        if not key or limit < 1:
            return []
        inside = f" {key}"
        ranked = (
            [pk for name, pk in self.own if name == key],
            [self.keys[key]] if key in self.keys else [],
            [pk for name, pk in self.own if name.startswith(key)],
            [pk for name, pk in self.own if inside in name],
            [pk for name, pk in self.keys.items() if name.startswith(key) or inside in name],
        )
        found = list(dict.fromkeys(pk for rank in ranked for pk in rank))[:limit]
        slip = self.find(prefix) if not found else None
        return [slip] if slip else found


_kept: dict = {"stamp": None, "vocabulary": Vocabulary()}


def _vocabulary() -> Vocabulary:
    """The vocabulary, read anew when a row has been added, changed or accepted since (a small query asks)."""
    stamp = tuple(accepted().aggregate(Count("id"), Max("id"), Max("updated_at")).values())
    if _kept["stamp"] != stamp:
        vocabulary = Vocabulary()
        for pk, name, aliases in accepted().order_by("name", "id").values_list("id", "name", "aliases"):
            vocabulary.add(pk, name, aliases)
        _kept.update(stamp=stamp, vocabulary=vocabulary)
    return _kept["vocabulary"]
