"""Students are told of projects that fit, with the reasons, once; nobody is drowned and nobody is always first."""

import threading
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from accounts.employers import actions as employers
from accounts.models import Mail, Notification, Skill, StudentSkill
from accounts.skills import actions as skill_actions
from accounts.users.models import User
from marketplace.ground import clock
from projects.alerting import actions as searches
from projects.hiring import actions as hiring
from projects.matching import actions, digest, keeping, queries, tasks, vectors, vocabulary
from projects.matching.fit import Asked, Demand, Fit, Supply, fit, rarity
from projects.matching.models import MatchWave, ProjectMatch, StudentMatch
from projects.matching.order import Candidate, fair_order
from projects.posting import actions as posting
from projects.posting.models import ProjectSkill
from tests.accounts.test_fanout import at_noon
from tests.projects import people, postings

names = st.lists(
    st.tuples(st.integers(1, 40), st.booleans(), st.floats(0.01, 9)),
    max_size=10,
    unique_by=lambda row: row[0],
)


def at_night() -> None:
    """23:00 in UTC, where everybody lives: mails wait for the morning."""
    at_noon()
    clock.advance(timedelta(hours=11))


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


def test_what_was_used_here_and_is_not_listed_is_no_gap():
    found = Fit(0.5, shared=("SQL",), missing=("Excel", "Tableau"), used=(("Excel", 2),))
    assert found.reasons()[1:] == [
        "You used Excel in two projects here; your profile does not list it yet",
        "They also ask for Tableau",
    ]
    assert found.reasons(employer=True)[1:] == [
        "Used Excel in two projects here, but does not list it",
        "Does not list Tableau",
    ]


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


@pytest.mark.django_db
@pytest.mark.parametrize("count", [2, 30])
def test_making_the_rows_of_students_costs_the_same_however_many_there_are(
    count, django_assert_max_num_queries
):
    people = [student_with("excel", name=f"Student {number}") for number in range(count)]
    vocabulary.current()
    with django_assert_max_num_queries(10):
        assert len(keeping.student_rows([one.student.pk for one in people])) == count


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


@pytest.mark.django_db
def test_school_name_and_birthday_never_change_a_list():
    project, user = project_for("excel", "surveys"), student_with("excel")
    before = queries.fit_of(project, user.student)
    user.name, user.date_of_birth = "Somebody Else", "1990-05-05"
    user.save()
    user.student.programme, user.student.graduates_in = "Law", 2031
    user.student.save()
    keeping.keep_students([user.student.pk])
    assert queries.fit_of(project, user.student) == before


@pytest.mark.django_db
def test_both_directions_give_the_same_fit():
    project, user = project_for("excel", "surveys"), student_with("excel", open_to_invitations=True)
    ((profile, one),) = queries.students_for(project, 5)
    ((found, other),) = queries.projects_for(user.student, 5)
    assert (profile, found) == (user.student, project)
    assert one.score == pytest.approx(other.score, abs=1e-6)
    assert one.score == pytest.approx(queries.fit_of(project, user.student).score, abs=1e-6)
    assert one.reasons(employer=True)[0] == "Has 1 of the 2 skills: Excel"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "profile"),
    [("min_age", 60, {}), ("only_school_id", None, {}), ("location", "Halden, NY", {"place": "Oslo"})],
)
def test_age_and_place_are_gates_both_ways(field, value, profile):
    project = project_for("excel")
    user = student_with("excel", open_to_invitations=True, **profile)
    if field == "location":
        project.location_mode = "onsite"
    setattr(project, field, value)
    project.save()
    keeping.keep_projects([project.pk])
    listed = value is None
    assert bool(queries.students_for(project, 5)) is listed
    assert bool(queries.projects_for(user.student, 5)) is listed


@pytest.mark.django_db
def test_who_speaks_other_languages_is_not_asked_for_this_one_and_who_said_nothing_is():
    for name in ("spanish", "french"):
        skill(name)
    Skill.objects.filter(slug__in=("spanish", "french")).update(kind="language")
    project = project_for("excel", "spanish")
    student_with("excel", "french", open_to_invitations=True, name="French")
    silent = student_with("excel", open_to_invitations=True, name="Silent")
    ((profile, found),) = queries.students_for(project, 5)
    assert profile == silent.student
    assert "They ask for Spanish, you did not say" in found.reasons()


