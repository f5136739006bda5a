"""The road over HTTP, by the same rules as the pages: post, find, apply, choose, agree, work, approve, review."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.skills.actions import load_skills
from projects.posting.models import Project
from tests.projects import people, postings

pytestmark = pytest.mark.django_db


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def post(client, path, data=None, code=200):
    answer = client.post(f"/api/v1/{path}", data or {}, format="json")
    assert answer.status_code == code, answer.content
    return answer.json() if answer.content else None


@pytest.fixture
def ines():
    member = postings.person("Ines Halden")
    member.halden = postings.organisation(member)
    return member


def draft_of(ines, **changes):
    data = {
        key: (value.isoformat() if hasattr(value, "isoformat") else value)
        for key, value in postings.brief(**changes).items()
    }
    data["hours"] = str(data["hours"])
    data["milestones"] = [{**m, "hours": str(m["hours"])} for m in data["milestones"]]
    return {"employer": ines.halden.public_id, **data}


def test_an_employer_posts_and_a_moderator_publishes(ines):
    load_skills()
    employer, moderator = client_of(ines), client_of(postings.moderator())
    made = post(employer, "projects/", draft_of(ines), 201)
    assert made["state"] == "draft"
    assert made["mine"]["acts"]["send"] is None
    assert employer.get(f"/api/v1/projects/{made['id']}/brief-check/").json() == []
    sent = post(employer, f"projects/{made['id']}/publish/")
    assert sent["state"] == "in_review"
    shown = post(moderator, f"projects/{made['id']}/publish/", {"reasons": "Clear and fair."})
    assert shown["state"] == "published"
    listed = APIClient().get("/api/v1/projects/").json()
    assert [row["id"] for row in listed["results"]] == [made["id"]]
    assert listed["results"][0]["net"] == shown["mine"]["price"] - shown["mine"]["fee"]


def test_what_the_brief_check_stops_is_named_by_field(ines):
    employer = client_of(ines)
    made = post(employer, "projects/", {"employer": ines.halden.public_id, "title": "Help"}, 201)
    answer = employer.post(f"/api/v1/projects/{made['id']}/publish/", {}, format="json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert "summary" in answer.json()["errors"]
    assert Project.objects.get().state == "draft"


def test_a_student_applies_is_chosen_works_and_is_approved():
    project = people.open_project()
    ines, amara = people.member_of(project), people.student()
    employer, student = client_of(ines), client_of(amara)
    sent = post(
        student,
        "applications/",
        {"project": project.public_id, "pitch": "I like bikes.", "answers": people.answers_of(project)},
        201,
    )
    assert sent["state"] == "submitted"
    assert sent["answered_by"] is not None
    seen = post(employer, f"applications/{sent['id']}/shortlist/")
    assert (seen["state"], seen["applicant"]["name"]) == ("shortlisted", "Amara Okafor")
    offer = post(employer, f"applications/{sent['id']}/offer/", {"message": "Would you?"}, 201)
    engagement = post(student, f"offers/{offer['id']}/accept/", code=201)
    assert engagement["state"] == "awaiting_funds"
    assert engagement["agreement"]["sha256"]

    people.fund(people.Engagement.objects.get())
    post(student, f"engagements/{engagement['id']}/kick-off/")
    whole = student.get(f"/api/v1/engagements/{engagement['id']}/").json()
    first = whole["milestones"][0]["id"]
    file = SimpleUploadedFile("notes.txt", b"Ten people, ten stops.")
    handed = student.post(
        f"/api/v1/milestones/{first}/submissions/",
        {"note": "Done.", "ai_note": "None was used.", "files": [file]},
        format="multipart",
    )
    assert handed.status_code == 201, handed.content
    assert handed.json()["files"][0]["name"] == "notes.txt"
    approved = post(employer, f"milestones/{first}/approve/")
    assert approved["state"] == "approved"
    money = student.get(f"/api/v1/engagements/{engagement['id']}/").json()["money"]
    assert money["releasing"] + money["released"] > 0
    said = post(student, f"engagements/{engagement['id']}/messages/", {"text": "Thank you."}, 201)
    assert said["mine"] is True
    assert (
        employer.get(f"/api/v1/engagements/{engagement['id']}/messages/").json()["results"][0]["mine"]
        is False
    )


def test_an_act_at_the_wrong_moment_is_a_409_with_the_reason():
    project = people.open_project()
    application = people.apply(project)
    student = client_of(application.student)
    post(student, f"applications/{application.public_id}/withdraw/")
    answer = student.post(f"/api/v1/applications/{application.public_id}/withdraw/", {}, format="json")
    assert answer.status_code == 409
    assert answer.json()["detail"].endswith(".")


def test_a_role_that_may_not_is_a_403():
    application = people.apply(people.open_project())
    answer = client_of(application.student).post(
        f"/api/v1/applications/{application.public_id}/shortlist/", {}, format="json"
    )
    assert answer.status_code == 403
    application.refresh_from_db()
    assert application.state == "submitted"


def test_an_employer_reads_a_number_while_names_are_hidden():
    project = people.open_project(names_hidden=True)
    application = people.apply(project)
    line = client_of(people.member_of(project)).get(f"/api/v1/applications/{application.public_id}/")
    assert "Amara" not in line.content.decode()
    assert application.student.email not in line.content.decode()


def test_private_answers_never_leave(ines):
    project = people.open_project()
    amara = people.student(may_work="no", needs_sponsor="yes", school_email="amara@northgate.example")
    application = people.apply(project, amara)
    text = (
        client_of(people.member_of(project))
        .get(f"/api/v1/applications/{application.public_id}/")
        .content.decode()
    )
    for secret in (amara.email, "may_work", "needs_sponsor", "northgate", "date_of_birth"):
        assert secret not in text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", -5),
        ("price", 0),
        ("price", 10**18),
        ("price", "NaN"),
        ("price", 10.5),
        ("hours", "many"),
        ("hours", "-1"),
        ("start_on", "yesterday"),
        ("title", "x" * 500),
        ("title", ["a"]),
        ("milestones", "none"),
        ("questions", ["a"] * 9),
        ("nonsense", 1),
        ("summary", "a\x00b"),
        ("function", "astrology"),
        ("must_skills", {"a": 1}),
    ],
)
def test_bad_input_is_named_by_field_and_changes_nothing(ines, field, value):
    project = postings.draft(ines, ines.halden)
    before = Project.objects.values().get(pk=project.pk)
    answer = client_of(ines).patch(f"/api/v1/projects/{project.public_id}/", {field: value}, format="json")
    assert answer.status_code == 400, answer.content
    assert any(name.startswith(field) for name in answer.json()["errors"])
    assert Project.objects.values().get(pk=project.pk) == before


@pytest.mark.parametrize("body", ["{", "[" * 5000, "null", "[]", '"text"', '{"a": ' * 3000])
def test_a_body_that_is_no_object_is_a_400(ines, body):
    answer = client_of(ines).post("/api/v1/projects/", body, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "projects/?sort=nonsense&hours_min=1e999",
        "projects/?function=' OR 1=1",
        "projects/?skill=" + "a" * 5000,
    ],
)
def test_nonsense_in_a_filter_is_an_answer_and_never_an_error(path):
    assert APIClient().get(f"/api/v1/{path}").status_code in (200, 400)


@pytest.mark.parametrize("path", ["notifications/"])
@pytest.mark.parametrize("page", ["abc", "0", "-1", "2", "999999999", "99999999999999999999"])
def test_a_page_that_is_not_there_is_a_404(ines, path, page):
    answer = client_of(ines).get(f"/api/v1/{path}?page={page}")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert client_of(ines).get(f"/api/v1/{path}?page=1").status_code == 200


@pytest.mark.parametrize("after", ["abc", "0", "WyJuZXdlc3QiXQ:1", "x" * 5000])
def test_a_place_in_the_list_that_nobody_gave_out_is_the_first_page(ines, after):
    first = client_of(ines).get("/api/v1/projects/").json()
    assert client_of(ines).get(f"/api/v1/projects/?after={after}").json() == first


@pytest.mark.parametrize("path", ["projects/?q=%00", "projects/%00/"])
def test_a_nul_byte_is_a_problem_document(path):
    answer = APIClient().get(f"/api/v1/{path}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["status"] == 400


@pytest.mark.parametrize("rows", [10, 200])
@pytest.mark.parametrize("path", ["projects/", "applications/", "offers/", "engagements/", "notifications/"])
def test_a_list_costs_the_same_however_long_it_is(ines, path, rows, django_assert_max_num_queries):
    postings.rows(rows, ines.halden)
    with django_assert_max_num_queries(12):
        answer = client_of(ines).get(f"/api/v1/{path}")
    assert answer.status_code == 200
    assert len(answer.json()["results"]) <= 20
