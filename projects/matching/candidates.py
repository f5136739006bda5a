"""The candidates of a list, exactly, from a great many rows.

A plain query scores everybody who shares one skill. This one asks in stages: first for those who hold so many of the
skills that three quarters of their weight is reached, then half, then a third, then anything. Whoever is not found by a
stage scores less than its share, so as soon as enough rows reach it, the list is what the plain query would give.
"""

from itertools import combinations

from marketplace.ground import clock
from projects.exposing.actions import HALF_LIFE

from .fit import COVER, FIELD, MUST, NICE, near_credit, weight_of
from .models import ProjectMatch, StudentMatch
from .vocabulary import Vocabulary

WORTH_STAGES = 20_000  # students; below, one query is as quick
STAGES = (0.75, 0.5, 0.3, 0.0)
COMBINED = 8  # skills whose combinations are spelt out; the rest may still add to the score


# --- students for a project ------------------------------------------------------------------------------
def students(
    row: ProjectMatch,
    known: Vocabulary,
    count: int,
    freshness: float,
    *,
    leave_out=frozenset(),
    findable=False,
    staged=True,
) -> list[StudentMatch]:
    """At most `count` students who pass every gate, by skills and freshness; each with `cover`, `recent` and `tie`.

    `cover` counts every level as strong and every close skill as the closest, so it is never below the real one.
    staged=False asks the plain query, to compare with.
    """
    asked = _asked(row, known)
    if not asked:
        return _by_field(row, known, count, freshness, leave_out, findable)
    total = sum(weight for _, weight, _ in asked)
    stages = _stages(asked) if staged else [(0.0, None)]
    for share, query in stages if known.students >= WORTH_STAGES else stages[-1:]:
        rows = _students(row, known, asked, total, query, count, freshness, leave_out, findable)
        if len(rows) == count and rows[-1].bound >= COVER * share + freshness:
            break
    if len(rows) < count and row.function:
        there = {one.person_id for one in rows}
        rows += _by_field(row, known, count - len(rows), freshness, there | set(leave_out), findable)
    return rows


def _asked(row: ProjectMatch, known: Vocabulary) -> list[tuple[int, float, dict[int, float]]]:
    """(skill, weight, {close skill: credit}), the heaviest first."""
    musts = set(row.musts)
    asked = [
        (
            skill,
            weight_of(known.rarity(skill), skill in musts),
            {k: near_credit(v) for k, v in known.near.get(skill, {}).items() if near_credit(v) > 0},
        )
        for skill in row.skills
    ]
    return sorted(asked, key=lambda one: -one[1])


def _stages(asked: list) -> list[tuple[float, str]]:
    """(what nobody outside the query reaches, the query) for each stage."""
    combined, rest = asked[:COMBINED], asked[COMBINED:]
    total, heavy = sum(one[1] for one in asked), sum(one[1] for one in combined)
    groups = ["(" + "|".join(map(str, (skill, *near))) + ")" for skill, _, near in combined]
    weights = [weight for _, weight, _ in combined]
    light = sum(one[1] for one in rest)
    stages = []
    for share in STAGES[:-1]:
        sets = _least_sets(weights, share * heavy)
        query = "|".join("(" + "&".join(groups[i] for i in chosen) + ")" for chosen in sets)
        stages.append(((share * heavy + light) / total, query))
    everything = "|".join(str(one) for skill, _, near in asked for one in (skill, *near))
    return [*stages, (0.0, everything)]


def _least_sets(weights: list[float], least: float) -> list[tuple[int, ...]]:
    """The smallest sets of places whose weights reach `least`: none of them holds another."""
    found: list[tuple[int, ...]] = []
    for size in range(1, len(weights) + 1):
        for chosen in combinations(range(len(weights)), size):
            if sum(weights[i] for i in chosen) >= least - 1e-9 and not any(
                set(f) <= set(chosen) for f in found
            ):
                found.append(chosen)
    return found


def _cover(asked: list) -> tuple[str, list]:
    """SQL for the sum of the weights that a student reaches."""
    parts, values = [], []
    for skill, weight, near in asked:
        case, numbers = "WHEN %s = ANY(m.skills) THEN %s::real", [skill, weight]
        by_credit: dict[float, list[int]] = {}
        for other, credit in near.items():
            by_credit.setdefault(round(credit, 2), []).append(other)
        for credit in sorted(by_credit, reverse=True):
            case += " WHEN m.skills && %s THEN %s::real"
            numbers += [by_credit[credit], weight * (credit + 0.005)]
        parts.append(f"CASE {case} ELSE 0::real END")
        values += numbers
    return " + ".join(parts), values


def _gates(row: ProjectMatch, known: Vocabulary, leave_out, findable: bool) -> tuple[str, list]:
    """What a student must meet, whatever the fit."""
    sql, values = ["m.hours >= %s"], [row.hours]
    if row.permit:
        sql.append("m.may_work")
    if findable:
        sql.append("m.findable")
    if row.min_age:
        day = clock.now().date()
        leap = (day.month, day.day) == (2, 29)
        sql.append("m.born <= %s")
        values.append(day.replace(year=day.year - row.min_age, day=28 if leap else day.day))
    if row.school_id:
        sql.append("m.school_id = %s")
        values.append(row.school_id)
    if row.place:
        sql.append("m.place IN ('', %s)")
        values.append(row.place)
    if row.languages:  # who names languages, but not this one, does not speak it
        sql.append("(m.skills @> %s OR NOT m.skills && %s)")
        values += [list(row.languages), sorted(known.languages)]
    if leave_out:
        sql.append("m.person_id <> ALL(%s)")
        values.append(sorted(leave_out))
    return " AND ".join(sql), values


