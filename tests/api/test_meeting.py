"""Finding each other over HTTP: a list without names, an invitation and its answer, and searches that are kept."""

import pytest
from django.core.cache import cache
from rest_framework.settings import api_settings
from rest_framework.throttling import UserRateThrottle

from projects.alerting.models import SavedSearch
from projects.inviting.models import Block, Invitation
from tests.api.test_road import client_of, post
from tests.projects import people, postings
from tests.projects.test_inviting import FULL_NAME, found_student, open_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def met():
    """(project, its employer's client, the student who fits, their client)."""
    student, project = found_student(), open_project()
    return project, client_of(project.member), student, client_of(student)


def asked(project, employer) -> dict:
    found = employer.get(f"/api/v1/projects/{project.public_id}/students/").json()
    sent = {
        "project": project.public_id,
        "list": found["key"],
        "place": 0,
        "note": "Your surveys would help us.",
    }
    return post(employer, "invitations/", sent, 201)


# --- invitations -----------------------------------------------------------------------------------------
def test_the_list_says_why_and_never_who(met):
    project, employer, student, _ = met
    answer = employer.get(f"/api/v1/projects/{project.public_id}/students/")
    (face,) = answer.json()["results"]
    assert face["place"] == 0
    assert {one["name"] for one in face["skills"]} == {"Excel", "Surveys"}
    assert "Has 2 of the 2 skills: Excel, Surveys" in face["reasons"]
    for secret in (FULL_NAME, student.public_id, student.email):
        assert secret not in answer.content.decode()


def test_an_invitation_goes_out_once_is_read_by_both_and_declined(met):
    project, employer, _, student = met
    sent = asked(project, employer)
    assert (sent["state"], sent["student"], sent["acts"]) == ("open", FULL_NAME, {"withdraw": None})
    again = employer.post(
        "/api/v1/invitations/",
        {"project": project.public_id, "list": Invitation.objects.get().public_id, "place": 0},
        format="json",
    )
    assert again.status_code == 404  # no such list
    (line,) = student.get("/api/v1/invitations/?state=open").json()["results"]
    assert (line["id"], line["project"]) == (sent["id"], project.public_id)
    whole = student.get(f"/api/v1/invitations/{sent['id']}/").json()
    assert whole["note"] == "Your surveys would help us."
    assert whole["acts"] == {"decline": None}
    no = post(student, f"invitations/{sent['id']}/decline/", {"reason": "time", "block": True})
    assert no["state"] == "declined"
    assert Block.objects.count() == 1
    assert "was no" in post(student, f"invitations/{sent['id']}/decline/", code=409)["detail"]
    assert student.get("/api/v1/invitations/?state=open").json()["results"] == []
    assert employer.get(f"/api/v1/projects/{project.public_id}/students/").json()["results"] == []


def test_the_employer_takes_it_back_and_an_application_is_the_yes(met):
    project, employer, student, client = met
    sent = asked(project, employer)
    assert post(employer, f"invitations/{sent['id']}/withdraw/")["state"] == "withdrawn"
    assert post(client, f"invitations/{sent['id']}/decline/", code=409)
    other = found_student(name="Bela Kun")
    found = employer.get(f"/api/v1/projects/{project.public_id}/students/").json()
    sent = post(
        employer, "invitations/", {"project": project.public_id, "list": found["key"], "place": 0}, 201
    )
    people.apply(project, other)
    assert client_of(other).get(f"/api/v1/invitations/{sent['id']}/").json()["state"] == "accepted"


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"place": 7}, 404, None),
        ({"place": -1}, 400, "place"),
        ({"list": "zzzzzzzzzzzz"}, 404, None),
        ({"list": "\x00"}, 400, "list"),
        ({"note": "x" * 601}, 400, "note"),
        ({"note": "Write to me at edda@example.com"}, 400, "note"),
        ({"colour": "red"}, 400, "colour"),
    ],
)
def test_what_cannot_be_sent_is_said_and_nothing_goes_out(met, change, code, where):
    project, employer, _, _ = met
    found = employer.get(f"/api/v1/projects/{project.public_id}/students/").json()
    sent = {"project": project.public_id, "list": found["key"], "place": 0} | change
    answer = employer.post("/api/v1/invitations/", sent, format="json")
    assert answer.status_code == code, answer.content
    assert where is None or where in answer.json()["errors"]
    assert not Invitation.objects.exists()


