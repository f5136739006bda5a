"""The pages of applying: what each person sees, what bad input does, and how many queries a page costs."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.schools.models import School
from accounts.skills.models import Skill
from accounts.students.models import StudentSkill
from marketplace.ground import clock, policy
from marketplace.ground.models import Policy
from projects.applying import actions
from projects.applying.models import Answer, Application
from projects.applying.states import ApplicationState
from projects.hiring.actions import decline_offer
from projects.posting.models import Project

from .people import ANSWER, answers_of, apply, engaged, fund, later, member_of, offer, open_project, student
from .postings import moderator, organisation, person

pytestmark = pytest.mark.django_db
S = ApplicationState


def url(name: str, thing) -> str:
    return reverse(f"applying:{name}", args=[thing.public_id])


def form_of(project, **more) -> dict:
    return (
        {f"answer_{key}": text for key, text in answers_of(project).items()}
        | {"pitch": "I like bikes."}
        | more
    )


def sign_in(client, user):
    client.force_login(user)
    return client


def text(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# --- applying --------------------------------------------------------------------------------------------
def test_the_form_asks_the_questions_and_sending_leads_to_the_application(client):
    project, amara = open_project(), student()
    sign_in(client, amara)
    page = client.get(url("apply", project))
    assert page.status_code == 200
    assert project.questions.get().text in page.content.decode()
    answer = client.post(url("apply", project), form_of(project))
    application = Application.objects.get()
    assert (answer.status_code, answer.url) == (302, url("detail", application))
    assert "Application sent. Halden Bikes answers by" in text(client.get(answer.url))


def test_a_missing_answer_is_told_beside_it_and_everything_typed_is_kept(client):
    project, amara = open_project(), student()
    key = f"answer_{project.questions.get().public_id}"
    sign_in(client, amara)
    answer = client.post(url("apply", project), form_of(project, **{key: " ", "pitch": "Kept <b>words</b>"}))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Error:" in page.split("</title>")[0]
    assert "Write a few sentences" in page
    assert "Kept &lt;b&gt;words&lt;/b&gt;" in page
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed", "problem"),
    [
        ("answer", "word " * 121, "121 words"),
        ("answer", "x" * 1501, "1501 characters"),
        ("pitch", "x" * 1201, "The most is 1200 characters"),
        ("answer", "a\x00b", ""),
        ("pitch", "\x00", ""),
    ],
)
def test_every_bad_input_is_a_422_beside_its_field(client, field, typed, problem):
    project, amara = open_project(), student()
    name = "pitch" if field == "pitch" else f"answer_{project.questions.get().public_id}"
    sign_in(client, amara)
    answer = client.post(url("apply", project), form_of(project, **{name: typed}))
    assert answer.status_code == 422
    assert problem in text(answer)
    assert not Application.objects.exists()


def test_the_draft_is_saved_as_one_types_and_filled_in_again(client):
    project, amara = open_project(), student()
    sign_in(client, amara)
    answer = client.post(
        url("save", project), form_of(project, pitch="Half a"), headers={"HX-Request": "true"}
    )
    assert "Draft saved at" in text(answer)
    assert "Half a" in client.get(url("apply", project)).content.decode()
    assert Answer.objects.get().text == ANSWER
    assert "Not saved" in text(client.post(url("save", project), {"pitch": "x" * 9000}))


def test_finish_later_keeps_whatever_is_there(client):
    project, amara = open_project(), student()
    sign_in(client, amara)
    answer = client.post(url("apply", project), {"pitch": "", "save": "1"})
    assert answer.url == reverse("applying:mine")
    assert Application.objects.get().state == S.DRAFT
    mine = text(client.get(answer.url + "?show=drafts"))
    assert project.title in mine
    assert "You finish it by" in mine


def test_too_much_at_once_is_refused_and_kept_on_the_page(client):
    project, amara = open_project(), student()
    sign_in(client, amara)
    answer = client.post(url("apply", project), {"pitch": "y" * 5000, "save": "1"})
    assert answer.status_code == 422
    assert "too long to keep" in text(answer)
    assert "y" * 5000 in answer.content.decode()


def test_the_second_click_leads_to_the_same_application(client):
    project, amara = open_project(), student()
    sign_in(client, amara)
    first = client.post(url("apply", project), form_of(project))
    second = client.post(url("apply", project), form_of(project))
    assert first.url == second.url
    assert Application.objects.count() == 1
    assert client.get(url("apply", project)).status_code == 302


def test_the_reason_stands_on_the_page_when_it_cannot_be_sent(client):
    policy.current()
    Policy.objects.update(open_applications=0)
    project, amara = open_project(), student()
    sign_in(client, amara)
    page = client.get(url("apply", project))
    assert page.status_code == 200
    assert "Your draft is kept" in text(page)
    assert "Send application" not in text(page)
    assert client.post(url("apply", project), form_of(project)).status_code == 409
    assert not Application.objects.exists()


@pytest.mark.parametrize("who", ["employer", "own", "ineligible"])
def test_whoever_may_not_apply_reads_why(client, who):
    project = open_project(work_authorisation=True)
    user = {"employer": person("Other"), "own": member_of(project), "ineligible": student()}[who]
    if who == "employer":
        organisation(user, name="Other")
    sign_in(client, user)
    page = client.get(url("apply", project))
    assert page.status_code == 403
    assert "You cannot apply for this one" in text(page)
    assert client.post(url("apply", project), form_of(project)).status_code == 403
    assert not Application.objects.exists()


def test_anonymous_people_are_asked_to_sign_in_and_drafts_of_others_do_not_exist(client):
    project = open_project()
    assert client.get(url("apply", project)).status_code == 302
    Project.objects.update(state="draft")
    assert sign_in(client, student()).get(url("apply", project)).status_code == 404


def test_the_project_page_shows_where_ones_own_application_stands(client):
    project, amara = open_project(), student()
    page = reverse("search:project", args=[project.public_id])
    assert "Sign in to apply" in text(client.get(page))
    sign_in(client, amara)
    assert url("apply", project) in client.get(page).content.decode()
    application = apply(project, amara)
    assert url("detail", application) in client.get(page).content.decode()
    actions.decline_application(by=member_of(project), application=application, reason="skills")
    assert "Not this time" in text(client.get(page))
    client.logout()
    sign_in(client, person("Nobody"))
    assert "Only students can apply" in text(client.get(page))


# --- the student's list and detail -----------------------------------------------------------------------
def test_every_state_says_what_happens_next(client):
    amara = student()
    rows = {
        name: apply(open_project(), amara)
        for name in ("sent", "short", "offer", "funds", "hired", "no", "gone")
    }
    member = {name: member_of(row.project) for name, row in rows.items()}
    actions.shortlist(by=member["short"], application=rows["short"])
    offer(rows["offer"])
    engaged(rows["funds"])
    fund(engaged(rows["hired"]))
    actions.decline_application(
        by=member["no"], application=rows["no"], reason="skills", note="Show SQL next time."
    )
    actions.withdraw_application(by=amara, application=rows["gone"])
    sign_in(client, amara)
    waiting = text(client.get(reverse("applying:mine")))
    for words in ("You hear by", "Answer the offer", "They secure the funds by"):
        assert words in waiting
    ended = text(client.get(reverse("applying:mine") + "?show=ended"))
    for words in (
        "Go to the work",
        "Others were closer on the skills",
        "You withdrew it on",
        "Read their note",
    ):
        assert words in ended
    for row in rows.values():
        assert client.get(url("detail", row)).status_code == 200
    assert "Show SQL next time." in text(client.get(url("detail", rows["no"])))


@pytest.mark.parametrize("tab", ["", "?show=drafts", "?show=ended", "?show=nonsense", "?page=999", "?page=x"])
def test_every_empty_list_says_what_to_do(client, tab):
    page = sign_in(client, student()).get(reverse("applying:mine") + tab)
    assert page.status_code == 200
    assert "Find projects" in text(page)


def test_withdrawing_and_the_reserve_by_their_buttons(client):
    application = apply(open_project())
    sign_in(client, application.student)
    assert client.post(url("reserve", application)).status_code == 409
    actions.shortlist(by=member_of(application.project), application=application)
    assert "Stay in reserve" in text(client.get(url("detail", application)))
    assert client.post(url("reserve", application)).url == url("detail", application)
    assert Application.objects.get().in_reserve
    assert "Leave the reserve" in text(client.get(url("detail", application)))
    client.post(url("reserve", application), {"agree": "no"})
    assert not Application.objects.get().in_reserve
    client.post(url("withdraw", application))
    assert Application.objects.get().state == S.WITHDRAWN
    assert "Send it again" in text(client.get(url("detail", application)))


def test_withdrawing_is_a_post_and_somebody_elses_is_not_there(client):
    application = apply(open_project())
    sign_in(client, application.student)
    assert client.get(url("withdraw", application)).status_code == 405
    for other in (student("Other"), person("Nobody")):
        sign_in(client, other)
        for name in ("detail", "applicant", "decline"):
            assert client.get(url(name, application)).status_code == 404
        for name in ("withdraw", "reserve", "shortlist", "unshortlist"):
            assert client.post(url(name, application)).status_code == 404
    assert Application.objects.get().state == S.SUBMITTED


# --- the employer's pages --------------------------------------------------------------------------------
def with_profile(name="Noor Petrova"):
    user = student(
        name,
        headline="Geographer who counts things",
        about="Northgate student of maps",
        programme="Geography",
        hours_free=8,
    )
    school = School.objects.get_or_create(name="Eastvale College")[0]
    type(user.student).objects.filter(pk=user.student.pk).update(
        school=school, resume="resumes/x.pdf", resume_name="noor.pdf", may_work="no", needs_sponsor="yes"
    )
    user.refresh_from_db()
    return user


PRIVATE = ("noor", "Noor", "Petrova", "Eastvale", "Geographer", "Northgate student", "resume", "NP<")


def test_the_first_look_hides_everything_that_tells_who_it_is(client):
    project, noor = open_project(), with_profile()
    application, other = apply(project, noor), apply(project)
    sign_in(client, member_of(project))
    pages = [
        url("board", project),
        url("applicant", application),
        url("decline", application),
        url("compare", project) + f"?with={application.public_id}&with={other.public_id}",
    ]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        found = [word for word in PRIVATE if word in answer.content.decode()]
        assert not found, f"{page} tells {found}"
        assert "Applicant 1" in text(answer)
    client.post(url("shortlist", application))
    page = client.get(url("applicant", application)).content.decode()
    for word in ("Noor Petrova", "Eastvale", "Geographer", "Northgate student", "Geography"):
        assert word in page
    assert reverse("students:resume-file", args=[noor.public_id]) in page


def test_contact_birthday_and_work_permission_never_reach_an_employer(client):
    project, noor = open_project(names_hidden=False), with_profile()
    application = apply(project, noor)
    actions.shortlist(by=member_of(project), application=application)
    sign_in(client, member_of(project))
    for page in (url("board", project) + "?show=shortlist", url("applicant", application)):
        html = client.get(page).content.decode()
        for private in (noor.email, "needs_sponsor", "may_work", "sponsorship", "Prefer not"):
            assert private not in html


def test_eligible_is_the_only_word_about_work_permission(client):
    project = open_project(work_authorisation=True)
    apply(project, student(may_work="yes"))
    assert "Eligible" in text(sign_in(client, member_of(project)).get(url("board", project)))
    plain = open_project()
    apply(plain)
    assert "Eligible" not in text(sign_in(client, member_of(plain)).get(url("board", plain)))


def test_skills_that_were_asked_for_are_marked(client):
    project, amara = open_project(), student()
    apply(project, amara)
    skill = Skill.objects.get(name__iexact="Survey design")
    StudentSkill.objects.create(student=amara.student, skill=skill, level="strong")
    html = sign_in(client, member_of(project)).get(url("board", project)).content.decode()
    assert html.count("skill--hit") == 1


def test_the_tabs_hold_everybody_once(client):
    project = open_project()
    rows = [apply(project) for _ in range(4)]
    member = member_of(project)
    actions.shortlist(by=member, application=rows[1])
    actions.decline_application(by=member, application=rows[2], reason="dates")
    actions.withdraw_application(by=rows[3].student, application=rows[3])
    sign_in(client, member)
    page = text(client.get(url("board", project)))
    assert "3 applicants" in page
    assert "1 person withdrew" in page
    for tab in ("new", "shortlist", "closed", "nonsense"):
        assert client.get(url("board", project) + f"?show={tab}").status_code == 200
    later(days=15)
    assert "Answers are overdue" in text(client.get(url("board", project)))


def test_the_board_is_for_its_own_people_and_moderators(client):
    project = open_project()
    application = apply(project)
    stranger = person("Stranger")
    organisation(stranger, name="Other")
    for other in (stranger, student("Other"), application.student):
        sign_in(client, other)
        assert client.get(url("board", project)).status_code == 404
        assert client.get(url("compare", project)).status_code == 404
        assert client.post(url("names", project)).status_code == 404
    sign_in(client, moderator())
    assert client.get(url("board", project)).status_code == 200
    assert client.get(url("applicant", application)).status_code == 200
    assert client.post(url("shortlist", application)).status_code == 403
    assert client.post(url("names", project), {"hide": "no"}).status_code == 403
    assert Application.objects.get().opened_at is None
    client.logout()
    assert client.get(url("board", project)).status_code == 302


def test_shortlisting_leads_back_to_where_one_was(client):
    application = apply(open_project())
    sign_in(client, member_of(application.project))
    there = url("applicant", application)
    assert client.post(url("shortlist", application), {"next": there}).url == there
    assert client.post(url("unshortlist", application), {"next": "https://evil.example/"}).url == url(
        "board", application.project
    )
    assert client.post(url("unshortlist", application)).status_code == 409


def test_comparing_wants_two_to_four_of_this_project(client):
    project = open_project()
    rows = [apply(project) for _ in range(5)]
    stranger = apply(open_project())
    sign_in(client, member_of(project))

    def compare(*picked):
        return client.get(url("compare", project), {"with": [row.public_id for row in picked]})

    assert compare(rows[0], rows[1]).status_code == 200
    assert compare(*rows[:4]).status_code == 200
    for wrong in ([], rows[:1], rows, [rows[0], stranger], [rows[0], rows[0]]):
        assert compare(*wrong).url == url("board", project)
    assert client.get(url("compare", project) + "?with=x&with=%C3%A9").status_code == 302
    assert Application.objects.filter(opened_at__isnull=False).count() == 4


def test_declining_asks_for_the_reason_and_keeps_the_note(client):
    application = apply(open_project())
    sign_in(client, member_of(application.project))
    page = url("decline", application)
    assert "Nobody has opened it yet" in text(client.get(page))
    for data in ({}, {"reason": "lot"}, {"reason": "skills", "note": "n" * 601}):
        answer = client.post(page, {"note": "Typed", **data})
        assert answer.status_code == 422
        assert (data.get("note") or "Typed") in answer.content.decode()
    assert Application.objects.get().state == S.SUBMITTED
    assert client.post(page, {"reason": "skills", "note": "Good start."}).url == url(
        "board", application.project
    )
    assert Application.objects.get().decline_note == "Good start."
    assert "cannot be declined now" in text(client.get(page))
    assert client.post(page, {"reason": "skills"}).status_code == 409


def test_a_decline_does_not_tell_the_name_in_its_message(client):
    application = apply(open_project(), student("Noor Petrova"))
    sign_in(client, member_of(application.project))
    answer = client.post(url("decline", application), {"reason": "skills"}, follow=True)
    assert "Applicant 1 has your answer" in text(answer)
    assert "Petrova" not in text(answer)


def test_the_switch_of_names(client):
    project = open_project()
    apply(project, student("Noor Petrova"))
    sign_in(client, member_of(project))
    assert "Petrova" not in text(client.get(url("board", project)))
    answer = client.post(url("names", project), {"hide": "no"}, follow=True)
    assert "Petrova" in text(answer)
    client.post(url("names", project), {"hide": "yes"})
    assert "Petrova" not in text(client.get(url("board", project)))


def test_a_declined_offer_takes_the_person_off_the_board(client):
    application = apply(open_project())
    decline_offer(by=application.student, offer=offer(application))
    sign_in(client, member_of(application.project))
    assert client.get(url("applicant", application)).status_code == 404
    assert "1 person withdrew" in text(client.get(url("board", application.project)))


# --- costs -----------------------------------------------------------------------------------------------
def fill(project, number):
    """So many full applications, straight into the tables."""
    question, skill = project.questions.first(), project.project_skills.first().skill
    for i in range(number):
        user = student(f"Student {i}", hours_free=8)
        StudentSkill.objects.create(student=user.student, skill=skill)
        row = Application.objects.create(
            project=project,
            student=user,
            state=S.SUBMITTED,
            number=i + 1,
            submitted_at=clock.now(),
            pitch="Because",
        )
        Answer.objects.create(application=row, question=question, text=ANSWER)


def queries_of(client, page: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(page).status_code == 200
    return len(captured)


def test_the_board_costs_the_same_with_10_and_200_applicants(client):
    project = open_project()
    sign_in(client, member_of(project))
    fill(project, 10)
    client.get(url("board", project))
    few = queries_of(client, url("board", project))
    fill_more = open_project(member=member_of(project))
    fill(fill_more, 200)
    many = queries_of(client, url("board", fill_more))
    assert many == few
    assert len(re.findall(r'class="applicant"', client.get(url("board", fill_more)).content.decode())) == 20


def test_the_students_list_costs_the_same_with_3_and_25_applications(client):
    amara = student()
    sign_in(client, amara)

    def add(number):
        for _ in range(number):
            project = open_project()
            Application.objects.create(
                project=project, student=amara, state=S.SUBMITTED, submitted_at=clock.now()
            )

    add(3)
    client.get(reverse("applying:mine"))
    few = queries_of(client, reverse("applying:mine"))
    add(22)
    assert queries_of(client, reverse("applying:mine")) == few


def test_a_page_of_one_applicant_has_a_bounded_cost(client):
    application = apply(open_project())
    sign_in(client, member_of(application.project))
    client.get(url("applicant", application))
    assert queries_of(client, url("applicant", application)) < 25
    assert clock.now() - application.submitted_at < timedelta(minutes=1)
