"""The settings page offers what can concern somebody, and nothing about the other side of the site."""

import pytest
from django.urls import reverse

from accounts.models import Membership, Organisation, StudentProfile, User

STUDENTS, EMPLOYERS, EVERYBODY = "application-shortlisted", "posting_reviewed", "message"


@pytest.fixture
def person(db):
    return User.objects.create_user("amara@example.com", "a-long-enough-password", name="Amara Okafor")


def be_student(person):
    StudentProfile.objects.create(user=person)


def be_employer(person):
    halden = Organisation.objects.create(name="Halden Bikes", website="https://halden.example")
    Membership.objects.create(organisation=halden, user=person, role="owner")


@pytest.mark.parametrize(
    ("roles", "offered"),
    [
        ((), {EVERYBODY}),
        ((be_student,), {EVERYBODY, STUDENTS}),
        ((be_employer,), {EVERYBODY, EMPLOYERS}),
        ((be_student, be_employer), {EVERYBODY, STUDENTS, EMPLOYERS}),
    ],
)
def test_only_the_kinds_of_ones_own_roles_are_offered(client, person, roles, offered):
    for become in roles:
        become(person)
    client.force_login(person)
    form = client.get(reverse("notifications:settings")).context["form"]
    assert {STUDENTS, EMPLOYERS, EVERYBODY} & set(form.fields) == offered
    assert all(fields for _, fields in form.sections)