def test_others_have_no_list_and_no_invitation(met):
    project, employer, _, student = met
    sent = asked(project, employer)
    stranger = client_of(postings.person())
    for client in (student, stranger):
        assert client.get(f"/api/v1/projects/{project.public_id}/students/").status_code == 404
    assert stranger.get(f"/api/v1/invitations/{sent['id']}/").status_code == 404
    assert stranger.get("/api/v1/invitations/").json()["results"] == []
    assert post(stranger, f"invitations/{sent['id']}/decline/", code=404)


def test_an_unverified_employer_is_told_why_there_is_no_list(met):
    project, employer, _, _ = met
    type(project.organisation).objects.update(verified_at=None)
    answer = employer.get(f"/api/v1/projects/{project.public_id}/students/")
    assert answer.status_code == 409
    assert "verified employers only" in answer.json()["detail"]


# --- saved searches --------------------------------------------------------------------------------------
def test_a_search_is_kept_read_changed_and_let_go():
    amara = client_of(people.student())
    made = post(amara, "saved-searches/", {"query": "?function=data&rate=25&sort=pay"}, 201)
    assert (made["name"], made["how"], made["query"]) == (
        "Data, $25 an hour or more",
        "daily",
        "function=data&rate=25",
    )
    assert made["feed"].endswith("function=data&rate=25")
    assert [one["id"] for one in amara.get("/api/v1/saved-searches/").json()["results"]] == [made["id"]]
    url = f"/api/v1/saved-searches/{made['id']}/"
    changed = amara.patch(url, {"how": "off"}, format="json").json()
    assert (changed["name"], changed["how"]) == (made["name"], "off")
    assert amara.patch(url, {"name": "Good data work"}, format="json").json()["name"] == "Good data work"
    same = post(amara, "saved-searches/", {"query": "rate=25&function=data", "how": "instant"}, 201)
    assert (same["id"], same["how"]) == (made["id"], "instant")  # the same filter is one search
    assert amara.delete(url).status_code == 204
    assert amara.get(url).status_code == 404
    assert not SavedSearch.objects.exists()


def test_a_search_of_somebody_else_is_not_there():
    made = post(client_of(people.student()), "saved-searches/", {"query": "q=riders"}, 201)
    bela = client_of(people.student("Bela Kun"))
    url = f"/api/v1/saved-searches/{made['id']}/"
    answers = (bela.get(url), bela.patch(url, {"how": "off"}, format="json"), bela.delete(url))
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert SavedSearch.objects.get().how == "daily"


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({}, "query"),
        ({"query": "q=x", "how": "hourly"}, "how"),
        ({"query": "q=x", "name": "n" * 81}, "name"),
        ({"query": "q=" + "x" * 900}, "query"),
        ({"query": "q=x", "user": 1}, "user"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_name(given, where):
    answer = client_of(people.student()).post("/api/v1/saved-searches/", given, format="json")
    assert answer.status_code == 400
    assert where in answer.json()["errors"]
    assert not SavedSearch.objects.exists()


def test_twenty_are_the_most_and_the_next_is_told_so():
    amara = client_of(people.student())
    for number in range(20):
        post(amara, "saved-searches/", {"query": f"q=word{number}"}, 201)
    assert "Delete one first" in post(amara, "saved-searches/", {"query": "q=more"}, 409)["detail"]


def test_these_rooms_are_slowed_down_like_all_others(met, monkeypatch):
    monkeypatch.setattr(UserRateThrottle, "get_rate", lambda self: "2/min")
    assert UserRateThrottle in api_settings.DEFAULT_THROTTLE_CLASSES
    cache.clear()
    _, _, _, student = met
    for path in ("invitations/", "saved-searches/"):
        cache.clear()
        codes = [student.get(f"/api/v1/{path}").status_code for _ in range(3)]
        assert codes == [200, 200, 429]
