"""Joining and signing in: codes come by mail, nobody learns who has an account, guessing is stopped."""

import re
import threading
from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Mail, SchoolStaff, StudentProfile, User
from accounts.schools.queries import recognise
from accounts.users import actions, tasks
from marketplace.ground import clock

from .conftest import PASSWORD

JOIN = {
    "role": "student", "name": "Amara Okafor", "email": "amara@example.com", "password1": PASSWORD,
    "date_of_birth": "1999-05-31", "zone": "Europe/London", "terms": "on", "website": "",
}  # fmt: skip


def join(client, **changes):
    return client.post(reverse("account_signup"), {**JOIN, **changes})


def code_in(mail) -> str:
    return re.search(r"^\s*([A-Z0-9]{4}-[A-Z0-9]{4})\s*$", mail.text, re.MULTILINE).group(1)


def sign_in(client, email, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


# --- joining -----------------------------------------------------------------------------------------------
def test_a_student_joins_confirms_the_code_and_begins_with_a_profile(client, db):
    answer = join(client)
    assert answer.url == reverse("account_email_verification_sent")
    mail = Mail.objects.get()
    assert (mail.to, mail.kind, mail.state) == ("amara@example.com", "account", "pending")
    answer = client.post(answer.url, {"code": code_in(mail)})
    assert answer.url == reverse("home")
    user = User.objects.get()
    assert (user.name, user.zone, user.date_of_birth) == ("Amara Okafor", "Europe/London", date(1999, 5, 31))
    assert user.terms_accepted_at
    assert StudentProfile.objects.filter(user=user).exists()
    assert client.get(reverse("students:profile")).status_code == 200


def test_an_employer_goes_on_to_name_the_organisation(client, db):
    answer = join(client, role="employer")
    answer = client.post(answer.url, {"code": code_in(Mail.objects.get())})
    assert answer.url == reverse("employers:new")
    assert not StudentProfile.objects.exists()


def test_the_choice_of_role_in_the_address_is_marked(client, db):
    assert (
        client.get(reverse("account_signup") + "?role=employer").context["form"]["role"].initial == "employer"
    )
    assert client.get(reverse("account_signup") + "?role=root").context["form"]["role"].initial == "student"


def test_a_wrong_code_lets_nobody_in(client, db):
    answer = join(client)
    assert client.post(answer.url, {"code": "AAAA-AAAA"}).status_code == 422
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "Cheap pills www.pills.example"}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "!!!"}, "name"),
        ({"email": "not an address"}, "email"),
        ({"email": "a@" + "b" * 300 + ".example"}, "email"),
        ({"password1": "short"}, "password1"),
        ({"password1": "1234567890123"}, "password1"),
        ({"password1": "amara okafor"}, "password1"),
        ({"date_of_birth": ""}, "date_of_birth"),
        ({"date_of_birth": "31/31/1999"}, "date_of_birth"),
        ({"date_of_birth": "1850-01-01"}, "date_of_birth"),
        ({"date_of_birth": "2990-01-01"}, "date_of_birth"),
        ({"zone": "Moon/Tranquility"}, "zone"),
        ({"role": "moderator"}, "role"),
        ({"terms": ""}, "terms"),
        ({"name": "nul\x00byte"}, "name"),
    ],
)
def test_bad_input_is_said_beside_its_field_and_makes_no_account(client, db, changes, field):
    answer = join(client, **changes)
    assert field in answer.context["form"].errors
    assert list(answer.context["form"].errors) == [field]
    assert answer.status_code == 422
    assert not User.objects.exists()
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    "name", ["Siobhán O’Brien", "محمد علي", "李小龍", "Nguyễn Thị Hoa", "X Æ A-12", "J. R."]
)
def test_natural_names_are_taken_as_they_are(client, db, name):
    join(client, name=name)
    assert User.objects.get().name == name


def test_under_18_is_refused_kindly_and_nothing_is_kept(client, db):
    today = clock.now().date()
    tomorrow_18 = date(today.year - 18, today.month, today.day) + timedelta(days=1)
    answer = join(client, date_of_birth=tomorrow_18.isoformat())
    assert "guardian" in answer.content.decode()
    assert not User.objects.exists()
    assert not Mail.objects.exists()


def test_the_day_somebody_turns_18_is_old_enough(client, db):
    today = clock.now().date()
    join(client, date_of_birth=today.replace(year=today.year - 18, day=min(today.day, 28)).isoformat())
    assert User.objects.exists()


