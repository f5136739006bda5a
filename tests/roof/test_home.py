"""The front pages begin with what waits for whoever looks, and never forget a deadline that others can see."""

import pytest
from django.urls import reverse

from projects.applying import actions as applying
from tests.projects import people, postings

pytestmark = pytest.mark.django_db


def todos(client, user) -> list[str]:
    client.force_login(user)
    page = client.get(reverse("home"), follow=True)
    assert page.status_code == 200
    return [todo.text for todo in page.context["todos"]]


def test_an_employer_is_told_of_new_applicants_and_then_of_the_shortlist(client):
    project = people.open_project()
    ines = people.member_of(project)
    assert todos(client, ines) == []
    application = people.apply(project)
    assert todos(client, ines) == ["Answer 1 new applicant"]
    applying.shortlist(by=ines, application=application)
    assert todos(client, ines) == ["Choose from 1 on the shortlist"]
    people.offer(application)
    assert todos(client, ines) == []


def test_an_accepted_offer_waits_for_the_money_and_then_for_the_start(client):
    project = people.open_project()
    application = people.apply(project)
    engagement = people.engaged(application)
    assert todos(client, people.member_of(project)) == ["Secure the funds"]
    assert todos(client, application.student) == []
    people.fund(engagement)
    assert todos(client, application.student) == ["Start the project"]


def test_a_student_is_told_of_an_offer_and_of_a_draft(client):
    project = people.open_project()
    amara = people.student()
    applying.save_application(by=amara, project=project, pitch="Half a sentence")
    assert todos(client, amara) == [f"Finish your application to {project.organisation}"]
    people.offer(people.apply(project, amara))
    assert todos(client, amara) == [f"Answer the offer from {project.organisation}"]


def test_whoever_has_no_role_yet_is_asked_for_one(client):
    client.force_login(postings.person("Nobody Yet"))
    assert client.get(reverse("home")).status_code == 302
