"""What a process knows of the numbers stays exact, whoever commits when and whatever is swept or made anew."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from accounts.skills.models import Skill
from marketplace.ground import clock
from projects.posting.models import Project, ProjectSkill
from projects.search import counting, filters, kept, reading, rebuilding, tally, tasks
from projects.search.models import OpenProject

from .postings import organisation, rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def keeping(settings):
    """As on a site: what is known is kept."""
    settings.SEARCH_KEPT_SECONDS = 60
    kept.forget()
    tally.forget()
    yield
    kept.forget()
    tally.forget()


def total(**params) -> int:
    f = filters.read(params)
    skills = list(Skill.objects.filter(slug__in=f.skills).values_list("pk", flat=True))
    return counting.count(f, None, skills, None).total


def elsewhere(act) -> None:
    """Run `act` to its end over a connection of its own."""

    def run():
        try:
            act()
        finally:
            connections.close_all()

    other = threading.Thread(target=run)
    other.start()
    other.join(20)


def unlist(*projects) -> None:
    Project.objects.filter(pk__in=[project.pk for project in projects]).update(
        state="closed", closed_reason="cancelled"
    )
    reading.refresh([project.pk for project in projects])


def loads(monkeypatch) -> list:
    """Grows by one each time everything is counted from the start."""
    seen, first = [], tally._asked

    def asked(known, skills):
        if not known.known:
            seen.append(1)
        return first(known, skills)

    monkeypatch.setattr(tally, "_asked", asked)
    return seen


def test_what_is_listed_and_unlisted_is_counted_without_counting_everything_again(monkeypatch):
    loaded = loads(monkeypatch)
    halden = organisation()
    first = rows(5, halden)
    assert total() == 5
    more = rows(3, halden, function="design")
    assert (total(), total(function="design")) == (8, 3)
    elsewhere(lambda: unlist(first[0], more[0]))
    assert (total(), total(function="design")) == (6, 2)
    Project.objects.filter(pk=more[1].pk).update(function="policy")
    reading.refresh([more[1].pk])
    assert (total(function="design"), total(function="policy")) == (1, 1)
    assert len(loaded) == 1


def test_a_transaction_that_commits_after_later_ones_is_counted_then(monkeypatch):
    loaded = loads(monkeypatch)
    halden = organisation()
    first, second, third = rows(3, halden)
    assert total() == 3
    began, go_on = threading.Event(), threading.Event()

    def slowly():
        try:
            with transaction.atomic():
                unlist(first)
                began.set()
                go_on.wait(20)
        finally:
            connections.close_all()

    slow = threading.Thread(target=slowly)
    slow.start()
    began.wait(20)
    assert total() == 3
    elsewhere(lambda: unlist(second))
    assert total() == 2
    go_on.set()
    slow.join(20)
    assert total() == 1
    assert len(loaded) == 1


def test_what_is_taken_back_was_never_counted():
    rows(2, organisation())
    assert total() == 2
    with transaction.atomic():
        unlist(Project.objects.first())
        assert total() == 1, "whoever changed it sees it"
        transaction.set_rollback(True)
    assert total() == 2


def test_a_row_whose_window_has_ended_is_not_counted_before_and_after_it_is_swept():
    made = rows(4, organisation())
    assert total() == 4
    ended = clock.now() - timedelta(minutes=1)
    Project.objects.filter(pk=made[0].pk).update(apply_by=ended)
    OpenProject.objects.filter(pk=made[0].pk).update(apply_by=ended, listed_until=ended)
    assert total() == 3
    assert tasks.sweep() == 1
    assert OpenProject.objects.count() == 3
    assert total() == 3


def test_projects_with_several_of_the_chosen_skills_count_once():
    made = rows(4, organisation())
    excel, python, welding = (
        Skill.objects.create(slug=name, name=name, function="data", state="accepted")
        for name in ("excel", "python", "welding")
    )
    for project, skills in zip(
        made, ((excel, python, welding), (excel, python), (welding,), ()), strict=True
    ):
        ProjectSkill.objects.bulk_create(ProjectSkill(project=project, skill=skill) for skill in skills)
    assert total() == 4
    reading.refresh([project.pk for project in made])
    assert total(skill=["excel", "python"]) == 2
    assert total(skill=["excel", "python", "welding"]) == 3
    OpenProject.objects.filter(pk=made[0].pk).update(listed_until=clock.now() - timedelta(minutes=1))
    assert total(skill=["excel", "python", "welding"]) == 2


def test_a_table_made_anew_is_counted_anew_and_its_changes_too():
    made = rows(3, organisation())
    OpenProject.objects.filter(pk=made[0].pk).delete()
    assert total() == 2
    rebuilding.rebuild()
    assert total() == 3
    unlist(made[1])
    assert total() == 2


def test_changes_are_forgotten_long_after_everybody_has_read_them():
    rows(2, organisation())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projects_openchange SET made = now() - interval '25 hours' WHERE cell >= 0")
    unlist(Project.objects.first())
    tasks.sweep()
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(sign) FROM projects_openchange")
        assert cursor.fetchone()[0] == [-1]
