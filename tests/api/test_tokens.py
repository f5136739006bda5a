"""Programs sign in with a token; guessing does not pay, and a refused account learns nothing."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from knox.models import AuthToken
from rest_framework.test import APIClient

from accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-passphrase"


@pytest.fixture(autouse=True)
def _no_guesses_yet():
    cache.clear()


@pytest.fixture
def amara():
    user = User.objects.create_user("amara@example.com", PASSWORD, name="Amara")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(email="amara@example.com", password=PASSWORD, **more):
    return APIClient().post(
        "/api/v1/auth/token/", {"email": email, "password": password}, format="json", **more
    )


def test_a_token_opens_the_door_and_can_be_ended(amara):
    token = sign_in(email="Amara@Example.com").json()["token"]
    client = APIClient(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.get("/api/v1/me/").json()["email"] == "amara@example.com"
    assert client.post("/api/v1/auth/token/revoke/").status_code == 204
    assert client.get("/api/v1/me/").status_code == 401


def test_a_token_is_kept_hashed(amara):
    token = sign_in().json()["token"]
    assert token not in str(AuthToken.objects.values().get())


def test_a_wrong_password_and_an_unknown_address_get_the_same_words(amara):
    wrong, unknown = sign_in(password="not-this-one"), sign_in(email="nobody@example.com")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.json() == unknown.json()


def test_ten_guesses_for_one_account_are_the_most_wherever_they_come_from(amara):
    codes = [
        sign_in(
            password=f"guess-{n}-of-many", REMOTE_ADDR=f"10.0.0.{n}", HTTP_X_FORWARDED_FOR=f"1.2.3.{n}"
        ).status_code
        for n in range(12)
    ]
    assert codes[:10] == [401] * 10
    assert codes[10:] == [429, 429]
    assert sign_in(REMOTE_ADDR="10.0.1.1").status_code == 429


def test_an_account_with_a_second_factor_gets_no_token_for_a_password(amara):
    Authenticator.objects.create(user=amara, type="totp", data={})
    assert sign_in().status_code == 403
    assert not AuthToken.objects.exists()


def test_an_unconfirmed_address_gets_no_token(amara):
    EmailAddress.objects.update(verified=False)
    assert sign_in().status_code == 403


def test_a_suspended_person_gets_no_token(amara):
    User.objects.update(is_active=False)
    assert sign_in().status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "amara@example.com"},
        {"email": "x", "password": "y"},
        {"email": "amara@example.com", "password": "a", "role": "admin"},
    ],
)
def test_an_incomplete_request_is_answered_by_field(body):
    answer = APIClient().post("/api/v1/auth/token/", body, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_a_session_needs_its_token_against_forgery(amara):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(amara)
    assert client.post("/api/v1/notifications/read-all/", {}, format="json").status_code == 403
