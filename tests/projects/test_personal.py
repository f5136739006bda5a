"""What a person takes along, and what is left of them when they go."""

import json

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from accounts.users import erasure, export
from projects.models import Application, Bookmark
from projects.search.actions import save_project
from tests.projects import people

pytestmark = pytest.mark.django_db


def test_the_export_holds_all_of_one_person_and_nothing_of_another():
    project = people.open_project()
    amara, other = people.student(), people.student("Bela Other")
    people.apply(project, amara, pitch="Only Amara wrote this.")
    people.apply(project, other, pitch="Only Bela wrote this.")
    save_project(by=amara, project=project)
    text = json.dumps(export.everything(amara), cls=DjangoJSONEncoder)
    assert "Only Amara wrote this." in text
    assert people.ANSWER in text
    assert project.title in text
    assert "Only Bela wrote this." not in text
    assert other.email not in text


def test_an_offer_and_its_agreement_are_in_the_export():
    application = people.apply(people.open_project())
    people.engaged(application)
    data = export.everything(application.student)
    assert data["offers"][0]["state"] == "accepted"
    assert "agree" in data["engagements"][0]["agreement"].lower()


def test_what_a_person_wrote_goes_and_how_it_ended_stays():
    project = people.open_project()
    application = people.apply(project, pitch="Erase me, please.")
    save_project(by=application.student, project=project)
    erasure.scrub(application.student)
    application.refresh_from_db()
    assert (application.pitch, application.answers.count()) == ("", 0)
    assert Application.objects.filter(project=project, state="submitted").count() == 1
    assert not Bookmark.objects.exists()