@pytest.mark.django_db
def test_a_merged_skill_moves_with_everybody_who_has_it():
    moderator = User.objects.create_user("m@example.org", "x", name="M", is_staff=True)
    project = project_for("excel", "spreadsheets")
    both, one = student_with("excel", "spreadsheets"), student_with("spreadsheets", name="One")
    old = skill("spreadsheets")
    gone = old.pk
    kept = skill_actions.merge_skill(by=moderator, skill=old, into="excel")
    assert "Spreadsheets" in kept.aliases
    assert not Skill.objects.filter(pk=gone).exists()
    for user in (both, one):
        assert [row.skill for row in user.student.skills.all()] == [kept]
    assert [row.skill for row in project.project_skills.all()] == [kept]
    tasks.skills([gone, kept.pk])
    assert StudentMatch.objects.get(pk=one.student.pk).skills == [kept.pk]
    assert ProjectMatch.objects.get(pk=project.pk).skills == [kept.pk]


@pytest.mark.django_db
def test_the_digest_finds_what_the_list_finds():
    project, user = project_for("excel"), student_with("excel")
    student_with("excel", name="Busy", hours_free=0)
    board = digest.board(vocabulary.current())
    found = dict(digest.best(board, digest.everybody()))
    assert list(found) == [user.student.pk]
    assert [pk for pk, _ in found[user.student.pk]] == [project.pk]


@pytest.mark.django_db
def test_a_sweep_finds_what_a_lost_message_left_behind():
    project, user = project_for("excel"), student_with("excel")
    StudentMatch.objects.all().delete()
    ProjectMatch.objects.all().delete()
    tasks.sweep()
    assert StudentMatch.objects.filter(pk=user.student.pk).exists()
    assert ProjectMatch.objects.filter(pk=project.pk).exists()
    type(project).objects.filter(pk=project.pk).update(paused_at=clock.now())
    tasks.sweep()
    assert not ProjectMatch.objects.exists()


@pytest.mark.skipif(not vectors.available(), reason="the group embeddings is not installed")
def test_meaning_brings_close_words_together():
    one, many = vectors.encode(["Survey design"])[0], vectors.encode(["Questionnaires", "Welding of pipes"])
    near, far = vectors.cosines(one, many)
    assert near > far


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 20), st.booleans(), st.integers()), max_size=40),
    st.integers(1, 20),
    st.floats(0, 0.4),
)
def test_the_fair_order_loses_nobody_and_keeps_the_newcomers_share(people_, count, freshness):
    rows = [Candidate(*row) for row in people_]
    chosen = fair_order(rows, count, freshness)
    assert len(chosen) == min(count, len(rows)) == len({id(one) for one in chosen})
    if rows:
        enough = 0.6 * max(one.score for one in rows)
        qualified = [one for one in rows if one.score >= enough]
        share = min(0.5, sum(one.newcomer for one in qualified) / len(qualified))
        least = min(int(len(chosen) * share), sum(one.newcomer for one in qualified))
        assert sum(one.newcomer for one in chosen) >= least
    plain = fair_order(rows, count, 0, floor=False)
    assert [one.score for one in plain] == sorted((one.score for one in rows), reverse=True)[:count]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_a_slow_worker_never_writes_an_older_reading_over_a_newer_one(turn, monkeypatch):
    """The first worker has read the skills; a skill is added; the second worker writes; then the first goes on."""
    user = student_with("excel")
    has_read, added = threading.Event(), threading.Event()
    packed = keeping.words.pack

    def slow(text):
        if not has_read.is_set():
            has_read.set()
            added.wait(1.5)  # as long as the second worker would need, if it did not have to wait
        return packed(text)

    monkeypatch.setattr(keeping.words, "pack", slow)

    def first():
        try:
            keeping.keep_students([user.student.pk])
        finally:
            connection.close()

    def second():
        try:
            has_read.wait(10)
            StudentSkill.objects.create(student=user.student, skill=skill("surveys"))
            keeping.keep_students([user.student.pk])
            added.set()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(StudentMatch.objects.get(pk=user.student.pk).skills) == sorted(
        [skill("excel").pk, skill("surveys").pk]
    )


