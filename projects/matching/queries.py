"""Who fits what, both ways. Hard gates first, in SQL; then the best candidates by skills, exactly; then the whole fit of
each; then an order in which nobody is always first."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, QuerySet

from accounts.models import Membership, Notification, StudentProfile, User
from marketplace.ground import clock, policy
from projects.applying.models import Application
from projects.exposing import queries as exposing
from projects.posting.models import Project
from projects.posting.queries import open_now

from . import candidates, vectors, vocabulary, words
from .fit import CLOSE_ENOUGH, Asked, Demand, Fit, Supply, fit, meaning_of, score_of, text_of, weight_of
from .keeping import project_rows, student_rows
from .models import ProjectMatch, StudentMatch
from .notices import MATCH
from .order import Candidate, fair_order
from .vocabulary import Vocabulary

NOTICES_A_WEEK = 6
COUNTED = 0.001  # the database counts shares in numbers of seven digits
POOL = (
    500  # candidates whose whole fit is computed, the best by skills; twice as many when gates leave too few
)


# --- both sides as the fit reads them --------------------------------------------------------------------
def demand_of(row: ProjectMatch, known: Vocabulary) -> Demand:
    musts = set(row.musts)
    asked = [
        Asked(
            skill,
            known.names[skill],
            skill in musts,
            known.rarity(skill),
            known.near.get(skill, {}),
            skill in known.languages,
        )
        for skill in row.skills
        if skill in known.names
    ]
    asked.sort(key=lambda one: (not one.must, -one.rarity))
    function = next(iter(vocabulary.functions(row.function)), "")
    return Demand(tuple(asked), row.known, function, row.hours, row.place)


def supply_of(row: StudentMatch, known: Vocabulary) -> Supply:
    used: dict[int, int] = {}
    for skill in row.used:
        used[skill] = used.get(skill, 0) + 1
    return Supply(
        skills=dict(zip(row.skills, row.levels, strict=True)),
        names={skill: known.names[skill] for skill in row.skills if skill in known.names},
        used=used,
        interests=vocabulary.functions(row.follows),
        hours=row.hours,
        place=row.place,
    )


def alike(
    one: ProjectMatch | StudentMatch, many: list, known: Vocabulary
) -> list[tuple[float | None, float | None]]:
    """(meaning, text) of one side with each of the other, as the fit takes them, in the order given."""
    meanings = vectors.cosines(one.vector, [other.vector for other in many])
    texts = words.cosines(bytes(one.terms), [bytes(other.terms) for other in many], known.rare_words)
    return [
        (
            None if meaning is None else meaning_of(meaning),
            text_of(float(text)) if one.terms and other.terms else None,
        )
        for meaning, text, other in zip(meanings, texts, many, strict=True)
    ]


def fits(
    one: ProjectMatch | StudentMatch, many: list, known: Vocabulary, read: list | None = None
) -> list[Fit]:
    """The fit of one side with each of the other, in the order given. All rows may be unsaved.

    read: what `alike` said of the same rows, for whoever has asked already.
    """
    if isinstance(one, ProjectMatch):
        demand = demand_of(one, known)
        pairs = [(demand, supply_of(other, known)) for other in many]
    else:
        supply = supply_of(one, known)
        pairs = [(demand_of(other, known), supply) for other in many]
    read = alike(one, many, known) if read is None else read
    return [fit(*pair, *both) for pair, both in zip(pairs, read, strict=True)]


def project_row(project: Project) -> ProjectMatch | None:
    """The stored row, or one made now; None when the posting is not open."""
    row = ProjectMatch.objects.filter(pk=project.pk).first()
    return row or next(iter(project_rows([project.pk])), None)


def student_row(profile: StudentProfile) -> StudentMatch | None:
    row = StudentMatch.objects.filter(pk=profile.pk).first()
    return row or next(iter(student_rows([profile.pk])), None)


def fit_of(project: Project, profile: StudentProfile) -> Fit | None:
    """One pair; None when the posting is closed or the account is not active."""
    row, other = project_row(project), student_row(profile)
    return fits(row, [other], vocabulary.current())[0] if row and other else None


# --- students for a project ------------------------------------------------------------------------------
def students_for(project: Project, count: int = 20, leave_out=()) -> list[tuple[StudentProfile, Fit]]:
    """Students whom an employer may find and invite, in the fair order, with the fit of each; fewer when few fit.

    leave_out: ids of accounts that are not to be in the list. Applicants and members are not in it anyway.
    """
    row = project_row(project)
    if row is None:
        return []
    found = ranked(row, count, leave_out=without(project) | set(leave_out), findable=True)
    return _with_profiles(found)


def students_to_tell(project: Project, count: int) -> list[tuple[StudentProfile, Fit]]:
    """At most `count` students who fit and were not told of it, in the fair order.

    Nobody is told of more than six projects a week, nor while as many applications are open as one may have.
    """
    row = project_row(project)
    if row is None or count < 1:
        return []
    leave_out = without(project) | exposing.told_of(project.pk) | _found_it(project)
    return _with_profiles(ranked(row, count, leave_out=leave_out, may_hear=may_hear))


def _found_it(project: Project) -> set[int]:
    """Whom a saved search of theirs has told of it at once (saved searches belong to a later room)."""
    rows = User.objects.filter(
        saved_searches__how="instant",
        saved_searches__alerts__project=project,
        saved_searches__alerts__told_at__isnull=False,
    )
    return set(rows.values_list("pk", flat=True))


def without(project: Project) -> set[int]:
    """Accounts that have to do with the project already: who applied, and members of the employer."""
    applied = Application.objects.filter(project=project).exclude(state="draft")
    members = Membership.objects.filter(organisation=project.organisation_id)
    return {*applied.values_list("student_id", flat=True), *members.values_list("user_id", flat=True)}


def may_hear(people: list[int]) -> set[int]:
    """Those of these accounts who were told of fewer than six projects this week and may still apply somewhere."""
    since, most = clock.now() - timedelta(days=7), policy.current().open_applications
    told = Notification.objects.filter(user__in=people, kind=MATCH.slug, created_at__gte=since)
    waiting = Application.objects.filter(
        student__in=people,
        state__in=("submitted", "shortlisted", "offered"),
        project__state="published",
        project__apply_by__gt=clock.now(),
    )
    full = _more_than(told, "user_id", NOTICES_A_WEEK) | _more_than(waiting, "student_id", most)
    return set(people) - full


def _more_than(rows: QuerySet, name: str, least: int) -> set[int]:
    return set(rows.order_by().values_list(name, flat=True).annotate(n=Count("pk")).filter(n__gte=least))


def ranked(row: ProjectMatch, count: int, **choice) -> list[tuple[StudentMatch, Fit]]:
    """The product's own list for one posting: gates, candidates, fit, fair order. choice: see `could_be_listed`."""
    fair = exposing.fair_order()
    people = could_be_listed(row, count, fair.strength, **choice)
    return [one.thing for one in fair_order(people, count, fair.strength, fair.on)]


