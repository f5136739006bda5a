"""A student's profile: kept as typed, complete step by step, private where it says so; the résumé's readers."""

import re
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Mail, SchoolCode, Skill, StudentProfile, StudentSkill
from accounts.students import access, actions, queries, school_codes
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
GOOD = {
    "headline": "Second-year economist", "about": "I tidy spreadsheets.", "programme": "BSc Economics",
    "graduates_in": "", "hours_free": "12", "interests": ["data", "research"], "website": "",
}  # fmt: skip


def profile_of(user) -> StudentProfile:
    return StudentProfile.objects.get(user=user)


@pytest.fixture
def skill(db):
    return Skill.objects.create(
        slug="interviewing", name="Interviewing", function="research", state="accepted"
    )


# --- the profile -------------------------------------------------------------------------------------------
def test_what_is_typed_is_kept(sign_in, student):
    client = sign_in(student)
    answer = client.post(
        reverse("students:edit"),
        {**GOOD, "website": "amara.example/work", "graduates_in": clock.now().year + 1},
    )
    assert answer.url == reverse("students:profile")
    mine = profile_of(student)
    assert (mine.headline, mine.hours_free, mine.interests) == (
        "Second-year economist",
        12,
        ["data", "research"],
    )
    assert mine.website == "https://amara.example/work"
    page = client.get(answer.url).content.decode()
    assert "Second-year economist" in page
    assert "Data, Research" in page or "Research, Data" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("headline", "x" * 121),
        ("about", "x" * 2001),
        ("graduates_in", "1999"),
        ("graduates_in", "99999999999999999999"),
        ("graduates_in", "soon"),
        ("hours_free", ""),
        ("hours_free", "-1"),
        ("hours_free", "41"),
        ("hours_free", "1e3"),
        ("interests", "astrology"),
        ("website", "javascript://alert(1)"),
        ("website", "https://"),
        ("website", "http://" + "x" * 250 + ".example"),
        ("headline", "nul\x00byte"),
    ],
)
def test_bad_input_is_said_beside_its_field_and_changes_nothing(sign_in, student, field, value):
    before = profile_of(student).updated_at
    answer = sign_in(student).post(
        reverse("students:edit"),
        {**GOOD, field: value, "headline": value if field == "headline" else "Kept words"},
    )
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    if field != "headline":
        assert "Kept words" in answer.content.decode()
    assert profile_of(student).updated_at == before


def test_a_headline_that_nobody_can_see_is_no_headline(student):
    actions.update_profile(by=student, headline="\u200b\u2060 \ufeff")
    assert profile_of(student).headline == ""
    actions.update_profile(by=student, headline="Econ\u202eomist")
    assert profile_of(student).headline == "Economist"


def test_markup_is_shown_as_typed_and_never_runs(sign_in, student):
    client = sign_in(student)
    client.post(
        reverse("students:edit"),
        {**GOOD, "headline": "<script>alert(1)</script>", "about": '"><img src=x onerror=alert(1)>'},
    )
    page = client.get(reverse("students:profile")).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page


def test_the_action_refuses_what_the_page_refuses(student):
    for bad in ({"hours_free": 99}, {"interests": ["astrology"]}, {"website": "ftp://x.example"},
                {"graduates_in": 1900},
                {"may_work": "maybe"}):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            actions.update_profile(by=student, **bad)
        assert list(refused.value.message_dict) == list(bad)
    with pytest.raises(TypeError):
        actions.update_profile(by=student, school_verified_at=clock.now())


def test_answers_about_work_are_kept_and_only_say_eligible(sign_in, student):
    client = sign_in(student)
    assert not queries.eligible(profile_of(student), True)
    assert queries.eligible(profile_of(student), False)
    client.post(reverse("students:private"), {"may_work": "yes", "needs_sponsor": "unsaid"})
    assert queries.eligible(profile_of(student), True)
    client.post(
        reverse("students:private"),
        {"may_work": "yes", "needs_sponsor": "yes", "needs_school_sign_off": "on"},
    )
    assert not queries.eligible(profile_of(student), True)
    assert profile_of(student).needs_school_sign_off
    assert client.post(reverse("students:private"), {"may_work": "perhaps"}).status_code == 422


