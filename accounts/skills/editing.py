"""A moderator edits a skill of the vocabulary: what it is called, what kind it is, and which skills come close."""

from collections.abc import Iterable

from django.db import transaction

from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.states import record

from . import names, queries
from .functions import Function
from .models import Skill
from .signals import skill_changed
from .states import SkillState

NEAR_FROM = 0.6  # less is no closeness that counts
MOST_NEAR = 30


@transaction.atomic
def edit_skill(
    *, by, skill: Skill, name: str, function: str, kind: str, aliases: Iterable[str], near: dict[str, float]
) -> Skill:
    """Write an accepted skill anew. near: {name or slug of another skill: how close, 0.6 to 1}, kept on both sides.

    The list that ships with the site leaves it alone from then on. Raises `NotAllowed` unless `by` is a moderator,
    `WrongMoment` for a proposal, `Invalid` beside the field.
    """
    if not by.is_staff:
        raise NotAllowed("Only a moderator can change the vocabulary.")
    skill = Skill.objects.select_for_update().get(pk=skill.pk)
    if skill.state != SkillState.ACCEPTED:
        raise WrongMoment("Take it into the vocabulary first.")
    shown = " ".join(name.split())
    aliases = list(dict.fromkeys(alias.strip() for alias in aliases if names.normal(alias)))
    problems = _problems(skill, shown, function, kind, aliases)
    close, wrong = _close(skill, kind, near)
    if wrong:
        problems["near"] = wrong
    if problems:
        raise Invalid(problems)
    touched = _write_near(skill, close)
    skill.name, skill.function, skill.kind, skill.aliases = shown, function, kind, aliases
    skill.updated_at = skill.edited_at = clock.now()
    skill.save(update_fields=["name", "function", "kind", "aliases", "near", "updated_at", "edited_at"])
    record(skill, skill.state, by=by, reason="edited", old=skill.state)
    skill_changed.send(Skill, skills=[skill.pk, *touched])
    return skill


def _problems(skill: Skill, name: str, function: str, kind: str, aliases: list[str]) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if not 2 <= len(name) <= 60 or not name.isprintable():
        problems["name"] = ["A skill has 2 to 60 characters."]
    if function not in Function.values:
        problems["function"] = ["Choose one of the twelve functions."]
    if kind not in Skill.Kind.values:
        problems["kind"] = ["Choose what kind of skill this is."]
    for field, words in (("name", [name]), ("aliases", aliases)):
        for word in words:
            other = queries.resolve_exactly(word)
            if other and other.pk != skill.pk:
                problems.setdefault(field, []).append(f"“{word}” already stands for {other.name}.")
    return problems


def _close(skill: Skill, kind: str, near: dict[str, float]) -> tuple[dict[str, float], list[str]]:
    """({slug: how close}, problems in words)."""
    close, wrong = {}, []
    if len(near) > MOST_NEAR:
        wrong.append(f"{MOST_NEAR} close skills are the most; these are {len(near)}.")
    for text, value in list(near.items())[:MOST_NEAR]:
        by_slug = Skill.objects.filter(slug=text, state=SkillState.ACCEPTED).first()
        other = by_slug or queries.resolve_exactly(text)
        if other is None:
            wrong.append(f"“{text}” is no skill of the vocabulary.")
        elif other.pk == skill.pk:
            wrong.append("A skill is not close to itself.")
        elif kind == other.kind == Skill.Kind.LANGUAGE:
            wrong.append(f"{other.name}: one language does not stand in for another.")
        elif not NEAR_FROM <= value <= 1:
            wrong.append(f"{other.name}: how close is between {NEAR_FROM} and 1.")
        else:
            close[other.slug] = round(value, 2)
    return close, wrong


def _write_near(skill: Skill, close: dict[str, float]) -> list[int]:
    """Both sides say the same; returns the keys of the others that changed."""
    others = Skill.objects.select_for_update().filter(slug__in={*close, *skill.near}).order_by("pk")
    changed = []
    for other in others:
        if other.near.get(skill.slug) == close.get(other.slug):
            continue
        other.near = {slug: value for slug, value in other.near.items() if slug != skill.slug}
        if other.slug in close:
            other.near[skill.slug] = close[other.slug]
        other.updated_at = clock.now()
        other.edited_at = other.edited_at or clock.now()
        changed.append(other)
    Skill.objects.bulk_update(changed, ["near", "updated_at", "edited_at"])
    skill.near = close
    return [other.pk for other in changed]
