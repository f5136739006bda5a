"""A posting for people of an age, or of one school: written in the form, shown, and held wherever a list is made."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import School
from marketplace.ground.errors import NotAllowed
from projects.matching import digest, keeping, queries, vocabulary
from projects.matching.models import ProjectMatch, StudentMatch
from projects.posting import actions
from projects.posting.models import Project

from . import people, postings
from .test_matching import project_for, student_with
from .test_posting_pages import QUESTIONS, step

pytestmark = pytest.mark.django_db


def school(name: str = "Northgate") -> School:
    return School.objects.get_or_create(name=name)[0]


def of_school(user, at: School, verified: bool = True):
    user.student.school, user.student.school_verified_at = at, timezone.now() if verified else None
    user.student.save()
    keeping.keep_students([user.student.pk])


def born(user, years: int, days: int = 0):
    today = timezone.now().date()
    user.date_of_birth = date(today.year - years, today.month, min(today.day, 28)) + timedelta(days=days)
    user.save()
    keeping.keep_students([user.student.pk])


@pytest.fixture
def desk(client):
    member = postings.person()
    client.force_login(member)
    client.project = postings.draft(member, postings.organisation(member))
    return client


def test_the_form_keeps_both_and_shows_them_again_and_students_read_them(desk):
    northgate, project = school(), desk.project
    url = step(project, 4)
    sent = QUESTIONS | {"do": "next", "min_age": "21", "only_school": northgate.public_id}
    assert desk.post(url, sent).status_code == 302
    project.refresh_from_db()
    assert (project.min_age, project.only_school) == (21, northgate)
    page = desk.get(url).content.decode()
    assert 'value="21"' in page
    assert f'value="{northgate.public_id}" selected' in page
    shown = desk.get(reverse("posting:preview", args=[project.public_id])).content.decode()
    assert "Only for people of 21 or older" in shown
    assert "Only for students of Northgate" in shown
    copy = actions.duplicate_project(by=project.created_by, project=project)
    assert (copy.min_age, copy.only_school) == (21, northgate)
    desk.post(url, QUESTIONS | {"min_age": "", "only_school": ""})
    project.refresh_from_db()
    assert (project.min_age, project.only_school) == (None, None)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("min_age", "60", "Give an age from 16 to 25"),
        ("min_age", "15", "Give an age from 16 to 25"),
        ("min_age", "old", "Write the age as a whole number"),
        ("only_school", "nowhere", "Choose a school from the list"),
    ],
)
def test_what_cannot_be_kept_stands_beside_its_field_and_is_not_lost(desk, field, value, words):
    answer = desk.post(step(desk.project, 4), QUESTIONS | {field: value})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "How would you start?" in page
    desk.project.refresh_from_db()
    assert (desk.project.min_age, desk.project.only_school) == (None, None)


def gated(**values) -> Project:
    project = project_for("excel")
    Project.objects.filter(pk=project.pk).update(**values)
    project.refresh_from_db()
    keeping.keep_projects([project.pk])
    return project


def in_lists(project, user) -> set[bool]:
    """Whether each list has the pair."""
    board = digest.board(vocabulary.current(), ProjectMatch.objects.filter(pk=project.pk))
    rows = StudentMatch.objects.filter(pk=user.student.pk).values_list(*digest.STUDENT)
    return {
        user.student in [profile for profile, _ in queries.students_for(project, 5)],
        user.student in [profile for profile, _ in queries.students_to_tell(project, 5)],
        project in [found for found, _ in queries.projects_for(user.student, 5)],
        bool(list(digest.best(board, rows))),
    }


@pytest.mark.parametrize(
    ("years", "days", "old_enough"), [(21, 0, True), (21, 40, False), (20, 0, False), (30, 0, True)]
)
def test_nobody_too_young_is_listed_told_or_may_apply(years, days, old_enough):
    project = gated(min_age=21)
    user = student_with("excel", open_to_invitations=True)
    born(user, years, days)
    assert in_lists(project, user) == {old_enough}
    if old_enough:
        assert people.apply(project, user)
    else:
        with pytest.raises(NotAllowed, match="21 or older"):
            people.apply(project, user)


@pytest.mark.parametrize(
    ("at", "verified", "listed"),
    [("Northgate", True, True), ("Northgate", False, False), ("Southgate", True, False), (None, True, False)],
)
def test_a_posting_of_a_school_is_for_its_confirmed_students(at, verified, listed):
    project = gated(only_school=school())
    user = student_with("excel", open_to_invitations=True)
    if at:
        of_school(user, school(at), verified)
    assert in_lists(project, user) == {listed}
    if listed:
        assert people.apply(project, user)
    else:
        with pytest.raises(NotAllowed, match="students of Northgate"):
            people.apply(project, user)


def test_programs_write_and_read_both(desk):
    northgate, project = school(), desk.project
    url = f"/api/v1/projects/{project.public_id}/"
    answer = desk.patch(
        url, {"min_age": 18, "only_school": northgate.public_id}, content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    assert (answer.json()["min_age"], answer.json()["only_school"]) == (
        18,
        {"id": northgate.public_id, "name": "Northgate"},
    )
    answer = desk.patch(url, {"only_school": "nowhere"}, content_type="application/json")
    assert answer.status_code == 400
    assert "only_school" in answer.json()["errors"]
