"""Making the market: everything in one transaction, so that a broken run leaves nothing behind."""

from collections.abc import Callable

import numpy
from django.core.management import call_command, get_commands
from django.db import connection, transaction

from accounts.models import Organisation, User
from accounts.skills.actions import load_skills
from marketplace.ground import clock
from marketplace.ground.errors import WrongMoment
from projects.models import Project

from ..copying import unchecked, without_indexes
from .people import make_employers, make_students
from .postings import make_postings
from .skills import Skills
from .words import sentences

PROJECTS_EACH = 25  # of an employer, on average
OPTIONS = {"rebuild_matching": {"without_vectors": True}}  # a second for a hundred texts
LARGE = 20_000  # from here on indexes are built once at the end
TABLES = (
    *("accounts_user", "accounts_studentprofile", "accounts_studentskill", "accounts_organisation"),
    *("accounts_membership", "projects_project", "projects_projectskill", "projects_plannedmilestone"),
)


def make_market(
    *,
    projects: int,
    students: int,
    opened: int | None = None,
    seed: int = 1,
    force: bool = False,
    read_models: bool = True,
    say: Callable = print,
) -> None:
    """`projects` postings, of which the newest `opened` are open (all unless said), and `students` students.

    The same seed on the same day makes the same market. Raises `WrongMoment` when there are people or postings already,
    unless `force`d; then the market is added beside them.
    """
    opened = projects if opened is None else min(opened, projects)
    if not force and (User.objects.exists() or Project.objects.exists()):
        raise WrongMoment(
            "There are people or postings in this database already. Use an empty one, or say --force."
        )
    now = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    random = numpy.random.default_rng(seed)
    with transaction.atomic(), unchecked():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        load_skills()
        skills, said = Skills(random), sentences(random)
        user, employer = _next(User), _next(Organisation)
        employers = max(1, projects // PROJECTS_EACH)
        with without_indexes(*TABLES, when=max(projects, students) >= LARGE):
            make_employers(employers, user, employer, random, now, seed)
            say(f"{employers:,} employers")
            first = user + employers
            make_students(students, first, skills, said, now, seed)
            say(f"{students:,} students")
            ids = range(employer, employer + employers), range(user, user + employers)
            make_postings(projects, opened, _next(Project), *ids, skills, said, now, seed)
            say(f"{projects:,} postings, {opened:,} of them open")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE " + ", ".join(TABLES))
    for command in ("rebuild_matching", "rebuild_search") if read_models else ():
        if command in get_commands():
            call_command(command, **OPTIONS.get(command, {}))
            say(f"{command}: done")


def _next(model) -> int:
    return 1 + (model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0)