@pytest.mark.django_db
def test_a_vector_of_an_older_text_is_thrown_away(monkeypatch):
    user = student_with("excel")

    def encode(texts):
        keeping.keep_students([user.student.pk])  # somebody else writes the row while the model thinks
        return [b"\0" * 256 for _ in texts]

    monkeypatch.setattr(vectors, "available", lambda: True)
    monkeypatch.setattr(vectors, "encode", encode)
    assert keeping.keep_vectors(students=[user.student.pk]) == 0
    row = StudentMatch.objects.get(pk=user.student.pk)
    assert (row.vector, row.vector_version) == (None, 0)
    monkeypatch.setattr(vectors, "encode", lambda texts: [b"\0" * 256 for _ in texts])
    tasks.sweep()
    row.refresh_from_db()
    assert row.vector_version == vectors.VERSION


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["suspended", "paused", "closed"])
def test_notices_that_wait_are_called_off_when_the_project_goes_out_of_sight(how):
    at_night()
    project, user = project_for("excel"), student_with("excel")
    User.objects.update(zone="UTC")
    assert actions.tell_fitting(project.pk) == 1
    mail = Mail.objects.get(kind="match", user=user)
    assert mail.state == "pending"
    assert mail.send_after > clock.now()
    if how == "suspended":
        employers.suspend_organisation(
            by=postings.moderator(), organisation=project.organisation, reason="Asked"
        )
    elif how == "paused":
        posting.pause_project(by=postings.moderator(), project=project, reasons="Reported")
    else:
        posting.close_project(by=project.member, project=project, reason="cancelled")
    mail.refresh_from_db()
    assert mail.state == "cancelled"
    assert not Notification.objects.filter(kind="match").exists()
    assert not ProjectMatch.objects.filter(pk=project.pk).exists()
    assert actions.tell_fitting(project.pk) == 0


@pytest.mark.django_db
def test_a_project_that_is_seen_again_is_listed_again_and_told_to_nobody_twice():
    project, moderator = project_for("excel"), postings.moderator()
    first, second = student_with("excel"), student_with("excel", name="Second", hours_free=0)
    assert actions.tell_fitting(project.pk) == 1
    employers.suspend_organisation(by=moderator, organisation=project.organisation, reason="Asked")
    assert queries.projects_for(first.student) == []
    employers.lift_suspension(by=moderator, organisation=project.organisation)
    tasks.project(project.pk)
    assert [one.pk for one, _ in queries.projects_for(first.student)] == [project.pk]
    second.student.hours_free = 30
    second.student.save()
    keeping.keep_students([second.student.pk])
    clock.advance(timedelta(days=2, hours=1))
    assert actions.tell_fitting(project.pk) == 1
    assert [row.user for row in Notification.objects.filter(kind="match")] == [second]


@pytest.mark.django_db
@pytest.mark.parametrize("first", ["search", "matching"])
def test_a_match_that_a_saved_search_finds_too_is_told_once(first):
    project, user = project_for("excel"), student_with("excel")
    searches.save_search(by=user, params=QueryDict(""), how="instant")
    steps = [lambda: searches.run_searches(project.pk), lambda: actions.tell_fitting(project.pk)]
    for step in steps if first == "search" else reversed(steps):
        step()
    told = Notification.objects.filter(user=user, kind__in=("match", "saved-search"))
    assert [row.kind for row in told] == ["saved-search" if first == "search" else "match"]
    assert Mail.objects.filter(user=user, kind__in=("match", "saved-search")).count() == 1


@pytest.mark.django_db
def test_a_daily_mail_leaves_out_what_was_sent_as_a_match():
    known, user = project_for("excel"), student_with("excel")
    searches.save_search(by=user, params=QueryDict(""), how="daily")
    searches.run_searches(known.pk)
    assert actions.tell_fitting(known.pk) == 1
    clock.advance(timedelta(days=1, minutes=5))
    assert searches.send_due() == 0
    other = project_for("welding")
    searches.run_searches(other.pk)
    clock.advance(timedelta(days=1, minutes=5))
    assert searches.send_due() == 1
    mail = Mail.objects.get(user=user, kind="saved-search")
    assert mail.text.count("/projects/" + other.public_id)
    assert known.public_id not in mail.text


@pytest.mark.django_db
def test_an_accepted_offer_wakes_matching_and_takes_hours(django_capture_on_commit_callbacks):
    project, user = project_for("excel", "surveys"), student_with("excel")
    application = people.apply(project, user)
    offer = people.offer(application)
    free = StudentMatch.objects.get(person_id=user.pk).hours
    with (
        patch("marketplace.ground.nudge.current_app.send_task") as sent,
        django_capture_on_commit_callbacks(execute=True),
    ):
        hiring.accept_offer(by=user, offer=offer)
    assert ("matching.person", (user.pk,)) in [
        (call.args[0], call.kwargs["args"]) for call in sent.mock_calls
    ]
    tasks.person(user.pk)
    assert StudentMatch.objects.get(person_id=user.pk).hours < free