def _students(row, known, asked, total, query, count, freshness, leave_out, findable) -> list[StudentMatch]:
    cover, cover_values = _cover(asked)
    gates, gate_values = _gates(row, known, leave_out, findable)
    found, found_values = (
        ("m.skills @@ %s::query_int", [query])
        if query is not None
        else ("m.skills && %s", [sorted({k for skill, _, near in asked for k in (skill, *near)})])
    )
    return _read(
        f"SELECT m.*, ({cover}) / %s::real AS cover FROM projects_studentmatch m WHERE {found} AND {gates}",
        [*cover_values, total, *found_values, *gate_values],
        row,
        count,
        freshness,
    )


def _by_field(row, known, count, freshness, leave_out, findable) -> list[StudentMatch]:
    """Who follows the field of a posting: for one whose skills few have, or that the vocabulary does not know."""
    gates, values = _gates(row, known, leave_out, findable)
    sql = f"SELECT m.*, 0::real AS cover FROM projects_studentmatch m WHERE m.follows & %s > 0 AND {gates}"
    return _read(sql, [row.function, *values], row, count, freshness)


def _read(sql: str, values: list, row: ProjectMatch, count: int, freshness: float) -> list[StudentMatch]:
    recent = "coalesce(e.seen * power(0.5, greatest(0, extract(epoch FROM %s - e.at)) / %s), 0)"
    return list(
        StudentMatch.objects.raw(
            f"SELECT *, {COVER} * cover + %s / (1 + recent) AS bound FROM (SELECT found.*, {recent} AS recent, "
            f"hashint8extended(found.student_id, %s) AS tie FROM ({sql}) found "
            "LEFT JOIN projects_studentexposure e ON e.student_id = found.person_id) known "
            "ORDER BY bound DESC, tie LIMIT %s",
            [freshness, clock.now(), HALF_LIFE.total_seconds(), row.pk, *values, count],
        )
    )


# --- projects for a student ------------------------------------------------------------------------------
def projects(
    row: StudentMatch, known: Vocabulary, count: int, *, leave_out=frozenset(), employers=frozenset()
) -> list[ProjectMatch]:
    """At most `count` open postings whose gates the student passes, those with the greatest share of skills first.

    One pass over the postings that ask for one of the student's skills, or one close to it; the weight of all skills of a
    posting is stored with it. When fewer are found, the newest in the fields that the student follows fill up.
    """
    credit: dict[int, float] = {}
    for own in row.skills:
        for other, value in known.near.get(own, {}).items():
            credit[other] = max(credit.get(other, 0.0), near_credit(value))
    credit |= dict.fromkeys(row.skills, 1.0)
    credit = {skill: value for skill, value in credit.items() if value > 0 and skill in known.names}
    gates, values = _project_gates(row, known, leave_out, employers)
    found = _projects_by_skill(credit, known, gates, values, row, count) if credit else []
    if len(found) < count and row.follows:
        gates, values = _project_gates(row, known, leave_out | {one.pk for one in found}, employers)
        found += ProjectMatch.objects.raw(
            f"SELECT m.* FROM projects_projectmatch m WHERE m.function & %s > 0 AND {gates} "
            "ORDER BY published_at DESC, project_id LIMIT %s",
            [row.follows, *values, count - len(found)],
        )
    return found


def _projects_by_skill(credit, known, gates, values, row, count) -> list[ProjectMatch]:
    parts, numbers = [], []
    for skill, value in credit.items():
        weight = known.rarity(skill) * value
        parts.append(  # `= ANY` costs a fraction of `@>`, and most skills are asked for by few
            "CASE WHEN %s = ANY(m.skills) THEN CASE WHEN %s = ANY(m.musts) THEN %s::real ELSE %s::real END ELSE 0::real END"
        )
        numbers += [skill, skill, MUST * weight, NICE * weight]
    return list(
        ProjectMatch.objects.raw(
            f"SELECT *, {COVER} * known * cover + {FIELD} * (function & %s > 0)::int AS bound FROM (SELECT m.*, "
            f"({' + '.join(parts)}) / greatest(total, 0.001)::real AS cover FROM projects_projectmatch m "
            f"WHERE m.skills && %s AND {gates}) found ORDER BY bound DESC, apply_by, project_id LIMIT %s",
            [row.follows, *numbers, sorted(credit), *values, count],
        )
    )


def _project_gates(row: StudentMatch, known: Vocabulary, leave_out, employers) -> tuple[str, list]:
    now = clock.now()
    sql, values = ["m.hours <= %s", "m.apply_by > %s"], [row.hours, now]
    if not row.may_work:
        sql.append("NOT m.permit")
    age = age_on(row.born, now.date())
    sql.append("m.min_age <= %s")
    values.append(0 if age is None else age)
    sql.append("(m.school_id IS NULL OR m.school_id = %s)")
    values.append(row.school_id or 0)
    if row.place:
        sql.append("m.place IN ('', %s)")
        values.append(row.place)
    spoken = sorted(known.languages.intersection(row.skills))
    if spoken:
        sql.append("m.languages <@ %s")
        values.append(spoken)
    if leave_out:
        sql.append("m.project_id <> ALL(%s)")
        values.append(sorted(leave_out))
    if employers:
        sql.append("m.organisation_id <> ALL(%s)")
        values.append(sorted(employers))
    return " AND ".join(sql), values


def age_on(born, day) -> int | None:
    """Whole years on `day`; None when the date of birth is not known."""
    return None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))