def could_be_listed(
    row: ProjectMatch,
    count: int,
    freshness: float,
    *,
    leave_out=frozenset(),
    findable=False,
    may_hear=None,
    least: float = CLOSE_ENOUGH,
) -> list[Candidate]:
    """Everybody who can stand in a list of `count` for one posting, with the fit of each, in no order.

    least: the fit from which somebody is in the list. may_hear: given the accounts of the candidates, says which may be in
    it. More candidates are read when that leaves fewer than `count`, so that nobody better is passed over in silence.
    """
    known, pool = vocabulary.current(), POOL
    while True:
        rows = candidates.students(row, known, pool, freshness, leave_out=leave_out, findable=findable)
        allowed = may_hear([one.person_id for one in rows]) if may_hear else None
        kept = [one for one in rows if allowed is None or one.person_id in allowed]
        pairs = zip(kept, fits(row, kept, known), strict=True)
        scored = [(one, found) for one, found in pairs if found.speaks and found.score >= least]
        if len(scored) >= count or len(rows) < pool:
            break
        pool *= 2
    return [
        Candidate(found.score, one.recent, one.completed == 0, one.tie, (one, found)) for one, found in scored
    ]


def _with_profiles(found: list[tuple[StudentMatch, Fit]]) -> list[tuple[StudentProfile, Fit]]:
    profiles = (
        StudentProfile.objects.filter(user__is_active=True, user__suspended_at=None)
        .select_related("user")
        .prefetch_related("skills__skill")
        .in_bulk([row.pk for row, _ in found])
    )
    return [(profiles[row.pk], fit) for row, fit in found if row.pk in profiles]


