"""One's own account: a role, a name, a zone, one's data as a file, and leaving for good."""

import json
from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from accounts.employers import actions as employers
from accounts.models import Mail, MemberInvite, Membership, Notification, StudentProfile, User
from accounts.notifications.actions import notify
from accounts.notifications.kinds import SECURITY
from accounts.students import actions as students
from accounts.users import actions, erasure, export, limits, queries, rules
from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment

from .conftest import PASSWORD

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def reauthenticated():
    """A client that has typed its password just now."""

    def do(user):
        client = Client()
        client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        return client

    return do


# --- a role ------------------------------------------------------------------------------------------------
def test_a_role_is_a_profile_a_membership_or_a_post(student, owner, organisation, moderator, person):
    assert queries.roles(student) == queries.Roles(student=True)
    assert queries.roles(owner) == queries.Roles(employer=True)
    assert queries.roles(moderator) == queries.Roles(moderator=True)
    assert not queries.roles(person("nobody@example.com")).any


def test_somebody_without_a_role_chooses_one(sign_in, person):
    client = sign_in(person("new@example.com", terms_accepted_at=clock.now()))
    page = client.get(reverse("users:choose"))
    assert "date_of_birth" not in page.context["form"].fields
    answer = client.post(reverse("users:choose"), {"role": "student"})
    assert answer.url == reverse("students:profile")
    assert StudentProfile.objects.count() == 1
    client.post(reverse("users:choose"), {"role": "student"})
    assert StudentProfile.objects.count() == 1
    assert client.post(reverse("users:choose"), {"role": "employer"}).url == reverse("employers:new")


def test_birthday_and_consent_are_asked_of_whoever_has_not_given_them(sign_in, person):
    user = person("new@example.com", date_of_birth=None)
    client = sign_in(user)
    answer = client.post(reverse("users:choose"), {"role": "student"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"date_of_birth", "terms"}
    answer = client.post(
        reverse("users:choose"), {"role": "student", "date_of_birth": "2020-01-01", "terms": "on"}
    )
    assert answer.status_code == 422
    assert not StudentProfile.objects.exists()
    client.post(reverse("users:choose"), {"role": "student", "date_of_birth": "1999-01-01", "terms": "on"})
    user.refresh_from_db()
    assert user.date_of_birth == date(1999, 1, 1)
    assert user.terms_accepted_at


def test_the_action_asks_what_the_page_asks(person):
    user = person("new@example.com", date_of_birth=None)
    for arguments in (
        {"role": "king"},
        {"role": "student"},
        {"role": "student", "date_of_birth": clock.now().date()},
        {"role": "student", "date_of_birth": date(1999, 1, 1)},
    ):
        with pytest.raises(Invalid):
            actions.choose_role(by=user, **arguments)
    user.refresh_from_db()
    assert user.date_of_birth is None


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2000, 2, 29), date(2018, 2, 28), 17),
        (date(2000, 2, 29), date(2018, 3, 1), 18),
        (date(2000, 3, 1), date(2018, 3, 1), 18),
        (date(2000, 3, 2), date(2018, 3, 1), 17),
    ],
)
def test_age_is_counted_in_completed_years(born, day, age):
    assert rules.age_on(day, born) == age


# --- settings ----------------------------------------------------------------------------------------------
def test_name_and_zone_are_changed_and_bad_ones_keep_what_was_typed(sign_in, student):
    client = sign_in(student)
    client.post(reverse("users:settings"), {"name": "Amara O’Kafor", "zone": "Asia/Tokyo"})
    student.refresh_from_db()
    assert (student.name, student.zone) == ("Amara O’Kafor", "Asia/Tokyo")
    for bad in (
        {"name": "", "zone": "Asia/Tokyo"},
        {"name": "A", "zone": "Mars"},
        {"name": "a@b.example", "zone": "UTC"},
        {"name": "\u200b\u2060\u200b", "zone": "UTC"},
    ):
        answer = client.post(reverse("users:settings"), bad)
        assert answer.status_code == 422
        assert answer.context["form"]["name"].value() == bad["name"]
    student.refresh_from_db()
    assert student.name == "Amara O’Kafor"


def test_signs_that_turn_a_name_around_are_dropped(student):
    actions.update_settings(by=student, name="Amara\u202e Okafor\u2066", zone="UTC")
    student.refresh_from_db()
    assert student.name == "Amara Okafor"


def test_the_action_refuses_what_the_form_refuses(student):
    for bad in ({"name": "", "zone": "UTC"}, {"name": "Amara", "zone": "Mars"}):
        with pytest.raises(Invalid):
            actions.update_settings(by=student, **bad)


