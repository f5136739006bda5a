"""What may stand in a draft: cleaning of what people and programs send, and writing it down.

Whatever is incomplete is fine in a draft; whatever is there has to be storable. The brief check judges the rest.
"""

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, available_timezones

from accounts.schools.models import School
from accounts.skills.actions import propose_skill
from accounts.skills.models import Skill
from accounts.skills.queries import by_slugs, resolve_many
from marketplace.ground import clock, money
from marketplace.ground.errors import Invalid
from marketplace.ground.text import written

from .models import PlannedMilestone, Project, ProjectSkill, Question

LINES = ("title", "outcome", "location")  # one line each
TEXTS = ("summary", "good_to_know")
CHOICES = ("function", "location_mode", "ai_rule", "show_right")
SWITCHES = ("work_authorisation", "names_hidden")
MAX_DELIVERABLES, MAX_MILESTONES, MAX_DONE_WHEN, MAX_QUESTIONS, MAX_SKILLS = 8, 8, 8, 3, 12
MAX_HOURS = Decimal(999)
AGES = range(16, 26)  # what laws ask for; more would only be a way to leave people out
DAYS_TO_START = 16  # an application window, the time to choose and to answer, and the payment
FIELDS = (
    *LINES,
    *TEXTS,
    *CHOICES,
    *SWITCHES,
    "hours",
    "price",
    "start_on",
    "due_on",
    "zone",
    "min_age",
    "only_school",
    "deliverables",
    "milestones",
    "questions",
    "must_skills",
    "nice_skills",
    "step",
)


class Problem(Exception):
    """Why one value cannot be kept, in words for the person."""


def clean(data: dict, currency: str = "USD") -> dict:
    """The values of `data` that belong to a draft, ready to store. Raises `Invalid` with every problem by field.

    Field names of rows carry their place: `deliverables.0`, `milestones.1.hours`, `questions.2`.
    """
    errors: dict[str, list[str]] = {}
    kept: dict = {}
    for name, value in data.items():
        if name not in FIELDS:
            errors[name] = ["A project has no such field."]
            continue
        try:
            kept[name] = _CLEANERS[name](name, value, errors)
        except Problem as problem:
            errors.setdefault(name, []).append(str(problem))
    try:
        money.check_step(kept.get("price", 0), currency)
    except money.MoneyError as problem:
        errors["price"] = [str(problem)]
    if errors:
        raise Invalid(errors)
    return kept


def _line(name, value, errors=None, longest: int | None = None) -> str:
    text = " ".join(_text(name, value, errors, longest=10**9).split())
    return _fits(text, longest or Project._meta.get_field(name).max_length)


def _text(name, value, errors=None, longest: int | None = None) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Problem("Write this as text.")
    if "\x00" in value:
        raise Problem("There is a character in this text that cannot be stored. Type it again.")
    text = written(value)
    return _fits(text, longest or Project._meta.get_field(name).max_length)


def _fits(text: str, longest: int) -> str:
    if len(text) > longest:
        raise Problem(f"Use at most {longest:,} characters; this has {len(text):,}.")
    return text


def _choice(name, value, errors) -> str:
    field = Project._meta.get_field(name)
    if value in (None, "") and field.blank:
        return ""
    if not isinstance(value, str) or value not in dict(field.choices):
        raise Problem(f"Choose one of: {', '.join(str(label) for _, label in field.choices)}.")
    return value


def _switch(name, value, errors) -> bool:
    if value in (True, False):
        return bool(value)
    if isinstance(value, str) and value.lower() in ("true", "false", "on", "off", ""):
        return value.lower() in ("true", "on")
    raise Problem("Say yes or no.")


def _hours(name, value, errors=None) -> Decimal:
    if value in (None, ""):
        return Decimal(0)
    wrong = "Write the hours as a number, for example 24 or 7.5."
    if isinstance(value, bool | list | dict):
        raise Problem(wrong)
    text = str(value).strip().replace(",", ".")
    try:
        hours = Decimal(text) if text.isascii() and len(text) <= 20 else None
    except InvalidOperation:
        hours = None
    if hours is None or not hours.is_finite():
        raise Problem(wrong)
    if hours < 0 or hours > MAX_HOURS:
        raise Problem(f"Hours are between 0 and {MAX_HOURS}.")
    if hours != hours.quantize(Decimal("0.1")):
        raise Problem("Use at most one digit after the point, for example 7.5.")
    return hours.quantize(Decimal("0.1"))


