"""Schools are known by the domains of their addresses, and never by name alone."""

import threading

import pytest
from django.db import connection

from accounts.models import School, SchoolStaff
from accounts.schools import queries


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("amara@mit.edu", "mit.edu"),
        ("amara@student.MIT.edu", "mit.edu"),
        ("a@cs.berkeley.edu", "berkeley.edu"),
        ("a@ox.ac.uk", "ox.ac.uk"),
        ("a@tum.de", "tum.de"),
    ],
)
def test_an_address_gives_its_school_once(db, email, domain):
    first = queries.recognise(email)
    assert first.domains == [domain]
    assert queries.recognise(email) == first
    assert School.objects.count() == 1


@pytest.mark.parametrize(
    "email",
    [
        "a@example.com",
        "a@gmail.com",
        "a@edu",
        "a@ac.uk",
        "",
        "a",
        "a@",
        "@",
        "a@b@",
        "a@mit.edu.evil.example",
    ],
)
def test_other_addresses_give_none(db, email):
    assert queries.recognise(email) is None
    assert not School.objects.exists()


def test_two_schools_of_one_name_stay_two(db):
    other = School.objects.create(name="Massachusetts Institute of Technology", domains=["elsewhere.example"])
    found = queries.recognise("a@mit.edu")
    assert found != other
    assert found.name == "Massachusetts Institute of Technology (mit.edu)"


def test_many_students_at_once_make_one_row(transactional_db):
    found = []

    def one():
        found.append(queries.recognise("a@mit.edu").pk)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1


def test_a_school_with_several_domains_is_found_by_each(db):
    school = School.objects.create(name="Northgate", domains=["northgate.example", "mit.edu"])
    assert queries.recognise("a@mit.edu") == school


def test_staff_belong_to_their_own_school(person):
    school, other = queries.recognise("a@mit.edu"), queries.recognise("a@tum.de")
    user = person("coordinator@example.com")
    SchoolStaff.objects.create(user=user, school=school)
    assert list(queries.schools_of(user)) == [school]
    assert queries.is_staff_of(user, school)
    assert not queries.is_staff_of(user, other)
    assert not queries.is_staff_of(user, None)