def test_settings_show_everything_with_few_queries(sign_in, student, owner, django_assert_max_num_queries):
    for number in range(4):
        organisation = employers.create_organisation(by=owner, name=f"Halden {number}")
        Membership.objects.create(organisation=organisation, user=student)
    client = sign_in(student)
    with django_assert_max_num_queries(22):
        page = client.get(reverse("users:settings"))
    for words in ("Halden 3", student.email, "Download", "Delete", "Sign out everywhere else"):
        assert words in page.content.decode()


def test_signing_out_everywhere_keeps_this_browser_and_ends_the_rest(student):
    here, there = Client(), Client()
    for client in (here, there):
        client.post(reverse("account_login"), {"login": student.email, "password": PASSWORD})
    AuthToken.objects.create(user=student)
    here.post(reverse("users:sign-out-everywhere"))
    assert here.get(reverse("users:settings")).status_code == 200
    assert there.get(reverse("users:settings")).status_code == 302
    assert not AuthToken.objects.exists()


def test_a_new_address_counts_only_once_it_is_confirmed_and_the_old_one_is_told(student, reauthenticated):
    client = reauthenticated(student)
    client.post(reverse("account_email"), {"action_add": "", "email": "amara@new.example"})
    student.refresh_from_db()
    assert student.email == "amara@example.com"
    assert Mail.objects.filter(to="amara@new.example").exists()
    assert "amara@new.example" in client.get(reverse("users:settings")).content.decode()


# --- export ------------------------------------------------------------------------------------------------
def test_the_file_holds_all_of_one_person_and_nothing_of_another(
    student, owner, organisation, reauthenticated
):
    students.update_profile(by=student, headline="Economist", may_work="yes")
    students.add_skill(by=student, name="Interviewing", evidence="Debate club")
    notify(student, SECURITY, thing=student, title="Somebody signed in")
    employers.invite_member(by=owner, organisation=organisation, email=student.email)
    answer = reauthenticated(student).get(reverse("users:export"))
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    data = json.loads(answer.content)
    text = answer.content.decode()
    assert data["account"]["date_of_birth"] == "1999-05-31"
    assert data["student"]["may_work"] == "yes"
    assert data["student"]["skills"][0]["evidence"] == "Debate club"
    assert data["messages"]["notifications"][0]["title"] == "Somebody signed in"
    assert data["organisations"]["invited"][0]["organisation"] == "Halden Bikes"
    assert owner.email not in text
    assert MemberInvite.objects.get().token not in text
    assert PASSWORD not in text
    assert student.password not in text


def test_rooms_above_add_their_part(student):
    export.register("test-part", lambda user: {"of": user.pk})
    try:
        assert export.everything(student)["test-part"] == {"of": student.pk}
    finally:
        export._parts.pop("test-part")


def test_the_file_is_not_handed_to_a_session_that_proved_nothing_lately(sign_in, student):
    answer = sign_in(student).get(reverse("users:export"))
    assert answer.status_code == 302
    assert "reauthenticate" in answer.url