def _price(name, value, errors) -> int:
    if value in (None, ""):
        return 0
    if type(value) is not int:
        raise Problem("Give the price as a whole number of the smallest unit, for example 64000 for 640.00.")
    if not 0 <= value <= money.MAX_MINOR:
        raise Problem(f"The price is at most {money.show(money.MAX_MINOR)}.")
    return value


def _date(name, value, errors) -> date | None:
    if value in (None, ""):
        return None
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value.strip())
        except ValueError:
            value = None
    if type(value) is not date:
        raise Problem("Write the date as year, month, day, for example 2026-03-27.")
    if not 2000 <= value.year <= 2100:
        raise Problem("This year is too far away. Check the date.")
    return value


def _zone(name, value, errors) -> str:
    if not isinstance(value, str) or value not in available_timezones():
        raise Problem("Choose a time zone from the list.")
    return value


def _min_age(name, value, errors) -> int | None:
    if value in (None, ""):
        return None
    if type(value) is not int or value not in AGES:
        raise Problem(f"Give an age from {AGES[0]} to {AGES[-1]}, or leave it empty.")
    return value


def _only_school(name, value, errors) -> School | None:
    """A `School`, or its public id."""
    if value in (None, "") or isinstance(value, School):
        return value or None
    school = (
        School.objects.filter(public_id=value).first()
        if isinstance(value, str) and "\x00" not in value
        else None
    )
    if school is None:
        raise Problem("Choose a school from the list, or none.")
    return school


def _step(name, value, errors) -> int:
    if type(value) is not int or not 1 <= value <= 5:
        raise Problem("There are five steps.")
    return value


def _list(name, value, most: int) -> list:
    if value in (None, ""):
        return []
    if not isinstance(value, list | tuple):
        raise Problem("Give a list.")
    if len(value) > most:
        raise Problem(f"At most {most}; this has {len(value)}.")
    return list(value)


def _lines(name, value, errors, most: int, longest: int) -> list[str]:
    """A list of one-line texts without the empty ones; problems are noted under `name.place`."""
    kept = []
    for place, item in enumerate(_list(name, value, most)):
        try:
            line = _line(name, item, longest=longest)
        except Problem as problem:
            errors.setdefault(f"{name}.{place}", []).append(str(problem))
            continue
        if line:
            kept.append(line)
    return kept


def _deliverables(name, value, errors) -> list[str]:
    return _lines(name, value, errors, MAX_DELIVERABLES, 200)


def _questions(name, value, errors) -> list[str]:
    return _lines(name, value, errors, MAX_QUESTIONS, 300)


def _milestones(name, value, errors) -> list[dict]:
    kept = []
    for place, item in enumerate(_list(name, value, MAX_MILESTONES)):
        if not isinstance(item, dict):
            errors.setdefault(f"{name}.{place}", []).append(
                "Give a milestone with title, outcome, done_when and hours."
            )
            continue
        row = {}
        for part, cleaner in _MILESTONE.items():
            try:
                row[part] = cleaner(f"{name}.{place}.{part}", item.get(part), errors)
            except Problem as problem:
                errors.setdefault(f"{name}.{place}.{part}", []).append(str(problem))
        if any(row.values()) and not row.get("title"):
            errors.setdefault(f"{name}.{place}.title", []).append("Give this milestone a name.")
        if any(row.values()):
            kept.append(row)
    return kept


_MILESTONE = {
    "title": lambda name, value, errors: _line(name, value, longest=120),
    "outcome": lambda name, value, errors: _line(name, value, longest=300),
    "done_when": lambda name, value, errors: _lines(name, value, errors, MAX_DONE_WHEN, 200),
    "hours": _hours,
}


