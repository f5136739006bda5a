"""Filling the vocabulary: the list that ships with the site, what people propose, what moderators accept."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from django.db import transaction
from django.utils.text import slugify

from marketplace.ground import clock, ids
from marketplace.ground.errors import Invalid, NotAllowed
from marketplace.ground.states import move, record

from . import names, queries
from .functions import Function
from .models import Skill
from .signals import skill_changed
from .states import SkillState

SEED = Path(__file__).with_name("skills.csv")
NEAR = Path(__file__).with_name("near.csv")
SEEDED = ("name", "function", "kind", "aliases", "related", "near")
MAX_PROPOSALS = 20
NOT_A_SKILL = re.compile(r"[@<>{}]|https?:|www\.", re.IGNORECASE)


def read_seed(path: Path = SEED) -> list[dict]:
    """The rows of the list that ships with the site; `aliases` and `related` are lists, `near` says how close."""
    near = read_near()
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            row
            | {
                "aliases": _parts(row["aliases"]),
                "related": _parts(row["related"]),
                "near": near.get(row["slug"], {}),
            }
            for row in csv.DictReader(lines)
        ]


def read_near(path: Path = NEAR) -> dict[str, dict[str, float]]:
    """`{slug: {slug: similarity}}`, both ways. Linked by hand, measured with the sentence model on their names."""
    near: dict[str, dict[str, float]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            near.setdefault(row["skill"], {})[row["other"]] = float(row["similarity"])
            near.setdefault(row["other"], {})[row["skill"]] = float(row["similarity"])
    return near


def _parts(cell: str) -> list[str]:
    return [part for part in cell.split("|") if part]


@transaction.atomic
def load_skills(path: Path = SEED) -> int:
    """Bring the vocabulary to what `path` says; returns how many rows were written, 0 when run again.

    The list wins over what stands there, except that other names which a moderator added are kept, and that a skill
    which a moderator edited stays as it is. A proposal of the same slug becomes accepted. Skills that are not in the
    list are left alone.
    """
    known = Skill.objects.in_bulk(field_name="slug")
    changed = []
    for row in read_seed(path):
        skill = known.get(row["slug"]) or Skill(slug=row["slug"], state=SkillState.ACCEPTED)
        if skill.edited_at:
            continue
        row["aliases"] += [alias for alias in skill.aliases if alias not in row["aliases"]]
        if skill.pk is None or any(getattr(skill, name) != row[name] for name in SEEDED):
            for name in SEEDED:
                setattr(skill, name, row[name])
            skill.updated_at = clock.now()
            changed.append(skill)
    Skill.objects.bulk_create(
        [skill for skill in changed if skill.pk is None],
        batch_size=500,
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=[*SEEDED, "updated_at"],
    )
    Skill.objects.bulk_update([s for s in changed if s.pk and s.slug in known], [*SEEDED, "updated_at"], 500)
    for skill in known.values():
        if skill.state == SkillState.PENDING and skill.function:
            move(skill, SkillState.ACCEPTED, reason="seed")
    return len(changed)


def find_or_propose(*, by, text: str) -> Skill:
    """The skill that `text` means, slips of the finger included, or a proposal of it by `by`.

    Raises `Invalid` like `propose_skill`.
    """
    return queries.resolve(text) or propose_skill(by=by, name=text)


@transaction.atomic
def propose_skill(*, by, name: str) -> Skill:
    """The skill that `name` stands for: the accepted one, a proposal of that name, or a new proposal by `by`.

    Raises `Invalid` for what cannot be a skill's name, and when `by` has `MAX_PROPOSALS` waiting.
    """
    shown = " ".join(name.split())
    known = queries.resolve_exactly(shown) if shown else None
    if known:
        return known
    _check_name(shown)
    slug = slugify(shown)[:50].strip("-") or f"skill-{ids.public_id()}"
    if Skill.objects.filter(slug=slug, state=SkillState.ACCEPTED).exists():
        slug = f"{slug}-{ids.public_id()[:6]}"  # another skill in letters that a slug cannot tell apart
    if not Skill.objects.filter(slug=slug).exists() and _waiting(by) >= MAX_PROPOSALS:
        raise Invalid(
            {
                "name": [
                    f"{MAX_PROPOSALS} of your own skills are waiting for a moderator. "
                    "Choose from the list for now."
                ]
            }
        )
    skill, new = Skill.objects.get_or_create(slug=slug, defaults={"name": shown, "proposed_by": by})
    if new:
        record(skill, SkillState.PENDING, by=by)
    return skill


def _check_name(name: str) -> None:
    if not 2 <= len(name) <= 60:
        raise Invalid({"name": ["A skill has 2 to 60 characters."]})
    if not any(char.isalpha() for char in name) or NOT_A_SKILL.search(name) or not name.isprintable():
        raise Invalid({"name": ["Write the skill in words, for example “Interviewing” or “Excel”."]})
    if len(name.split()) > 5:
        raise Invalid({"name": ["Name one skill at a time, for example “Survey design”."]})


def _waiting(by) -> int:
    return Skill.objects.filter(proposed_by=by, state=SkillState.PENDING).count()


@transaction.atomic
def accept_skill(
    *, by, skill: Skill, function: str, kind: str = Skill.Kind.METHOD, aliases: Iterable[str] = ()
) -> Skill:
    """A moderator takes a proposal into the vocabulary, under a function and with other names for it.

    Raises `NotAllowed` unless `by` is a moderator, `Invalid` for an unknown function or kind or a name that
    belongs to another skill, `WrongMoment` when it is accepted already.
    """
    if not by.is_staff:
        raise NotAllowed("Only a moderator can take a skill into the vocabulary.")
    if function not in Function.values:
        raise Invalid({"function": ["Choose one of the twelve functions."]})
    if kind not in Skill.Kind.values:
        raise Invalid({"kind": ["Choose what kind of skill this is."]})
    aliases = list(dict.fromkeys(alias.strip() for alias in aliases if names.normal(alias)))
    for name in (skill.name, *aliases):
        other = queries.resolve_exactly(name)
        if other and other.pk != skill.pk:
            raise Invalid({"aliases": [f"“{name}” already stands for {other.name}."]})
    move(
        skill,
        SkillState.ACCEPTED,
        by=by,
        function=function,
        kind=kind,
        aliases=aliases,
        updated_at=clock.now(),
    )
    skill_changed.send(Skill, skills=[skill.pk])
    return skill


@transaction.atomic
def merge_skill(*, by, skill: Skill, into: str) -> Skill:
    """A moderator says that `skill` is another name for the accepted one whose slug is `into`; returns that one.

    What students list and projects ask for moves with it; who has both keeps one row. The names of the merged one stay as
    other names. Raises `NotAllowed` unless `by` is a moderator, `Invalid` for an unknown slug or the skill's own.
    """
    if not by.is_staff:
        raise NotAllowed("Only a moderator can merge skills.")
    other = Skill.objects.select_for_update().filter(slug=into, state=SkillState.ACCEPTED).first()
    skill = Skill.objects.select_for_update().get(pk=skill.pk)
    if other is None or other.pk == skill.pk:
        raise Invalid(
            {"into": ["Write the slug of another skill in the vocabulary, for example survey-design."]}
        )
    for relation in Skill._meta.get_fields(include_hidden=True):
        if relation.one_to_many and relation.auto_created:
            _move_rows(relation.related_model, relation.field.name, skill, other)
    known = {names.normal(name) for name in (other.name, *other.aliases)}
    new = [name for name in (skill.name, *skill.aliases) if names.normal(name) not in known]
    other.aliases = [*other.aliases, *dict.fromkeys(new)]
    other.updated_at = clock.now()
    other.save(update_fields=["aliases", "updated_at"])
    record(
        other, other.state, by=by, reason="merged", note=f"{skill.name} is now {other.name}", old=other.state
    )
    gone = skill.pk
    skill.delete()
    skill_changed.send(Skill, skills=[gone, other.pk])
    return other


def _move_rows(model, name: str, skill: Skill, other: Skill) -> None:
    """Let the rows that point at `skill` by the field `name` point at `other`; where both are there, one stays."""
    owner = next(
        field
        for constraint in model._meta.constraints
        if name in getattr(constraint, "fields", ())
        for field in constraint.fields
        if field != name
    )
    rows = model.objects.filter(**{name: skill})
    rows.filter(**{f"{owner}__in": model.objects.filter(**{name: other}).values(owner)}).delete()
    rows.update(**{name: other})


@transaction.atomic
def import_skills(path: Path, *, dry_run: bool = False) -> tuple[int, int]:
    """Add the skills of a CSV file with the columns name, function, kind, aliases and related (the last two with | between).

    Returns how many are new and how many were there already (those only gain other names). Raises `Invalid` with every
    problem and its line, and then nothing is changed; nothing is changed with `dry_run` either.
    """
    problems, wanted = [], []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Invalid({"file": [f"{path}: it cannot be read ({type(error).__name__})."]}) from None
    for line, row in enumerate(rows, 2):
        cells = {
            key: (row.get(key) or "").strip() for key in ("name", "function", "kind", "aliases", "related")
        }
        try:
            wanted.append(_importable(cells))
        except Invalid as error:
            problems += [f"line {line}: {words}" for found in error.message_dict.values() for words in found]
    if not rows:
        problems.append(
            "There are no rows. The first line names the columns: name,function,kind,aliases,related."
        )
    if problems:
        raise Invalid({"file": problems})
    new, there, touched = 0, 0, []
    for cells in wanted:
        known = queries.resolve_exactly(cells["name"])
        skill = known or Skill(slug=_free_slug(cells["name"]), state=SkillState.ACCEPTED)
        new, there = new + (known is None), there + (known is not None)
        if known is None:
            skill.name, skill.function, skill.kind = cells["name"], cells["function"], cells["kind"]
            skill.related = _parts(cells["related"])
        skill.aliases = list(dict.fromkeys([*skill.aliases, *_parts(cells["aliases"])]))
        skill.updated_at = clock.now()
        skill.save()
        touched.append(skill.pk)
    skill_changed.send(Skill, skills=touched)
    if dry_run:
        transaction.set_rollback(True)
    return new, there


def _importable(cells: dict[str, str]) -> dict[str, str]:
    _check_name(cells["name"])
    cells["kind"] = cells["kind"] or Skill.Kind.METHOD
    if cells["function"] not in Function.values:
        raise Invalid({"function": [f"function is one of {', '.join(Function.values)}."]})
    if cells["kind"] not in Skill.Kind.values:
        raise Invalid({"kind": [f"kind is one of {', '.join(Skill.Kind.values)}."]})
    meant = queries.resolve_exactly(cells["name"])
    for alias in _parts(cells["aliases"]):
        other = queries.resolve_exactly(alias)
        if len(alias) > 60 or (other and (meant is None or other.pk != meant.pk)):
            raise Invalid(
                {
                    "aliases": [
                        f"“{alias[:60]}” already stands for {other.name if other else 'nothing so long'}."
                    ]
                }
            )
    return cells


def _free_slug(name: str) -> str:
    slug = slugify(name)[:50].strip("-") or f"skill-{ids.public_id()}"
    return f"{slug}-{ids.public_id()[:6]}" if Skill.objects.filter(slug=slug).exists() else slug