def test_a_program_that_fills_the_trap_gets_a_friendly_answer_and_nothing_else(client, db):
    answer = join(client, website="https://spam.example")
    assert answer.url == reverse("account_email_verification_sent")
    assert not User.objects.exists()
    assert not Mail.objects.exists()


def test_the_trap_is_hidden_without_an_inline_style(client, db):
    page = client.get(reverse("account_signup"))
    trap = re.search(r'<input[^>]*name="website"[^>]*>', page.content.decode()).group(0)
    assert "style=" not in page.content.decode()
    assert 'tabindex="-1"' in trap
    assert 'autocomplete="off"' in trap
    assert page.context["form"]["website"].label == "Leave this empty"


def test_joining_twice_at_once_makes_one_account(transactional_db):
    answers = []

    def one():
        answers.append(join(Client()).status_code)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [302] * 4
    assert User.objects.count() == 1


# --- nobody learns who has an account ----------------------------------------------------------------------
def test_joining_with_a_known_address_looks_the_same_and_tells_only_the_owner(client, person):
    person("amara@example.com")
    known = join(client)
    unknown = join(Client(), email="new@example.com")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert User.objects.count() == 2
    assert "There is an account with this address already" in Mail.objects.get(to="amara@example.com").text
    page = client.get(known.url)
    assert page.status_code == 200


def test_a_reset_and_a_code_look_the_same_for_strangers(client, person):
    person("amara@example.com")
    for name in ("account_reset_password", "account_request_login_code"):
        known = client.post(reverse(name), {"email": "amara@example.com"})
        unknown = Client().post(reverse(name), {"email": "nobody@example.com"})
        assert (known.status_code, known.get("Location")) == (unknown.status_code, unknown.get("Location"))
    assert Mail.objects.filter(to="nobody@example.com").count() == 2


def test_a_wrong_password_and_an_unknown_address_get_the_same_words(client, person):
    person("amara@example.com")
    known = sign_in(client, "amara@example.com", "wrong words here")
    unknown = sign_in(Client(), "nobody@example.com", "wrong words here")
    assert known.context["form"].errors == unknown.context["form"].errors


# --- signing in --------------------------------------------------------------------------------------------
def test_by_password(client, student):
    assert sign_in(client, "Amara@Example.com").url == reverse("home")
    assert client.get(reverse("students:profile")).status_code == 200


def test_by_a_code_that_comes_by_mail(client, student):
    answer = client.post(reverse("account_request_login_code"), {"email": student.email})
    answer = client.post(answer.url, {"code": code_in(Mail.objects.get())})
    assert answer.url == reverse("home")


def test_a_reset_sets_a_new_password_under_the_same_rules_and_ends_other_sessions(client, student):
    other = Client()
    sign_in(other, student.email)
    client.post(reverse("account_reset_password"), {"email": student.email})
    link = re.search(r"http://\S+/account/password/reset/key/\S+", Mail.objects.get().text).group(0)
    form = client.get(link, follow=True)
    here = form.redirect_chain[-1][0]
    assert client.post(here, {"password1": "short", "password2": "short"}).context["form"].errors
    client.post(here, {"password1": "four other new words", "password2": "four other new words"})
    student.refresh_from_db()
    assert student.check_password("four other new words")
    assert other.get(reverse("users:settings")).status_code == 302


def test_whoever_is_suspended_is_thrown_out_and_not_let_in(client, student, moderator):
    sign_in(client, student.email)
    actions.suspend_user(by=moderator, user=student, reason="Fake profile")
    assert client.get(reverse("users:settings")).status_code == 302
    assert sign_in(client, student.email).url == reverse("account_inactive")
    assert client.get(reverse("users:settings")).status_code == 302
    client.post(reverse("account_request_login_code"), {"email": student.email})
    codes = Mail.objects.filter(to=student.email, text__contains="code")
    for mail in codes:
        client.post(reverse("account_confirm_login_code"), {"code": code_in(mail)})
    assert client.get(reverse("users:settings")).status_code == 302
    actions.lift_suspension(by=moderator, user=student)
    assert sign_in(client, student.email).url == reverse("home")


def test_ten_wrong_guesses_are_the_most_also_behind_changing_addresses(client, person):
    person("amara@example.com")
    for number in range(12):
        Client(HTTP_X_FORWARDED_FOR=f"203.0.113.{number}").post(
            reverse("account_login"), {"login": "amara@example.com", "password": f"guess {number}"}
        )
    answer = sign_in(client, "amara@example.com")
    assert "_auth_user_id" not in client.session
    assert answer.status_code in (422, 429)


