"""People and organisations that the tests of accounts begin with, made by the actions people use."""

from datetime import date

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache

from accounts.employers import actions as employers
from accounts.models import Membership, User
from accounts.students import actions as students

PASSWORD = "three unrelated words"


@pytest.fixture(autouse=True)
def _fresh_counts():
    """Limits and sessions of one test are not those of the next."""
    cache.clear()


@pytest.fixture
def person(db):
    """Make somebody with a confirmed address: `person("maya@example.com", name="Maya")`."""

    def make(email, *, name="Maya Lind", confirmed=True, **fields):
        fields.setdefault("date_of_birth", date(1999, 5, 31))
        user = User.objects.create_user(email, PASSWORD, name=name, zone="UTC", **fields)
        EmailAddress.objects.create(user=user, email=user.email, verified=confirmed, primary=True)
        return user

    return make


@pytest.fixture
def student(person):
    user = person("amara@example.com", name="Amara Okafor")
    students.create_profile(by=user)
    return user


@pytest.fixture
def owner(person):
    return person("maya@halden.example", name="Maya Lind")


@pytest.fixture
def organisation(owner):
    return employers.create_organisation(by=owner, name="Halden Bikes", website="https://halden.example")


@pytest.fixture
def member(person):
    """Make somebody who acts for an organisation: `member(organisation, "manager", "kofi@…")`."""

    def make(organisation, role, email, **fields):
        user = person(email, **fields)
        Membership.objects.create(organisation=organisation, user=user, role=role)
        return user

    return make


@pytest.fixture
def moderator(person):
    return person("moderator@example.com", name="Mo Derator", is_staff=True)


@pytest.fixture
def sign_in(client):
    """Sign somebody in on the test's own client."""

    def do(user):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return do