def test_what_others_see_is_switched_by_the_student(sign_in, student):
    client = sign_in(student)
    client.post(reverse("students:visibility"), {"open_to_invitations": "on"})
    assert (profile_of(student).open_to_invitations, profile_of(student).portfolio_on) == (True, False)
    client.post(reverse("students:visibility"), {})
    assert not profile_of(student).open_to_invitations


@pytest.mark.parametrize(("answer", "on"), [("yes", True), ("no", False), ("maybe", False)])
def test_a_new_student_is_asked_once_whether_employers_may_invite(sign_in, student, answer, on):
    client, question = sign_in(student), "May employers find and invite you?"
    assert not profile_of(student).open_to_invitations
    assert question in client.get(reverse("students:profile")).content.decode()
    page = client.post(reverse("students:invitations"), {"answer": answer}, follow=True).content.decode()
    assert question not in page
    assert profile_of(student).open_to_invitations is on
    client.post(reverse("students:visibility"), {} if on else {"open_to_invitations": "on"})
    assert profile_of(student).open_to_invitations is not on
    assert question not in client.get(reverse("students:profile")).content.decode()


def test_whoever_has_no_profile_is_asked_first(sign_in, owner):
    client = sign_in(owner)
    for name in ("profile", "edit", "private", "skills", "resume", "school"):
        assert client.get(reverse(f"students:{name}")).url == reverse("users:choose") + "?role=student"
    with pytest.raises(NotAllowed):
        actions.update_profile(by=owner, headline="x")
    with pytest.raises(NotAllowed):
        school_codes.send_school_code(by=owner, email="a@mit.edu")
    assert queries.profile_of(owner) is None


def test_all_of_it_is_for_whoever_is_signed_in(client, student):
    for name in ("profile", "edit", "private", "skills", "skill-suggest", "resume", "school"):
        assert reverse("account_login") in client.get(reverse(f"students:{name}")).url


def test_profiles_are_seen_by_their_student_and_by_moderators(student, owner, moderator):
    assert queries.visible_to(student).count() == 1
    assert queries.visible_to(moderator).count() == 1
    assert queries.visible_to(owner).count() == 0


# --- completeness ------------------------------------------------------------------------------------------
def test_completeness_says_what_next_and_why_and_ends_at_100(student, skill):
    empty = queries.completeness(profile_of(student))
    assert empty.percent == 0
    assert empty.next[0].field == "headline"
    assert all(step.what and step.why and step.url for step in empty.next)
    assert "school_verified_at" not in [step.field for step in empty.next]
    actions.update_profile(
        by=student,
        headline="Economist",
        about="x" * 90,
        programme="BSc",
        graduates_in=clock.now().year,
        interests=["data"],
    )
    seen = [queries.completeness(profile_of(student)).percent]
    for name in ("Interviewing", "Juggling knives", "Cold calling"):
        actions.add_skill(by=student, name=name, evidence="A club")
        seen.append(queries.completeness(profile_of(student)).percent)
    actions.set_resume(by=student, upload=SimpleUploadedFile("cv.pdf", PDF))
    seen.append(queries.completeness(profile_of(student)).percent)
    EmailAddress.objects.create(user=student, email="amara@mit.edu", verified=True)
    actions.recognise_school(student)
    full = queries.completeness(profile_of(student))
    assert seen == sorted(seen)
    assert (full.percent, full.next) == (100, [])
    assert sum(points for _, points, *_ in queries.PARTS) == 100


