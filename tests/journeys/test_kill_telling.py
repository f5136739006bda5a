"""The worker dies while students are told of a publication: each hears of it once, whatever runs again."""

from collections import Counter
from contextlib import contextmanager

import psycopg2
import pytest

from .test_finding import SETUP
from .test_kill import kill, pids

pytestmark = [pytest.mark.xdist_group("site")]

# Twelve who fit, of whom four keep a search that finds it too; eight who only keep a search.
CROWD = """
from django.http import QueryDict
from projects.alerting.actions import save_search
employer = person("Kira Kill", "kira-kill@example.com")
organisation, _ = Organisation.objects.get_or_create(name="Kira Works", defaults=dict(
    proven_at=clock.now(), verified_at=clock.now()))
Membership.objects.get_or_create(organisation=organisation, user=employer, defaults=dict(role="owner"))
for n in range(20):
    user = person(f"Told {{n}}", f"told{{n:02}}-{run}@example.com")
    profile = create_profile(by=user, hours_free=30)
    if n < 12:
        for name in ("Survey design", "Interviewing"):
            StudentSkill.objects.get_or_create(student=profile, skill=Skill.objects.get(name=name))
        keeping.keep_students([profile.pk])
    if n >= 8:
        save_search(by=user, params=QueryDict("q=%22{run}%22"), how="instant")
project = postings.in_review(employer, organisation, title="Ask riders of {run} why they stay away")
print(project.pk)
"""
PUBLISH = """
import django; django.setup()
from accounts.models import User
from projects.posting import actions
from projects.posting.models import Project
actions.publish_project(by=User.objects.get(email="moderator@example.com"), project=Project.objects.get(pk={pk}))
"""
AGAIN = """
import django; django.setup()
from marketplace.celery import app
from projects.posting.models import Project
from projects.posting.signals import project_published
for _ in range(3):
    app.send_task("matching.tell", args=[{pk}])
    app.send_task("alerting.run", args=[{pk}])
project_published.send(sender=Project, project=Project.objects.get(pk={pk}))
"""
HIDE_AND_SHOW = """
import django; django.setup()
from accounts.models import User
from projects.posting import actions
from projects.posting.models import Project
moderator = User.objects.get(email="moderator@example.com")
project = Project.objects.get(pk={pk})
actions.pause_project(by=moderator, project=project, reasons="A look at it")
actions.resume_project(by=moderator, project=project)
"""


@contextmanager
def held(site, statement: str, *values):
    """A transaction of somebody else that has done `statement` and does not end."""
    connection = psycopg2.connect(dbname=site.database, **site.dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
        yield
    finally:
        connection.rollback()
        connection.close()


def stands_still(site, query: str) -> bool:
    """Whether a statement that begins like `query` waits for somebody's lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(site.sql(f"{waiting} AND ltrim(query, E' \\n') LIKE %s", f"{query}%")[0][0])


def told(site, pk: int, run: str) -> Counter:
    """How many notices of the project each of the crowd has."""
    rows = site.sql(
        "SELECT u.email FROM accounts_notification n JOIN accounts_user u ON u.id = n.user_id "
        "WHERE n.thing = %s AND u.email LIKE %s",
        f"projects.project:{pk}",
        f"told%-{run}@example.com",
    )
    return Counter(email for (email,) in rows)


def mails(site, address: str, run: str) -> set[str]:
    """The mails about the project that left for `address`; one that left twice has the same id."""
    return {
        str(m["Message-ID"]) for m in site.mails_to(address) if f"riders of {run} why" in str(m["Subject"])
    }


# What the worker waits for at its commit when it is killed: an account that somebody else holds.
ACCOUNT = "SELECT id FROM accounts_user WHERE email = %s FOR UPDATE"


def test_each_student_is_told_once_although_the_worker_dies_while_telling(site):
    run = "commit"
    site.until(lambda: pids(site, "worker"), why="a worker")
    pk = int(site.python(SETUP + CROWD.format(run=run)).split()[-1])
    everybody = {f"told{n:02}-{run}@example.com" for n in range(20)}
    with held(site, ACCOUNT, f"told05-{run}@example.com"):
        site.python(PUBLISH.format(pk=pk))
        site.until(lambda: stands_still(site, "COMMIT"), why="the telling stands still half-way")
        before = pids(site, "worker")
        assert kill(site, "worker")
    site.until(lambda: pids(site, "worker") not in ([], before), why="another worker")
    site.wake("matching.waves", "alerting.sweep")  # as beat does every five minutes
    site.until(lambda: set(told(site, pk, run)) == everybody, why="everybody is told")

    site.python(AGAIN.format(pk=pk))
    site.wake("matching.waves", "alerting.sweep", "notifications.send_mail")
    site.until(lambda: all(mails(site, one, run) for one in everybody), why="every mail has left")
    assert told(site, pk, run) == Counter(everybody)  # each once, those whom two ways find as well

    site.python(HIDE_AND_SHOW.format(pk=pk))
    site.python(AGAIN.format(pk=pk))
    last = site.python(SETUP + CROWD.format(run=f"{run}after")).split()[
        -1
    ]  # told after all that stood in the queue
    site.python(PUBLISH.format(pk=last))
    site.until(lambda: len(told(site, int(last), f"{run}after")) >= 12, why="the queue is empty")
    assert {one: len(mails(site, one, run)) for one in everybody} == dict.fromkeys(everybody, 1)
