"""Writing the rows that matching reads, from what people said. Each function may run twice, late or at once: it writes
the row as it should be now."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import F, Q

from accounts.models import StudentProfile, StudentSkill, User
from accounts.skills import names
from accounts.skills import queries as skills
from accounts.skills.states import SkillState
from marketplace.ground import clock, policy
from projects.posting.models import LocationMode, Project, ProjectSkill
from projects.posting.queries import open_now

from . import vectors, vocabulary, words
from .fit import weekly, weight_of
from .models import ProjectMatch, StudentMatch

LEVELS = {"learning": 0, "able": 1, "strong": 2}
LIVE = ("awaiting_funds", "funded", "active")
STUDENT_FIELDS = (
    *(
        "person_id",
        "skills",
        "levels",
        "used",
        "follows",
        "hours",
        "may_work",
        "findable",
        "born",
        "school_id",
        "place",
    ),
    *("completed", "terms", "updated_at"),
)


MODELS = (StudentMatch, ProjectMatch)


def town(place: str) -> str:
    """A place as two are compared: "Halden, NY " and "halden" are one."""
    return names.normal(place.split(",")[0])[:60]


def lock(model, ids: Iterable[int]) -> list[int]:
    """Keep other workers from writing the rows of these until the transaction ends; returns the ids.

    Whoever waits reads what people said after the lock, so an older reading never overwrites a newer one.
    """
    ids = sorted(set(ids))
    list(
        model.objects.select_for_update(no_key=True)
        .filter(pk__in=ids)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    return ids


# --- students --------------------------------------------------------------------------------------------
@transaction.atomic
def keep_students(ids: Iterable[int]) -> int:
    """Write the rows of these profiles; those that cannot be matched any more lose theirs. Returns how many there are."""
    ids = lock(StudentProfile, ids)
    rows = student_rows(ids)
    StudentMatch.objects.filter(pk__in=set(ids) - {row.pk for row in rows}).delete()
    StudentMatch.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["student"],
        update_fields=STUDENT_FIELDS,
    )
    return len(rows)


def student_rows(ids: list[int]) -> list[StudentMatch]:
    """Unsaved rows for those of these profiles whose account is active, in a constant number of queries."""
    profiles = list(
        StudentProfile.objects.filter(pk__in=ids, user__is_active=True, user__suspended_at=None).annotate(
            born=F("user__date_of_birth")
        )
    )
    own = defaultdict(list)
    for student, skill, level, evidence in (
        StudentSkill.objects.filter(student__in=profiles, skill__state=SkillState.ACCEPTED)
        .order_by("skill_id")
        .values_list("student_id", "skill_id", "level", "evidence")
    ):
        own[student].append((skill, LEVELS[level], evidence))
    written = (
        " . ".join([p.headline, p.about, *(evidence for _, _, evidence in own[p.pk])]) for p in profiles
    )
    # What they write about counts too, as if they were still learning it.
    for p, named in zip(profiles, skills.mentioned(written), strict=True):
        listed = {skill for skill, _, _ in own[p.pk]}
        own[p.pk] += [(skill, 0, "") for skill in named if skill not in listed]
        own[p.pk].sort()
    used, planned = _worked([p.user_id for p in profiles]), _planned([p.user_id for p in profiles])
    known, now = vocabulary.current().names, clock.now()
    return [
        StudentMatch(
            student_id=p.pk,
            person_id=p.user_id,
            skills=[skill for skill, _, _ in own[p.pk]],
            levels=[level for _, level, _ in own[p.pk]],
            used=used[p.user_id][1],
            completed=used[p.user_id][0],
            follows=vocabulary.bits(p.interests),
            hours=max(0, min(p.hours_free, planned.get(p.user_id, p.hours_free))),
            may_work=p.may_work == StudentProfile.Answer.YES and p.needs_sponsor != StudentProfile.Answer.YES,
            findable=p.open_to_invitations,
            born=p.born,
            school_id=p.school_id if p.school_verified_at else None,
            place=town(p.place),
            terms=words.pack(student_text(p, own[p.pk], known)),
            updated_at=now,
        )
        for p in profiles
    ]


def student_text(profile, own: list, known: dict[int, str]) -> str:
    """What a student wrote about themselves; the school is left out."""
    skills = " ".join(f"{known.get(skill, '')} {evidence}" for skill, _, evidence in own)
    return f"{profile.headline} {skills} {profile.about}"


def _worked(people: list[int]) -> dict[int, tuple[int, list[int]]]:
    """{person: (completed projects, the skills that each of them asked for)}."""
    # Engagements belong to a later room; they are reached by the name of the relation.
    rows = (
        User.objects.filter(pk__in=people, engagements__state="completed")
        .order_by()
        .values("pk", "engagements")
        .annotate(asked=ArrayAgg("engagements__project__project_skills__skill"))
    )
    found = defaultdict(lambda: (0, []))
    for row in rows:
        times, skills = found[row["pk"]]
        found[row["pk"]] = (times + 1, sorted(skills + [s for s in row["asked"] if s]))
    return found


def _planned(people: list[int]) -> dict[int, int]:
    """{person: hours a week that are left of what the site allows} for those who have work; 0 with as many live ones as
    it allows."""
    rules = policy.current()
    live = defaultdict(list)
    for row in User.objects.filter(pk__in=people, engagements__state__in=LIVE).values_list(
        "pk", "engagements__hours", "engagements__start_on", "engagements__due_on"
    ):
        live[row[0]].append(weekly(row[1], (row[3] - row[2]).days))
    return {
        person: 0 if len(loads) >= rules.live_engagements else int(rules.weekly_hours_max - sum(loads))
        for person, loads in live.items()
    }


# --- projects --------------------------------------------------------------------------------------------
@transaction.atomic
def keep_projects(ids: Iterable[int]) -> int:
    """Write the rows of these postings as far as they are open; the others lose theirs. Returns how many are open."""
    ids = lock(Project, ids)
    rows = project_rows(ids)
    ProjectMatch.objects.filter(pk__in=set(ids) - {row.pk for row in rows}).delete()
    ProjectMatch.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["project"],
        update_fields=[
            f.name
            for f in ProjectMatch._meta.concrete_fields
            if f.name not in ("project", "vector", "vector_version")
        ],
    )
    return len(rows)


def project_rows(ids: list[int], of=None) -> list[ProjectMatch]:
    """Unsaved rows for those of these postings that are open, or that are in the queryset `of`."""
    projects = list((open_now() if of is None else of).filter(pk__in=ids))
    asked = defaultdict(list)
    for row in (
        ProjectSkill.objects.filter(project__in=projects)
        .order_by("skill_id")
        .values_list("project_id", "skill_id", "must", "skill__state")
    ):
        asked[row[0]].append(row[1:])
    known, now = vocabulary.current(), clock.now()
    return [_project_row(p, asked[p.pk], known, now) for p in projects]


def _project_row(p: Project, asked: list, known, now) -> ProjectMatch:
    accepted = [(skill, must) for skill, must, state in asked if state == SkillState.ACCEPTED]
    musts = [skill for skill, must in accepted if must]
    return ProjectMatch(
        project_id=p.pk,
        organisation_id=p.organisation_id,
        skills=[skill for skill, _ in accepted],
        musts=musts,
        languages=[skill for skill in musts if skill in known.languages],
        total=sum(weight_of(known.rarity(skill), must) for skill, must in accepted),
        known=len(accepted) / len(asked) if asked else 1.0,
        function=vocabulary.bits([p.function]),
        hours=weekly(p.hours, days_of(p)),
        permit=p.work_authorisation,
        min_age=p.min_age or 0,
        school_id=p.only_school_id,
        place=place_of(p),
        terms=words.pack(project_text(p, [known.names.get(skill, "") for skill, _ in accepted])),
        published_at=p.published_at,
        apply_by=p.apply_by,
        updated_at=now,
    )


def days_of(project: Project) -> int:
    start, due = project.start_on, project.due_on
    return (due - start).days if start and due else 14


def place_of(project: Project) -> str:
    return "" if project.location_mode == LocationMode.REMOTE else town(project.location)


def project_text(project: Project, skills: list[str]) -> str:
    parts = (project.title, project.title, *skills, project.outcome, project.summary, *project.deliverables)
    return " ".join(parts)


# --- what texts mean -------------------------------------------------------------------------------------
def keep_vectors(students: Iterable[int] = (), projects: Iterable[int] = ()) -> int:
    """Give these rows their vectors; nothing happens without the model. For workers and commands. Returns how many."""
    if not vectors.available():
        return 0
    known = vocabulary.current().names
    rows = [
        *StudentMatch.objects.filter(pk__in=list(students)).select_related("student").defer("terms"),
        *ProjectMatch.objects.filter(pk__in=list(projects)).select_related("project").defer("terms"),
    ]
    texts = [
        f"{_names(row, known)}. {row.student.headline}"
        if isinstance(row, StudentMatch)
        else f"{row.project.title}. {_names(row, known)}"
        for row in rows
    ]
    for row, vector in zip(rows, vectors.encode(texts), strict=True):
        row.vector, row.vector_version = vector, vectors.VERSION
    return sum(_write_vectors(model, [r for r in rows if isinstance(r, model)]) for model in MODELS)


@transaction.atomic
def _write_vectors(model, rows: list) -> int:
    """As far as the rows are as they were read; the sweep makes those anew that were written since then."""
    there = model.objects.select_for_update().filter(pk__in=[row.pk for row in rows]).order_by("pk")
    written = dict(there.values_list("pk", "updated_at"))
    same = [row for row in rows if written.get(row.pk) == row.updated_at]
    model.objects.filter(pk__in=written.keys() - {row.pk for row in same}).update(vector_version=0)
    model.objects.bulk_update(same, ["vector", "vector_version"], batch_size=500)
    return len(same)


def _names(row, known: dict[int, str]) -> str:
    return ", ".join(known[skill] for skill in row.skills if skill in known)


# --- what was missed -------------------------------------------------------------------------------------
def students_to_keep() -> Q:
    """Profiles that changed after their row was written, or have none, or are not to have one."""
    gone = Q(user__is_active=False) | Q(user__suspended_at__isnull=False)
    return (
        Q(match=None) & ~gone
        | Q(match__updated_at__lt=F("updated_at"))
        | Q(match__isnull=False) & gone
        | Q(match__updated_at__lt=clock.now() - timedelta(days=7))
    )