def test_the_profile_page_costs_the_same_however_much_is_on_it(sign_in, student):
    client = sign_in(student)

    def queries_of(name):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse(name)).status_code == 200
        return len(seen)

    client.get(reverse("students:profile"))  # what is made once for the whole site
    few = [queries_of(name) for name in ("students:profile", "students:skills")]
    for number in range(queries.SKILLS_MAX):
        StudentSkill.objects.create(
            student=profile_of(student),
            skill=Skill.objects.create(slug=f"s{number}", name=f"Skill {number}", proposed_by=student),
        )
    assert [queries_of(name) for name in ("students:profile", "students:skills")] == few


# --- skills ------------------------------------------------------------------------------------------------
def test_a_known_skill_and_a_new_word(sign_in, student, skill):
    client = sign_in(student)
    client.post(
        reverse("students:skills"), {"name": "interviewing", "level": "strong", "evidence": "Debate  club"}
    )
    row = StudentSkill.objects.get()
    assert (row.skill, row.level, row.evidence) == (skill, "strong", "Debate club")
    client.post(reverse("students:skills"), {"name": "Beekeeping", "level": "learning"})
    new = Skill.objects.get(name="Beekeeping")
    assert (new.state, new.proposed_by) == ("pending", student)
    assert "New word" in client.get(reverse("students:skills")).content.decode()


def test_adding_the_same_again_changes_it(student, skill):
    actions.add_skill(by=student, name="Interviewing", level="learning")
    actions.add_skill(by=student, name="INTERVIEWING", level="strong", evidence="Radio")
    assert StudentSkill.objects.get().level == "strong"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "", "level": "able"}, "name"),
        ({"name": "https://spam.example", "level": "able"}, "name"),
        ({"name": "x" * 61, "level": "able"}, "name"),
        ({"name": "Interviewing", "level": "godlike"}, "level"),
        ({"name": "Interviewing", "level": "able", "evidence": "x" * 201}, "evidence"),
    ],
)
def test_bad_skills_are_refused_and_kept_in_the_form(sign_in, student, skill, data, field):
    answer = sign_in(student).post(reverse("students:skills"), data)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert answer.context["form"]["name"].value() == data["name"]
    assert not StudentSkill.objects.exists()


def test_twenty_are_the_most(student):
    for number in range(queries.SKILLS_MAX):
        StudentSkill.objects.create(
            student=profile_of(student), skill=Skill.objects.create(slug=f"s{number}", name=f"Skill {number}")
        )
    with pytest.raises(Invalid, match="20 skills"):
        actions.add_skill(by=student, name="One too many")
    assert queries.allowed_actions(student, profile_of(student))["add_skill"]


def test_only_ones_own_skill_is_removed(sign_in, student, skill, person):
    other = person("other@example.com")
    actions.create_profile(by=other)
    actions.add_skill(by=other, name="Interviewing")
    client = sign_in(student)
    assert client.post(reverse("students:skill-remove", args=[skill.public_id])).status_code == 404
    actions.add_skill(by=student, name="Interviewing")
    client.post(reverse("students:skill-remove", args=[skill.public_id]))
    assert list(StudentSkill.objects.values_list("student__user", flat=True)) == [other.pk]


def test_set_skills_replaces_all(student, skill):
    actions.add_skill(by=student, name="Beekeeping")
    actions.set_skills(by=student, skills=[("Interviewing", "able", "")])
    assert [row.skill for row in queries.skills_of(profile_of(student))] == [skill]


def test_names_are_suggested_while_typing(sign_in, student, skill):
    client = sign_in(student)
    assert "Interviewing" in client.get(reverse("students:skill-suggest"), {"name": "inter"}).content.decode()
    assert "option" not in client.get(reverse("students:skill-suggest")).content.decode()


def test_the_form_is_filled_to_change_a_skill(sign_in, student, skill):
    actions.add_skill(by=student, name="Interviewing", evidence="Radio")
    page = sign_in(student).get(reverse("students:skills") + f"?skill={skill.public_id}")
    assert page.context["form"].initial["evidence"] == "Radio"