# --- projects for a student ------------------------------------------------------------------------------
def projects_for(profile: StudentProfile, count: int = 4) -> list[tuple[Project, Fit]]:
    """Open postings for a student's own page, best fit first; those applied to or of one's own employer left out."""
    row = student_row(profile)
    if row is None:
        return []
    applied = Application.objects.filter(student=profile.user_id).exclude(state="draft")
    members = Membership.objects.filter(user=profile.user_id)
    found = fitting_projects(
        row,
        count + 5,  # some may have closed since
        leave_out=set(applied.values_list("project_id", flat=True)),
        employers=set(members.values_list("organisation_id", flat=True)),
    )
    projects = open_now().select_related("organisation").in_bulk([one.pk for one, _ in found])
    return [(projects[one.pk], fit) for one, fit in found if one.pk in projects][:count]


def fitting_projects(
    row: StudentMatch, count: int, *, leave_out=frozenset(), employers=frozenset()
) -> list[tuple[ProjectMatch, Fit]]:
    """The product's own list for one student: gates, candidates, fit; ties by the window that ends first.

    The whole fit is made for those alone that may still be among the first `count`: what a row cannot exceed is known
    from the share of the skills that the database counted, and that share is never below the real one.
    """
    known = vocabulary.current()
    rows = candidates.projects(row, known, POOL, leave_out=leave_out, employers=employers)
    read = alike(row, rows, known)
    most = [_at_most(row, other, known, *both) for other, both in zip(rows, read, strict=True)]
    waiting = sorted(range(len(rows)), key=lambda i: -most[i])
    scored: list[tuple[ProjectMatch, Fit]] = []
    while waiting and (len(scored) < count or most[waiting[0]] + COUNTED >= scored[count - 1][1].score):
        now, waiting = waiting[:count], waiting[count:]
        found = fits(row, [rows[i] for i in now], known, [read[i] for i in now])
        scored += [(rows[i], one) for i, one in zip(now, found, strict=True) if one.speaks]
        scored.sort(key=lambda pair: (-round(pair[1].score, 9), pair[0].apply_by, pair[0].pk))
    return scored[:count]


def _at_most(row: StudentMatch, other: ProjectMatch, known: Vocabulary, meaning, text) -> float:
    """What the score of one posting for one student cannot exceed.

    `cover` is a share of the weight that was stored with the posting, and skills weigh by how many have them today.
    Postings that came by their field alone have no `cover`, and none of the skills.
    """
    musts = set(other.musts)
    whole = sum(
        weight_of(known.rarity(skill), skill in musts) for skill in other.skills if skill in known.names
    )
    cover = min(1.0, getattr(other, "cover", 0.0) * max(other.total, 0.001) / whole) if whole else 0.0
    follows = bool(other.function & row.follows)
    return score_of(other.known if whole else 0.0, cover, meaning, text, follows)


# --- how complete the rows are -----------------------------------------------------------------------------
@dataclass(frozen=True)
class Readiness:
    """How many students and open postings can be matched (rows), and for how many meaning is not known (waiting)."""

    students: int
    students_waiting: int
    projects: int
    projects_waiting: int
    missing: int  # open postings without a row
    model: bool  # whether vectors can be made here


def readiness() -> Readiness:
    """In three queries."""

    def counted(model) -> tuple[int, int]:
        found = model.objects.aggregate(
            n=Count("pk"), late=Count("pk", filter=~Q(vector_version=vectors.VERSION))
        )
        return found["n"], found["late"]

    return Readiness(
        *counted(StudentMatch),
        *counted(ProjectMatch),
        missing=open_now().filter(match=None).count(),
        model=vectors.available(),
    )


def due_for_a_wave() -> QuerySet[Project]:
    """Open postings that may need a wave: never told, or older than a wave with few applications."""
    return (
        open_now()
        .annotate(waves=Count("match_waves", distinct=True))
        .filter(Q(waves__lt=3))
        .order_by("published_at")
    )