def test_one_address_gets_at_most_five_resets_an_hour(db, person):
    person("amara@example.com")
    for _ in range(8):
        Client().post(reverse("account_reset_password"), {"email": "amara@example.com"})
    assert Mail.objects.count() == 5


def test_a_page_from_before_is_where_one_goes_after_signing_in(client, student):
    assert client.get(reverse("students:skills")).url == f"{reverse('account_login')}?next=/profile/skills/"
    answer = client.post(
        reverse("account_login"), {"login": student.email, "password": PASSWORD, "next": "/profile/skills/"}
    )
    assert answer.url == "/profile/skills/"
    answer = Client().post(
        reverse("account_login"),
        {"login": student.email, "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert "evil" not in answer.url


def test_account_mails_are_plain_and_ours(client, student):
    client.post(reverse("account_request_login_code"), {"email": student.email})
    client.post(reverse("account_reset_password"), {"email": "o'brien@example.com"})
    code, unknown = Mail.objects.order_by("pk")
    assert code.subject == "Your code to sign in"
    assert '<p style="margin:20px 0;font:600 28px/1.2 ui-monospace' in code.html
    assert "with o'brien@example.com" in unknown.text
    assert reverse("account_signup") in unknown.text
    for mail in (code, unknown):
        assert "Hello from" not in mail.text
        assert "!" not in mail.text
        assert "unsubscribe" not in mail.text


def test_a_changed_password_is_told_with_time_and_address(client, student):
    sign_in(client, student.email)
    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "four other new words", "password2": "four other new words"},
    )
    mail = Mail.objects.get()
    assert mail.subject == "Your password was changed"
    assert "from the address 127.0.0.1" in mail.text
    assert "help@example.com" in mail.text


# --- the second step ---------------------------------------------------------------------------------------
@pytest.fixture
def strict(settings):
    settings.REQUIRE_MFA = True


def test_moderators_school_staff_and_owners_set_up_a_second_step_first(
    strict, sign_in, moderator, owner, organisation, person
):
    coordinator = person("coordinator@example.com")
    SchoolStaff.objects.create(user=coordinator, school=recognise("x@mit.edu"))
    for user in (moderator, owner, coordinator):
        client = sign_in(user)
        assert client.get(reverse("users:settings")).url == reverse("mfa_index")
        assert client.post(reverse("users:settings"), {"name": "New", "zone": "UTC"}).url == reverse(
            "mfa_index"
        )
        assert client.get(reverse("users:settings"), HTTP_HX_REQUEST="true").headers["HX-Redirect"]
        assert client.get(reverse("mfa_index")).status_code == 200
        assert client.get(reverse("terms")).status_code == 200
        user.refresh_from_db()
        assert user.name != "New"


def test_students_and_managers_need_none(strict, sign_in, student, organisation, member):
    for user in (student, member(organisation, "manager", "kofi@halden.example")):
        assert sign_in(user).get(reverse("users:settings")).status_code == 200


def test_whoever_has_a_second_step_goes_on(strict, sign_in, owner, organisation):
    Authenticator.objects.create(user=owner, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert sign_in(owner).get(reverse("users:settings")).status_code == 200


def test_the_demo_asks_nobody(sign_in, owner, organisation):
    assert sign_in(owner).get(reverse("users:settings")).status_code == 200


# --- time --------------------------------------------------------------------------------------------------
def test_accounts_that_nobody_confirmed_are_forgotten_after_30_days(person, student):
    never = person("never@example.com", confirmed=False)
    made_by_hand = User.objects.create_user("hand@example.com", PASSWORD, name="Hand")
    clock.advance(timedelta(days=29))
    assert tasks.forget_unverified() == 0
    clock.advance(timedelta(days=2))
    assert tasks.forget_unverified() == 1
    assert tasks.forget_unverified() == 0
    assert not User.objects.filter(pk=never.pk).exists()
    assert User.objects.filter(pk__in=[student.pk, made_by_hand.pk]).count() == 2


def test_the_task_runs_as_the_worker_runs_it(person):
    tasks.expire.apply(throw=True)


def test_addresses_are_one_whatever_their_case(person):
    person("amara@example.com")
    assert EmailAddress.objects.get().email == "amara@example.com"
    assert User.objects.get_by_natural_key("AMARA@example.com")