# --- résumé ------------------------------------------------------------------------------------------------
def docx() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
    return out.getvalue()


def upload(client, name, content):
    return client.post(reverse("students:resume"), {"resume": SimpleUploadedFile(name, content)})


def test_a_resume_is_kept_under_a_name_of_ours_and_handed_out_as_an_attachment(sign_in, student):
    client = sign_in(student)
    assert upload(client, "../../Amara Okafor.pdf", PDF).url == reverse("students:profile")
    mine = profile_of(student)
    assert re.fullmatch(r"resumes/[\w-]{20,}\.pdf", mine.resume.name)
    answer = client.get(reverse("students:resume-file", args=[student.public_id]))
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"] == 'attachment; filename="Amara Okafor.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert upload(client, "cv.docx", docx()).status_code == 302


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cv.exe", b"MZ"),
        ("cv.pdf", b"MZ not a pdf"),
        ("cv.pdf", b""),
        ("cv.html", b"<script>"),
        ("cv.docx", b"PK\x03\x04 but nothing else"),
        ("cv", PDF),
    ],
)
def test_other_files_are_refused_with_the_reason(sign_in, student, name, content):
    answer = upload(sign_in(student), name, content)
    assert answer.status_code == 422
    assert answer.context["form"].errors["resume"]
    assert not profile_of(student).resume


def test_a_file_over_20_mb_and_no_file_are_refused(sign_in, student, settings):
    settings.MAX_UPLOAD_BYTES = 100
    client = sign_in(student)
    assert upload(client, "cv.pdf", PDF + b" " * 100).status_code == 422
    assert client.post(reverse("students:resume"), {}).status_code == 422


def test_a_new_resume_takes_the_old_files_place_and_removing_deletes_it(transactional_db, student):
    storage = profile_of(student).resume.storage
    actions.set_resume(by=student, upload=SimpleUploadedFile("one.pdf", PDF))
    first = profile_of(student).resume.name
    actions.set_resume(by=student, upload=SimpleUploadedFile("two.pdf", PDF))
    second = profile_of(student).resume.name
    assert not storage.exists(first)
    assert storage.exists(second)
    actions.remove_resume(by=student)
    assert not storage.exists(second)
    with pytest.raises(WrongMoment):
        actions.remove_resume(by=student)