def _skills(name, value, errors) -> list:
    """`Skill` rows or names, slugs and other names of skills, resolved when they are written; once each."""
    kept, seen = [], set()
    for item in _list(name, value, MAX_SKILLS):
        if isinstance(item, Skill):
            kept.append(item)
            continue
        text = _line(name, item, longest=60)
        if text and text.lower() not in seen:
            seen.add(text.lower())
            kept.append(text)
    return kept


_CLEANERS = {
    **dict.fromkeys(LINES, _line),
    **dict.fromkeys(TEXTS, _text),
    **dict.fromkeys(CHOICES, _choice),
    **dict.fromkeys(SWITCHES, _switch),
    "hours": _hours,
    "price": _price,
    "start_on": _date,
    "due_on": _date,
    "zone": _zone,
    "min_age": _min_age,
    "only_school": _only_school,
    "deliverables": _deliverables,
    "milestones": _milestones,
    "questions": _questions,
    "must_skills": _skills,
    "nice_skills": _skills,
    "step": _step,
}


def from_template(template, project: Project) -> dict:
    """What a `ProjectTemplate` writes into `project`; dates only where there are none yet."""
    same = (
        "title",
        "function",
        "summary",
        "outcome",
        "good_to_know",
        "hours",
        "location_mode",
        "ai_rule",
        "show_right",
    )
    data = {name: getattr(template, name) for name in same} | {
        "price": template.suggested_price,
        "deliverables": list(template.deliverables),
        "questions": list(template.questions),
        "must_skills": by_slugs(template.must_skills),
        "nice_skills": by_slugs(template.nice_skills),
        "milestones": [
            {"title": m.title, "outcome": m.outcome, "done_when": list(m.done_when), "hours": m.hours}
            for m in template.milestones
        ],
    }
    if project.start_on is None and project.due_on is None:
        start = clock.now().astimezone(ZoneInfo(project.zone)).date() + timedelta(days=DAYS_TO_START)
        data |= {"start_on": start, "due_on": start + timedelta(days=template.duration_days)}
    return data


# --- writing ---------------------------------------------------------------------------------------------
ROWS = ("milestones", "questions", "must_skills", "nice_skills")


def write(project: Project, values: dict, *, by) -> None:
    """Store cleaned `values` on a locked draft: its columns and the rows that hang on it."""
    columns = {name: value for name, value in values.items() if name not in ROWS}
    if "step" in columns:
        columns["step"] = max(project.step, columns["step"])
    for name, value in columns.items():
        setattr(project, name, value)
    project.save(update_fields=[*columns, "fee_bp", "updated_at"])
    if "milestones" in values:
        project.milestones.all().delete()
        PlannedMilestone.objects.bulk_create(
            PlannedMilestone(project=project, order=place, **row)
            for place, row in enumerate(values["milestones"], 1)
        )
    if "questions" in values:
        project.questions.all().delete()
        Question.objects.bulk_create(
            Question(project=project, order=place, text=text)
            for place, text in enumerate(values["questions"], 1)
        )
    if "must_skills" in values or "nice_skills" in values:
        _write_skills(project, values, by)
    project._prefetched_objects_cache = {}


def _write_skills(project: Project, values: dict, by) -> None:
    chosen: dict[int, ProjectSkill] = {}
    for name, must in (("must_skills", True), ("nice_skills", False)):
        if name in values:
            skills = _meant(name, values[name], by)
        else:
            skills = [row.skill for row in project.project_skills.filter(must=must).select_related("skill")]
        for skill in skills:
            chosen.setdefault(skill.pk, ProjectSkill(project=project, skill=skill, must=must))
    project.project_skills.all().delete()
    ProjectSkill.objects.bulk_create(chosen.values())


def _meant(field: str, items: list, by) -> list[Skill]:
    """The skills that the typed names stand for; a name that nobody knows yet is proposed to the moderators."""
    known = resolve_many([item for item in items if not isinstance(item, Skill)])
    skills, problems = [], []
    for item in items:
        skill = item if isinstance(item, Skill) else known[item]
        try:
            skills.append(skill or propose_skill(by=by, name=item))
        except Invalid as problem:
            problems.append(f"“{item}”: {' '.join(problem.messages)}")
    if problems:
        raise Invalid({field: problems})
    return skills
