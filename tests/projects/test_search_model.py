"""The read model is in step with every verb, and nothing that is closed or hidden is listed anywhere."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.urls import reverse

from accounts.employers import actions as employers
from accounts.skills import actions as skills
from accounts.skills.models import Skill
from marketplace.ground import clock
from projects.applying.actions.common import count as count_application
from projects.posting import actions
from projects.posting.models import Project
from projects.search import queries, reading, rebuilding, tasks, words
from projects.search.models import OpenProject

from .postings import in_review, moderator, organisation, person, published, rows, student

BROWSE = "/projects/"


def listed() -> set[int]:
    return set(queries.browse({}, None).ids)


def in_step() -> bool:
    """Whether the read model is what the projects say."""
    return rebuilding.compare()["wrong"] == 0


@pytest.fixture
def halden(db):
    return organisation(person())


@pytest.fixture
def owner(halden):
    return halden.memberships.get().user


# --- every verb ------------------------------------------------------------------------------------------------
def test_a_project_is_listed_once_it_is_published_and_not_before(owner, halden):
    project = in_review(owner, halden)
    assert listed() == set()
    actions.publish_project(by=moderator(), project=project)
    assert listed() == {project.pk}
    assert in_step()


def test_a_closed_project_is_gone(owner, halden):
    project = published(owner, halden)
    actions.close_project(by=owner, project=project, reason="cancelled")
    assert listed() == set()
    assert in_step()


def test_a_removed_project_is_gone(owner, halden):
    project = published(owner, halden)
    actions.remove_project(by=moderator(), project=project, reasons="It is a trick.")
    assert listed() == set()


def test_a_paused_project_is_gone_and_comes_back(owner, halden):
    project, reader = published(owner, halden), moderator()
    actions.pause_project(by=reader, project=project, reasons="Somebody reported it.")
    assert listed() == set()
    actions.resume_project(by=reader, project=project)
    assert listed() == {project.pk}
    assert OpenProject.objects.get().apply_by == Project.objects.get().apply_by
    assert in_step()


def test_a_longer_window_shows_on_the_card(owner, halden):
    project = published(owner, halden)
    actions.extend_window(by=owner, project=project)
    assert OpenProject.objects.get().apply_by == project.apply_by
    assert in_step()


def test_a_project_is_gone_the_moment_its_window_ends(owner, halden):
    published(owner, halden)
    clock.advance(timedelta(days=8))
    assert listed() == set(), "nobody has run a clock yet"
    assert rebuilding.compare()["over"] == 1
    assert not OpenProject.objects.exists()


def test_a_full_project_is_gone_and_comes_back_when_somebody_steps_back(owner, halden):
    project = published(owner, halden)
    clock.advance(timedelta(hours=80))
    project.application_count = project.application_cap - 1
    Project.objects.filter(pk=project.pk).update(application_count=project.application_count)
    count_application(project, +1)
    assert listed() == set()
    count_application(project, -1)
    assert listed() == {project.pk}
    assert OpenProject.objects.get().application_count == project.application_cap - 1


def test_in_the_first_days_a_full_project_stays_until_the_lot_is_drawn(owner, halden):
    project = published(owner, halden)
    Project.objects.filter(pk=project.pk).update(application_count=project.application_cap)
    project.refresh_from_db()
    count_application(project, +1)
    assert listed() == {project.pk}
    clock.advance(timedelta(hours=73))
    assert listed() == set()


def test_a_suspended_employer_is_gone_from_the_lists_and_comes_back(owner, halden):
    project, reader = published(owner, halden), moderator()
    employers.suspend_organisation(by=reader, organisation=halden, reason="A complaint")
    assert listed() == set()
    employers.lift_suspension(by=reader, organisation=halden)
    assert listed() == {project.pk}
    assert in_step()


def test_a_new_name_of_the_employer_is_on_the_card_and_found(client, owner, halden):
    published(owner, halden)
    employers.update_organisation(by=owner, organisation=halden, name="Northgate Bikes")
    assert "Northgate Bikes" in client.get(BROWSE).content.decode()
    assert queries.browse({"q": "northgate"}, None).rows
    assert not queries.browse({"q": "halden"}, None).rows


def test_a_proposed_skill_finds_its_projects_once_it_is_accepted(owner, halden):
    published(owner, halden)
    skill = Skill.objects.get(slug="survey-design")
    assert OpenProject.objects.get().skill_ids == []
    skills.accept_skill(by=moderator(), skill=skill, function="research", aliases=["Polling"])
    assert OpenProject.objects.get().skill_ids == [skill.pk]
    assert queries.browse({"q": "polling"}, None).rows


def test_what_a_transaction_takes_back_was_never_listed(owner, halden):
    with transaction.atomic():
        published(owner, halden)
        transaction.set_rollback(True)
    assert listed() == set()


# --- drift and rebuilding --------------------------------------------------------------------------------------
def test_the_comparison_finds_and_mends_what_differs(halden):
    missing, extra, wrong = rows(3, halden)
    OpenProject.objects.filter(pk=missing.pk).delete()
    OpenProject.objects.filter(pk=wrong.pk).update(net_pay=1)
    Project.objects.filter(pk=extra.pk).update(state="closed", closed_reason="cancelled")
    assert rebuilding.compare()["wrong"] == 3
    assert listed() == {missing.pk, wrong.pk}
    assert rebuilding.compare()["wrong"] == 0


def test_a_worker_that_starts_fills_lists_that_were_never_made(halden, monkeypatch):
    woken = []
    monkeypatch.setattr(tasks, "nudge", woken.append)
    tasks.fill_when_empty()
    made = rows(2, halden)
    tasks.fill_when_empty()
    assert woken == []
    OpenProject.objects.all().delete()
    tasks.fill_when_empty()
    assert woken == ["search.compare"]
    tasks.compare()
    assert listed() == {project.pk for project in made}


@pytest.mark.django_db(transaction=True)
def test_a_rebuilt_table_holds_the_same_rows_and_takes_up_what_an_interrupted_run_left():
    made = rows(25, organisation())
    before = list(OpenProject.objects.order_by("pk").values())
    OpenProject.objects.filter(pk=made[3].pk).delete()
    rebuilding.rebuild()
    assert list(OpenProject.objects.order_by("pk").values()) == before
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass('projects_openproject_next'), to_regclass('projects_openproject_rtsv')"
        )
        assert cursor.fetchone() == (None, "projects_openproject_rtsv")


# --- two at once ------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_closing_and_a_lifted_suspension_at_once_leave_nothing_behind():
    owner = person()
    halden, reader = organisation(owner), moderator()
    project = published(owner, halden)
    employers.suspend_organisation(by=reader, organisation=halden, reason="A complaint")
    start, errors = threading.Barrier(2), []

    def act(verb):
        try:
            start.wait(10)
            verb()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=act, args=[verb])
        for verb in (
            lambda: actions.close_project(by=None, project=Project.objects.get(), reason="expired"),
            lambda: employers.lift_suspension(by=reader, organisation=halden),
        )
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not errors
    assert Project.objects.get().state == "closed"
    assert listed() == set()
    assert not OpenProject.objects.filter(pk=project.pk).exists()


# --- words -------------------------------------------------------------------------------------------------------
def test_a_slip_finds_what_was_meant_and_says_so(client, owner, halden):
    published(owner, halden)
    rebuilding.rebuild_words()
    asked = words.read("helmtes")
    assert asked.instead == "helmets"
    page = client.get(BROWSE + "?q=helmtes").content.decode()
    assert "what you may have meant" in page
    assert "Find out why first-time riders" in page


def test_the_box_suggests_skills_and_words(client, owner, halden):
    Skill.objects.create(slug="helm", name="Helmsmanship", function="operations", state="accepted")
    published(owner, halden)
    rebuilding.rebuild_words()
    page = client.get(reverse("search:words") + "?q=helm").content.decode()
    assert page.index("Helmsmanship") < page.index("helmets")
    assert client.get(reverse("search:words") + "?q=%25%5F%27").status_code == 200


def test_a_query_that_takes_too_long_is_a_page_that_asks_to_narrow_it_down(client, halden, monkeypatch):
    rows(3, halden)

    def slow(*_):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr("projects.search.listing.ranked", slow)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.SEARCH_TIMEOUT_MS", 50)
        page = client.get(BROWSE + "?q=project")
    assert page.status_code == 200
    assert "Narrow this down" in page.content.decode()
    assert client.get(BROWSE).status_code == 200


def test_hearts_are_those_of_whoever_looks(client, halden):
    first, second = rows(2, halden)
    reader = student()
    reader.bookmarks.create(project=first)
    client.force_login(reader)
    page = client.get(BROWSE).content.decode()
    assert page.count('aria-pressed="true"') == 1
    assert f"{first.public_id}/save/?saved=0" in page
    assert f"{second.public_id}/save/?saved=1" in page


def test_the_lock_of_one_project_is_not_that_of_another(halden):
    made = rows(2, halden)
    with connection.cursor() as cursor:
        reading.lock(cursor, [project.pk for project in made])
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone()[0] == 2
