"""Students are told of projects that fit, with the reasons, once; nobody is drowned and nobody is always first."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Notification, Skill, StudentSkill
from marketplace.ground import clock
from projects.matching import actions, keeping, queries
from projects.matching.fit import Asked, Demand, Fit, Supply, fit, rarity
from projects.matching.models import MatchWave
from projects.posting.models import ProjectSkill
from tests.projects import people

names = st.lists(
    st.tuples(st.integers(1, 40), st.booleans(), st.floats(0.01, 9)),
    max_size=10,
    unique_by=lambda row: row[0],
)


def skill(name: str) -> Skill:
    return Skill.objects.get_or_create(
        slug=name, defaults={"name": name.title(), "function": "data", "state": "accepted"}
    )[0]


def student_with(*skills, name="Amara Okafor", **profile):
    user = people.student(name, **{"hours_free": 30, **profile})
    for one in skills:
        StudentSkill.objects.create(student=user.student, skill=skill(one))
    keeping.keep_students([user.student.pk])
    return user


def project_for(*skills, **changes):
    project = people.open_project(**changes)
    ProjectSkill.objects.filter(project=project).delete()
    for one in skills:
        ProjectSkill.objects.create(project=project, skill=skill(one))
    keeping.keep_projects([project.pk])
    MatchWave.objects.all().delete()
    Notification.objects.filter(kind="match").delete()
    return project


def demand(asked, **more) -> Demand:
    return Demand(tuple(Asked(key, str(key), must, rare) for key, must, rare in asked), **more)


def supply(own, **more) -> Supply:
    return Supply(dict.fromkeys(own, 1), {key: str(key) for key in own}, **more)


@given(names, st.sets(st.integers(1, 40)), st.booleans())
def test_the_score_stays_between_nothing_and_one_and_grows_with_every_skill(asked, own, follows):
    wanted, more = demand(asked, function="data"), {"interests": frozenset(["data"] if follows else [])}
    found = fit(wanted, supply(own, **more))
    assert 0 <= found.score <= 1
    assert len(found.shared) + len(found.missing) == len(asked)
    for key, *_ in asked:
        assert fit(wanted, supply(own | {key}, **more)).score >= found.score - 1e-9


def test_a_rare_skill_counts_more_than_a_common_one():
    assert rarity(2, 1000) > rarity(400, 1000) > 0


def test_the_reasons_name_what_is_shared_and_what_is_missing():
    words = Fit(0.5, shared=("Excel", "Surveys"), missing=("Tableau",)).reasons()
    assert words[0] == "You have 2 of the 3 skills: Excel, Surveys"
    assert "Tableau" in words[-1]


@pytest.mark.django_db
def test_who_fits_is_told_with_the_reasons_and_who_does_not_is_left_alone():
    project = project_for("excel", "surveys")
    close, far = student_with("excel", "surveys"), student_with("welding", name="Far")
    assert actions.tell_fitting(project.pk) == 1
    told = Notification.objects.get(kind="match")
    assert told.user == close
    assert "You have 2 of the 2 skills" in told.body
    assert not Notification.objects.filter(user=far).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["no hours", "not permitted", "applied", "suspended"])
def test_a_gate_is_never_passed(how):
    project = project_for("excel", work_authorisation=how == "not permitted")
    user = student_with(
        "excel", hours_free=0 if how == "no hours" else 30, may_work="no" if how == "not permitted" else "yes"
    )
    if how == "applied":
        people.apply(project, user)
    if how == "suspended":
        type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert actions.tell_fitting(project.pk) == 0


@pytest.mark.django_db
def test_the_same_wave_goes_out_once_and_the_next_only_while_few_apply():
    project = project_for("excel")
    student_with("excel")
    assert (actions.tell_fitting(project.pk), actions.tell_fitting(project.pk)) == (1, 0)
    newcomer = student_with("excel", name="Newcomer")
    clock.advance(timedelta(days=2, hours=1))
    assert actions.tell_fitting(project.pk) == 1
    assert Notification.objects.filter(kind="match", user=newcomer).count() == 1
    assert Notification.objects.filter(kind="match").count() == 2


@pytest.mark.django_db
def test_nobody_is_told_of_more_than_six_projects_a_week():
    user = student_with("excel")
    for number in range(queries.NOTICES_A_WEEK):
        Notification.objects.create(
            user=user, kind="match", thing=f"t:{number}", title="x", created_at=clock.now()
        )
    project = people.open_project()
    ProjectSkill.objects.filter(project=project).delete()
    ProjectSkill.objects.create(project=project, skill=skill("excel"))
    keeping.keep_projects([project.pk])
    MatchWave.objects.all().delete()
    assert actions.tell_fitting(project.pk) == 0


@pytest.mark.django_db
def test_a_hidden_or_closed_posting_tells_nobody():
    project = project_for("excel")
    student_with("excel")
    type(project).objects.filter(pk=project.pk).update(paused_at=clock.now())
    assert actions.tell_fitting(project.pk) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("count", [10, 60])
def test_finding_students_costs_the_same_however_many_there_are(count, django_assert_max_num_queries):
    project = project_for("excel")
    for number in range(count):
        student_with("excel", name=f"Student {number}")
    with django_assert_max_num_queries(16):
        assert len(queries.students_to_tell(project, 20)) == min(20, count)


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_tell_each_student_once():
    project = project_for("excel")
    for number in range(6):
        student_with("excel", name=f"Student {number}")
    barrier = threading.Barrier(4)

    def work():
        try:
            barrier.wait()
            actions.tell_fitting(project.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Notification.objects.filter(kind="match").count() == 6
    assert MatchWave.objects.count() == 1


@pytest.mark.django_db
def test_the_page_of_a_project_says_what_fits_and_what_is_missing(client):
    project = project_for("excel", "surveys")
    url = f"/projects/{project.public_id}/"
    assert "They also ask for" not in client.get(url).content.decode()
    client.force_login(student_with("excel"))
    page = client.get(url).content.decode()
    assert "<mark>Excel</mark>" in page
    assert "They also ask for Surveys" in page
    client.force_login(student_with("welding", name="Far"))
    assert "They also ask for" not in client.get(url).content.decode()
