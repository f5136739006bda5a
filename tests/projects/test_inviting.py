"""An employer sees who fits without knowing who it is, asks within limits, and every invitation gets to its end."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from accounts.models import Notification, Organisation, School
from accounts.students.actions import update_profile
from accounts.users.actions import erase_account
from marketplace.ground import clock, policy
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from projects.applying import queries as applying
from projects.applying.actions import draw_lot
from projects.applying.models import Application
from projects.exposing.models import ListKind, ShownList
from projects.inviting import actions, finding, queries, tasks
from projects.inviting.models import Block, Invitation
from projects.matching import keeping
from projects.posting.actions import lock_project
from projects.posting.models import ProjectSkill
from tests.projects import people, postings
from tests.projects.test_matching import project_for, student_with

pytestmark = pytest.mark.django_db
FULL_NAME = "Amara Okafor-Lindqvist"


def found_student(*skills, name=FULL_NAME, **more):
    return student_with(*(skills or ("excel", "surveys")), name=name, open_to_invitations=True, **more)


def open_project(*skills, **changes):
    project = project_for(*(skills or ("excel", "surveys")), **changes)
    Organisation.objects.filter(pk=project.organisation_id).update(verified_at=clock.now())
    project.organisation.refresh_from_db()
    return project


def another(project):
    """One more open project of the same employer."""
    made = postings.published(project.member, project.organisation, title="Another one")
    ProjectSkill.objects.filter(project=made).delete()
    ProjectSkill.objects.bulk_create(
        ProjectSkill(project=made, skill=row.skill) for row in project.project_skills.all()
    )
    keeping.keep_projects([made.pk])
    made.member = project.member
    return made


def invite(project, user, note="Your surveys would help us."):
    return actions.invite(by=project.member, project=project, student=user.student, note=note)


def page_of(project) -> str:
    return f"/projects/{project.public_id}/students/"


# --- the list ------------------------------------------------------------------------------------------------
def test_the_list_shows_skills_and_reasons_and_never_who_it_is(client):
    school = School.objects.create(name="Northgate University")
    amara = found_student(
        headline="Hello I am Amara", about="Write me", school=school, programme="BSc Economics"
    )
    project = open_project()
    client.force_login(project.member)
    page = client.get(page_of(project)).content.decode()
    assert "Student 1" in page
    assert "2 of the 2 skills" in page
    for secret in (
        *FULL_NAME.split(),
        "Northgate",
        "Write me",
        "BSc Economics",
        amara.public_id,
        amara.email,
    ):
        assert secret not in page, secret
    row = ShownList.objects.get(kind=ListKind.FITTING)
    assert (row.shown, row.qualified, row.about) == ([amara.pk], [amara.pk], project.pk)


def test_only_who_agreed_may_and_can_is_listed():
    project = open_project(work_authorisation=True)
    found_student(name="Yes", may_work="yes")
    found_student(name="Not permitted", may_work="no")
    found_student(name="No time", may_work="yes", hours_free=0)
    student_with("excel", "surveys", name="Not found", may_work="yes")
    people.apply(project, found_student(name="Applied", may_work="yes"))
    assert [profile.user.name for profile, _ in finding.fitting(project)] == ["Yes"]


def test_who_opts_out_or_is_erased_is_gone_at_once(client):
    project = open_project()
    amara, bela = found_student(), found_student(name="Bela")
    client.force_login(project.member)
    client.get(page_of(project))
    key = ShownList.objects.get(kind=ListKind.FITTING).public_id
    update_profile(by=amara, open_to_invitations=False)
    erase_account(by=bela)
    assert finding.fitting(project) == []
    for place in (0, 1):
        assert client.get(f"{page_of(project)}{key}/{place}/").status_code == 404


def test_an_unverified_employer_sees_nobody_and_is_told_how(client):
    found_student()
    project = project_for("excel", "surveys")
    client.force_login(project.member)
    page = client.get(page_of(project)).content.decode()
    assert "verified employers only" in page
    assert "Student 1" not in page
    with pytest.raises(WrongMoment, match="verified"):
        invite(project, found_student(name="Another"))
    assert not ShownList.objects.filter(kind=ListKind.FITTING).exists()


def test_strangers_and_students_find_no_such_page(client):
    project, amara = open_project(), found_student()
    for user in (postings.person("Stranger"), amara):
        client.force_login(user)
        assert client.get(page_of(project)).status_code == 404
        assert client.get(f"{page_of(project)}abc/0/").status_code == 404


@pytest.mark.parametrize("count", [2, 12])
def test_the_list_costs_the_same_however_long_it_is(client, count, django_assert_max_num_queries):
    project = open_project()
    for number in range(count):
        found_student(name=f"Student of number {number}")
    client.force_login(project.member)
    client.get(page_of(project))
    with django_assert_max_num_queries(36):
        client.get(page_of(project))


# --- asking --------------------------------------------------------------------------------------------------
def test_an_invitation_by_its_place_in_the_list_reaches_the_student_with_the_reasons(client):
    amara, project = found_student(), open_project()
    client.force_login(project.member)
    client.get(page_of(project))
    key = ShownList.objects.get(kind=ListKind.FITTING).public_id
    url = f"{page_of(project)}{key}/0/"
    form = client.get(url).content.decode()
    assert "Amara" not in form
    answer = client.post(url, {"note": "Your surveys would help us."}, follow=True).content.decode()
    assert FULL_NAME in answer  # from here on the name is known
    told = Notification.objects.get(kind="invitation")
    assert told.user == amara
    assert "Your surveys would help us." in told.body
    assert "2 of the 2 skills" in told.body
    row = Invitation.objects.get()
    assert row.expires_at > clock.now() + timedelta(days=4)
    assert client.post(url, {"note": ""}).status_code == 409  # once for each project and student
    client.force_login(amara)
    page = client.get(row.get_absolute_url()).content.decode()
    assert "invites you to apply" in page
    assert "Your surveys would help us." in page


@pytest.mark.parametrize(
    "note",
    [
        "Write to me at jo@halden.example",
        "Call +4915112345678",
        "x" * 601,
        "Please pay the deposit of $50 first.",
    ],
)
def test_a_note_that_leads_away_or_asks_for_money_is_stopped_beside_it(note):
    project = open_project()
    with pytest.raises(Invalid) as error:
        invite(project, found_student(), note=note)
    assert "note" in error.value.message_dict
    assert not Invitation.objects.exists()


def test_limits_against_mass_mail():
    rules = policy.current()
    rules.invitations_per_project, rules.invitations_per_week, rules.invitations_to_student = 2, 3, 1
    rules.save()
    project = open_project()
    first, second, third = (found_student(name=f"Student {n}") for n in range(3))
    invite(project, first)
    invite(project, second)
    with pytest.raises(WrongMoment, match="2 students were invited to this project"):
        invite(project, third)
    other = another(project)
    with pytest.raises(WrongMoment, match="have asked this student"):
        invite(other, first)


def test_a_week_has_its_limit_for_the_whole_organisation():
    rules = policy.current()
    rules.invitations_per_week = 1
    rules.save()
    project = open_project()
    invite(project, found_student())
    with pytest.raises(WrongMoment, match="in seven days"):
        invite(project, found_student(name="Bela"))
    project.refresh_from_db()
    clock.advance(project.apply_by - clock.now() + timedelta(minutes=1))  # a window never ends in the night
    assert queries.why_not_invite(project) == "Students can be invited while the project takes applications."


def test_only_members_invite_and_only_who_can_be_found_is_invited():
    project = open_project()
    with pytest.raises(NotAllowed):
        actions.invite(by=postings.person(), project=project, student=found_student().student)
    with pytest.raises(WrongMoment, match="cannot be invited"):
        invite(project, student_with("excel", name="Hidden"))


# --- answers -------------------------------------------------------------------------------------------------
def test_applying_is_the_yes_and_the_invited_are_known_and_counted_apart(client):
    amara, project = found_student(), open_project(names_hidden=True)
    row = invite(project, amara)
    rules = policy.current()
    rules.open_applications = 1
    rules.save()
    people.apply(project_for("excel", title="First"), amara)
    assert applying.why_not_apply(amara, project) is None  # an invited one is not counted
    application = people.apply(project, amara)
    row.refresh_from_db()
    assert (row.state, application.invited, application.is_blind) == ("accepted", True, False)
    assert applying.open_count(amara) == 1
    client.force_login(project.member)
    board = client.get(f"/projects/{project.public_id}/applicants/").content.decode()
    assert FULL_NAME in board
    assert "Invited" in board


def test_the_lot_leaves_the_invited_in():
    project = open_project()
    asked = found_student()
    invite(project, asked)
    people.apply(project, asked)
    for number in range(6):
        people.apply(project, people.student(f"Student {number}"))
    type(project).objects.filter(pk=project.pk).update(application_cap=2)
    draw_lot(lock_project(project.pk))
    left = Application.objects.filter(project=project, state="submitted")
    assert left.count() == 2
    assert left.filter(student=asked).exists()


def test_a_no_is_kept_quiet_and_gives_the_student_rest(client):
    amara, project = found_student(), open_project()
    row = invite(project, amara)
    client.force_login(amara)
    client.post(f"{row.get_absolute_url()}decline/", {"reason": "time"})
    row.refresh_from_db()
    assert (row.state, row.decline_reason) == ("declined", "time")
    told = Notification.objects.get(kind="invitation-answered")
    assert "I have no time then"[2:] in told.body
    other = another(project)
    assert finding.fitting(other) == []
    with pytest.raises(WrongMoment, match="cannot be invited"):
        invite(other, amara)
    with pytest.raises(WrongMoment):
        actions.decline(by=amara, invitation=row)


def test_a_blocked_employer_neither_sees_nor_asks_until_it_is_allowed_again(client):
    amara, project = found_student(), open_project()
    row = invite(project, amara)
    actions.decline(by=amara, invitation=row, block=True)
    clock.advance(timedelta(days=61))
    other = another(project)
    assert finding.fitting(other) == []
    client.force_login(amara)
    assert "Halden Bikes" in client.get("/invitations/").content.decode()
    client.post(f"/invitations/unblock/{project.organisation.public_id}/")
    assert not Block.objects.exists()
    assert [profile.user for profile, _ in finding.fitting(other)] == [amara]


def test_what_nobody_answers_ends_by_itself_after_a_word_the_day_before():
    amara, project = found_student(), open_project()
    row = invite(project, amara)
    clock.advance(row.expires_at - clock.now() - timedelta(hours=20))
    tasks.reminders()
    tasks.reminders()
    assert Notification.objects.filter(kind="invitation", user=amara).count() == 2
    clock.advance(timedelta(hours=21))
    tasks.run_clock()
    tasks.run_clock()
    row.refresh_from_db()
    assert row.state == "expired"
    assert Notification.objects.filter(kind="invitation-answered").count() == 1


def test_taking_it_back_and_closing_the_project_end_it():
    project = open_project()
    first, second = (invite(project, found_student(name=f"Student {n}")) for n in range(2))
    actions.withdraw(by=project.member, invitation=first)
    postings.actions.close_project(by=project.member, project=project, reason="cancelled")
    assert {i.state for i in Invitation.objects.all()} == {"withdrawn"}
    with pytest.raises(WrongMoment):
        actions.decline(by=second.student, invitation=second)


def test_an_invitation_is_seen_by_its_two_parties_alone(client):
    amara, project = found_student(), open_project()
    row = invite(project, amara)
    for user, status in (
        (amara, 200),
        (project.member, 200),
        (postings.person(), 404),
        (found_student(name="B"), 404),
    ):
        client.force_login(user)
        assert client.get(row.get_absolute_url()).status_code == status
        if status == 404:
            assert client.post(f"{row.get_absolute_url()}decline/", {}).status_code == 404
            assert client.post(f"{row.get_absolute_url()}withdraw/").status_code == 404
    client.force_login(project.member)
    assert client.post(f"{row.get_absolute_url()}decline/", {}).status_code == 403
    client.force_login(amara)
    assert client.post(f"{row.get_absolute_url()}withdraw/").status_code == 403
    assert client.post(f"{row.get_absolute_url()}decline/", {"reason": "\x00; DROP"}).status_code == 422


def test_two_who_invite_the_same_student_at_once_send_one(transactional_db):
    amara, project = found_student(), open_project()
    barrier, outcomes = threading.Barrier(4), []

    def work():
        try:
            barrier.wait()
            invite(project, amara)
            outcomes.append("sent")
        except WrongMoment:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 3 + ["sent"]
    assert Notification.objects.filter(kind="invitation").count() == 1
