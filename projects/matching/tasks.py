"""Keeping the rows of matching right and sending waves: woken when something changes, and swept so that a lost message
loses nothing. Each task may run twice, late, or at once."""

from celery import shared_task
from django.db.models import Q

from accounts.models import StudentProfile, StudentSkill
from projects.posting.models import ProjectSkill
from projects.posting.queries import open_now

from . import actions, keeping, queries, rebuilding, weighing
from .models import ProjectMatch, StudentMatch

AT_ONCE = 500


@shared_task(name="matching.tell")
def tell(project_id: int):
    keeping.keep_vectors(projects=[project_id])  # before anybody is told, so that meaning counts too
    actions.tell_fitting(project_id)


@shared_task(name="matching.project")
def project(project_id: int):
    """It is to be seen again."""
    keeping.keep_projects([project_id])
    keeping.keep_vectors(projects=[project_id])


@shared_task(name="matching.waves")
def waves():
    for pk in queries.due_for_a_wave().values_list("pk", flat=True)[:500]:
        actions.tell_fitting(pk)


@shared_task(name="matching.student")
def student(profile_id: int):
    """Something about this student has changed."""
    keeping.keep_students([profile_id])
    keeping.keep_vectors(students=[profile_id])


@shared_task(name="matching.person")
def person(user_id: int):
    """The same, by account: work has begun or ended."""
    for pk in StudentProfile.objects.filter(user=user_id).values_list("pk", flat=True):
        student(pk)


@shared_task(name="matching.skills")
def skills(changed: list[int]):
    """Skills were accepted, renamed or merged: everybody who has them, or had them, is written anew."""
    for model, rows, keep in (
        (
            StudentMatch,
            StudentSkill.objects.filter(skill__in=changed).values("student"),
            keeping.keep_students,
        ),
        (
            ProjectMatch,
            ProjectSkill.objects.filter(skill__in=changed).values("project"),
            keeping.keep_projects,
        ),
    ):
        last = 0
        touched = model.objects.filter(Q(skills__overlap=changed) | Q(pk__in=rows)).order_by("pk")
        while found := list(touched.filter(pk__gt=last).values_list("pk", flat=True)[:AT_ONCE]):
            keep(found)
            last = found[-1]


@shared_task(name="matching.sweep")
def sweep() -> int:
    """Rows that a lost message left behind, and vectors that are missing; returns how many rows were written."""
    due = StudentProfile.objects.filter(keeping.students_to_keep()).order_by("pk")
    done = keeping.keep_students(due.values_list("pk", flat=True)[:AT_ONCE])
    missing = open_now().filter(match=None).values_list("pk", flat=True)[:AT_ONCE]
    gone = rebuilding.closed().values_list("pk", flat=True)
    done += keeping.keep_projects([*missing, *gone[:AT_ONCE]])
    return done + rebuilding.missing_vectors(200)


@shared_task(name="matching.weigh")
def weigh():
    """Each night: how rare skills and words are now."""
    weighing.weigh()