def test_who_may_read_a_resume(student, owner, organisation, moderator, person):
    actions.set_resume(by=student, upload=SimpleUploadedFile("cv.pdf", PDF))
    stranger, holder = person("other@example.com"), person("holder@example.com")
    actions.create_profile(by=stranger)
    rule = access.register(lambda user, profile: user.pk == holder.pk and profile.user_id == student.pk)
    url = reverse("students:resume-file", args=[student.public_id])
    expected = {None: 302, student: 200, stranger: 404, owner: 404, holder: 200, moderator: 200}
    try:
        for user, status in expected.items():
            client = Client()
            if user:
                client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            assert client.get(url).status_code == status, user
    finally:
        access._readers.remove(rule)
    actions.remove_resume(by=student)
    client = Client()
    client.force_login(student, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(url).status_code == 404
    assert client.get(reverse("students:resume-file", args=["nobodyatall2"])).status_code == 404


# --- school ------------------------------------------------------------------------------------------------
def code_in(mail) -> str:
    return re.search(r"\b(\d{6})\b", mail.text).group(1)


def test_a_confirmed_school_address_of_the_account_is_enough(person):
    user = person("amara@student.mit.edu")
    actions.create_profile(by=user)
    mine = profile_of(user)
    assert mine.school.name == "Massachusetts Institute of Technology"
    assert mine.school_verified_at


def test_an_unconfirmed_one_proves_nothing_until_it_is_confirmed(person):
    user = person("amara@mit.edu", confirmed=False)
    actions.create_profile(by=user)
    assert profile_of(user).school is None
    address = EmailAddress.objects.get()
    address.verified = True
    address.save()
    email_confirmed.send(sender=EmailAddress, request=None, email_address=address)
    assert profile_of(user).school_verified_at


def test_another_address_is_proved_by_a_code(sign_in, student):
    client = sign_in(student)
    client.post(reverse("students:school"), {"email": "Amara@MIT.edu"})
    mail = Mail.objects.get()
    assert mail.to == "amara@mit.edu"
    assert "amara@mit.edu" in client.get(reverse("students:school")).content.decode()
    assert profile_of(student).school is None
    answer = client.post(
        reverse("students:school-code"), {"code": f" {code_in(mail)[:3]} {code_in(mail)[3:]} "}
    )
    assert answer.url == reverse("students:profile")
    mine = profile_of(student)
    assert (mine.school_email, bool(mine.school_verified_at)) == ("amara@mit.edu", True)
    assert not SchoolCode.objects.exists()
    with pytest.raises(WrongMoment):
        school_codes.send_school_code(by=student, email="amara@mit.edu")


def test_the_code_is_not_in_the_database(student):
    school_codes.send_school_code(by=student, email="amara@mit.edu")
    assert code_in(Mail.objects.get()) not in SchoolCode.objects.get().digest


@pytest.mark.parametrize("email", ["a@gmail.com", "a@example.com", "not an address", ""])
def test_what_is_no_schools_address_is_refused(sign_in, student, email):
    answer = sign_in(student).post(reverse("students:school"), {"email": email})
    assert answer.status_code == 422
    assert "email" in answer.context["form"].errors
    assert not Mail.objects.exists()


def test_five_wrong_guesses_use_up_a_code(sign_in, student):
    school_codes.send_school_code(by=student, email="amara@mit.edu")
    right = code_in(Mail.objects.get())
    wrong = "000000" if right != "000000" else "000001"
    client = sign_in(student)
    for _ in range(SchoolCode.TRIES):
        assert client.post(reverse("students:school-code"), {"code": wrong}).status_code == 422
    assert client.post(reverse("students:school-code"), {"code": right}).status_code == 422
    assert profile_of(student).school is None


def test_a_code_is_too_old_after_half_an_hour(student):
    school_codes.send_school_code(by=student, email="amara@mit.edu")
    clock.advance(timedelta(minutes=31))
    with pytest.raises(Invalid):
        school_codes.confirm_school_code(by=student, code=code_in(Mail.objects.get()))


def test_a_code_works_for_the_student_who_asked_only(student, person):
    other = person("other@example.com")
    actions.create_profile(by=other)
    school_codes.send_school_code(by=student, email="amara@mit.edu")
    with pytest.raises(Invalid):
        school_codes.confirm_school_code(by=other, code=code_in(Mail.objects.get()))


def test_one_school_address_confirms_one_student(student, person, sign_in):
    first = person("amara@mit.edu")
    actions.create_profile(by=first)
    school_codes.send_school_code(by=student, email="amara@mit.edu")
    answer = sign_in(student).post(reverse("students:school-code"), {"code": code_in(Mail.objects.get())})
    assert answer.status_code == 422
    assert profile_of(student).school is None


def test_five_codes_an_hour_are_the_most(student):
    for _ in range(5):
        school_codes.send_school_code(by=student, email="amara@mit.edu")
    with pytest.raises(Invalid, match="hour"):
        school_codes.send_school_code(by=student, email="amara@mit.edu")
    assert Mail.objects.count() == 5


def test_a_student_takes_the_school_off_again(sign_in, student):
    EmailAddress.objects.create(user=student, email="amara@mit.edu", verified=True)
    client = sign_in(student)
    client.post(reverse("students:school"), {"email": "amara@mit.edu"})
    assert profile_of(student).school_verified_at
    assert not Mail.objects.exists()
    assert "Confirmed" in client.get(reverse("students:profile")).content.decode()
    client.post(reverse("students:school-leave"))
    assert profile_of(student).school is None
    assert client.post(reverse("students:school-leave")).status_code == 409