def test_more_than_ten_files_an_hour_are_refused(student, reauthenticated):
    client = reauthenticated(student)
    answers = [client.get(reverse("users:export")).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


# --- leaving -----------------------------------------------------------------------------------------------
def everything_in_the_database() -> str:
    """All text and JSON of every table, as a dump would show it."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
            found.extend(row[0] for row in cursor.fetchall())
    return "\n".join(found)


def test_after_erasure_nothing_personal_is_left_in_the_whole_database(
    student, owner, organisation, moderator, reauthenticated
):
    student.date_of_birth = date(1987, 6, 5)
    student.save()
    students.update_profile(by=student, headline="Unmistakable headline", about="Unmistakable words about me")
    students.add_skill(by=student, name="Interviewing", evidence="Unmistakable debate club")
    students.set_resume(by=student, upload=SimpleUploadedFile("okafor.pdf", PDF))
    employers.invite_member(by=owner, organisation=organisation, email=student.email)
    notify(student, SECURITY, thing=student, title="Hello Amara Okafor")
    AuthToken.objects.create(user=student)
    LogEntry.objects.log_actions(moderator.pk, [student], CHANGE, change_message="Changed amara@example.com")
    client = reauthenticated(student)
    assert client.get(reverse("users:delete")).status_code == 200
    assert client.post(reverse("users:delete"), {}).status_code == 422
    answer = client.post(reverse("users:delete"), {"sure": "on"})
    assert answer.url == reverse("users:gone")
    assert client.get(answer.url).status_code == 200
    gone = User.objects.get(pk=student.pk)
    assert (gone.surrogate, gone.is_active, gone.name) == (student.surrogate, False, "Former member")
    dump = everything_in_the_database()
    for trace in ("amara@example.com", "Okafor", "Unmistakable", "1987-06-05", "okafor.pdf"):
        rows = [row for row in dump.splitlines() if trace.lower() in row.lower()]
        assert rows == [], trace
    assert not Notification.objects.filter(user=student).exists()


def test_the_resume_file_is_deleted_too(transactional_db, student):
    students.set_resume(by=student, upload=SimpleUploadedFile("okafor.pdf", PDF))
    stored = StudentProfile.objects.get().resume
    actions.erase_account(by=student)
    assert not stored.storage.exists(stored.name)


def test_an_erased_person_is_signed_out_and_the_address_is_free_again(student, person, reauthenticated):
    other = reauthenticated(student)
    actions.erase_account(by=student)
    assert other.get(reverse("users:settings")).status_code == 302
    assert actions.erase_account(by=student).erased_at
    assert person("amara@example.com").pk != student.pk


def test_what_is_live_stands_in_the_way_and_is_named(student, reauthenticated):
    check = erasure.register_check(
        lambda user: "You have work that is not finished." if user.pk == student.pk else None
    )
    try:
        client = reauthenticated(student)
        assert "not finished" in client.get(reverse("users:delete")).content.decode()
        assert client.post(reverse("users:delete"), {"sure": "on"}).status_code == 409
        with pytest.raises(WrongMoment):
            actions.erase_account(by=student)
        assert queries.allowed_actions(student, student)["delete"] == "You have work that is not finished."
    finally:
        erasure._checks.remove(check)
    assert EmailAddress.objects.filter(user=student).exists()


def test_the_only_owner_of_others_organisation_hands_it_over_first(owner, organisation, member):
    kofi = member(organisation, "manager", "kofi@halden.example")
    with pytest.raises(WrongMoment, match="Halden Bikes"):
        actions.erase_account(by=owner)
    employers.set_role(by=owner, membership=Membership.objects.get(user=kofi), role="owner")
    actions.erase_account(by=owner)
    assert list(Membership.objects.values_list("user_id", flat=True)) == [kofi.pk]


def test_only_a_moderator_erases_or_suspends_somebody_else_and_never_each_other(
    student, owner, moderator, person
):
    with pytest.raises(NotAllowed):
        actions.erase_account(by=owner, user=student)
    with pytest.raises(NotAllowed):
        actions.suspend_user(by=owner, user=student, reason="Because")
    with pytest.raises(NotAllowed):
        actions.suspend_user(by=moderator, user=moderator, reason="Because")
    with pytest.raises(Invalid):
        actions.suspend_user(by=moderator, user=student, reason=" ")
    operator = person("operator@example.com", is_staff=True, is_superuser=True)
    with pytest.raises(NotAllowed):
        actions.suspend_user(by=moderator, user=operator, reason="Because")
    with pytest.raises(NotAllowed):
        actions.erase_account(by=moderator, user=operator)
    with pytest.raises(WrongMoment):
        actions.lift_suspension(by=moderator, user=student)
    actions.suspend_user(by=moderator, user=student, reason="Fake")
    actions.erase_account(by=moderator, user=student)
    with pytest.raises(WrongMoment):
        actions.lift_suspension(by=moderator, user=student)


def test_pages_of_an_account_are_for_whoever_is_signed_in(client, db):
    for name in ("settings", "choose", "export", "delete"):
        assert reverse("account_login") in client.get(reverse(f"users:{name}")).url
    assert client.post(reverse("users:sign-out-everywhere")).status_code == 302
    assert client.get(reverse("users:sign-out-everywhere")).status_code in (302, 405)


def test_an_account_is_seen_by_its_person_and_by_moderators(student, owner, moderator):
    assert list(queries.visible_to(student)) == [student]
    assert queries.visible_to(moderator).count() == 3


def test_limits_count_per_key_and_window():
    assert [limits.within("test", "a", 2, 60) for _ in range(3)] == [True, True, False]
    assert limits.within("test", "b", 2, 60)
    assert not limits.within("test", "A", 2, 60)


def test_a_moment_later_the_window_is_new(monkeypatch):
    monkeypatch.setattr(limits.cache, "incr", lambda *_: (_ for _ in ()).throw(ValueError))
    assert limits.within("test", "c", 1, 60)


def test_thirty_days_later_nobody_is_forgotten_who_came_once(student):
    clock.advance(timedelta(days=60))
    from accounts.users.tasks import forget_unverified

    assert forget_unverified() == 0
