"""Coming from elsewhere: the way in appears when its keys are set, and asks for role, birthday and consent."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse

from accounts.models import Mail, StudentProfile, User

ROOT = Path(__file__).resolve().parents[2]
ASKED = {
    "role": "student",
    "name": "Amara Okafor",
    "date_of_birth": "1999-05-31",
    "zone": "UTC",
    "terms": "on",
}


class Provider(BaseHTTPRequestHandler):
    """The least of an OpenID Connect provider that a sign-in needs."""

    person = {"sub": "42", "email": "amara@student.mit.edu", "email_verified": True, "name": "Amara Okafor"}

    def do_GET(self):
        here = f"http://{self.headers['Host']}"
        self.answer(
            {
                "/.well-known/openid-configuration": {
                    "issuer": here,
                    "authorization_endpoint": f"{here}/authorize",
                    "token_endpoint": f"{here}/token",
                    "userinfo_endpoint": f"{here}/userinfo",
                    "jwks_uri": f"{here}/keys",
                },
                "/userinfo": self.person,
            }.get(urlsplit(self.path).path, {})
        )

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.answer({"access_token": "a", "token_type": "Bearer"})

    def answer(self, data):
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def provider(settings, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    settings.SOCIAL_SIGN_IN = True
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {"provider_id": "linkedin", "name": "LinkedIn", "client_id": "id", "secret": "secret",
                 "settings": {"server_url": address}},
            ]
        }
    }  # fmt: skip
    yield address
    server.shutdown()
    server.server_close()


def come_from_there(client):
    """Press the button, say yes over there, come back."""
    there = client.post(reverse("openid_connect_login", args=["linkedin"]))
    assert there.status_code == 302
    state = parse_qs(urlsplit(there.url).query)["state"][0]
    return client.get(reverse("openid_connect_callback", args=["linkedin"]), {"code": "x", "state": state})


def test_the_button_is_there_only_with_keys(client, db, provider, settings):
    assert "LinkedIn" in client.get(reverse("account_login")).content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "LinkedIn" not in client.get(reverse("account_login")).content.decode()


def test_somebody_new_is_asked_for_role_birthday_and_consent(client, db, provider):
    answer = come_from_there(client)
    assert answer.url == reverse("socialaccount_signup")
    assert not User.objects.exists()
    form = client.get(answer.url).context["form"]
    assert form["name"].value() == "Amara Okafor"
    assert form["email"].value() == "amara@student.mit.edu"
    refused = client.post(answer.url, {"email": "amara@student.mit.edu"})
    assert refused.status_code == 422
    assert {"role", "date_of_birth", "terms"} <= set(refused.context["form"].errors)
    done = client.post(answer.url, {**ASKED, "email": "amara@student.mit.edu"})
    assert done.url == reverse("home")
    user = User.objects.get()
    assert (user.name, user.has_usable_password()) == ("Amara Okafor", False)
    assert EmailAddress.objects.get().verified
    assert StudentProfile.objects.get().school_verified_at
    assert SocialAccount.objects.get().user == user


def test_under_18_is_refused_here_too(client, db, provider):
    answer = come_from_there(client)
    refused = client.post(
        answer.url, {**ASKED, "email": "amara@student.mit.edu", "date_of_birth": "2020-01-01"}
    )
    assert "guardian" in refused.content.decode()
    assert not User.objects.exists()


def test_the_confirmed_address_from_there_is_the_one_that_counts(client, db, provider):
    client.post(come_from_there(client).url, {**ASKED, "email": "victim@example.com"})
    assert User.objects.get().email == "amara@student.mit.edu"
    assert not EmailAddress.objects.filter(email="victim@example.com").exists()


def test_an_address_that_the_provider_did_not_confirm_gets_a_code(client, db, provider, monkeypatch):
    monkeypatch.setitem(Provider.person, "email_verified", False)
    client.post(come_from_there(client).url, {**ASKED, "email": "amara@example.com"})
    assert "_auth_user_id" not in client.session
    assert Mail.objects.filter(to="amara@example.com").exists()


def test_an_account_of_that_address_is_not_taken_over(client, person, provider):
    owner = person("amara@student.mit.edu")
    answer = come_from_there(client)
    client.post(answer.url, {**ASKED, "email": owner.email})
    assert "_auth_user_id" not in client.session
    assert not SocialAccount.objects.exists()


def test_the_second_time_one_is_simply_in(client, db, provider):
    client.post(come_from_there(client).url, {**ASKED, "email": "amara@student.mit.edu"})
    client.post(reverse("account_logout"))
    assert come_from_there(client).url == reverse("home")
    assert User.objects.count() == 1


def test_the_policy_lets_the_browser_go_to_a_provider_only_when_its_keys_are_set():
    """Chromium checks `form-action` on every hop after a form, so a button would do nothing without this."""
    show = (
        "from marketplace.settings import CONTENT_SECURITY_POLICY as p; print(p['DIRECTIVES']['form-action'])"
    )

    def targets(**keys):
        env = {**os.environ, "FOOTHOLD_TESTING": "1", **keys}
        return subprocess.run(
            [sys.executable, "-c", show], cwd=ROOT, env=env, capture_output=True, text=True, check=True
        ).stdout

    with_keys = targets(GOOGLE_CLIENT_ID="a", MICROSOFT_CLIENT_ID="b", LINKEDIN_CLIENT_ID="c")
    for origin in (
        "https://accounts.google.com",
        "https://login.microsoftonline.com",
        "https://www.linkedin.com",
    ):
        assert origin in with_keys
        assert origin not in targets()
