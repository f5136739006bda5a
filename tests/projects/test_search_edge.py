"""Pages kept for visitors: quick, never anybody else's, and gone the moment something changes."""

import gzip

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.users.models import User
from projects.posting import actions
from projects.posting.models import Project
from projects.search import generation, kept

from .postings import moderator, organisation, person, published, student

pytestmark = pytest.mark.django_db(transaction=True)
BROWSE = "/projects/"


@pytest.fixture(autouse=True)
def keeping(settings):
    settings.SEARCH_PAGE_SECONDS = settings.SEARCH_COUNTS_SECONDS = settings.SEARCH_KEPT_SECONDS = 60
    generation.client().flushdb()
    kept.forget()
    yield
    generation.client().flushdb()
    kept.forget()


@pytest.fixture
def project():
    owner = person()
    return published(owner, organisation(owner))


def asked(client, *args, **kwargs) -> int:
    """How many statements a request costs."""
    with CaptureQueriesContext(connection) as seen:
        client.get(*args, **kwargs)
    return len(seen)


def test_the_second_visitor_costs_no_query_at_all(client, project):
    assert asked(client, BROWSE) > 0
    assert asked(client, BROWSE) == 0
    assert project.title in client.get(BROWSE).content.decode()


def test_a_kept_page_is_packed_and_knows_its_tag(client, project):
    plain = client.get(BROWSE)
    packed = client.get(BROWSE, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    same = client.get(BROWSE, headers={"If-None-Match": plain["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    other = client.get(BROWSE, headers={"If-None-Match": 'W/"0123"'})
    assert other.status_code == 200
    for name in (
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "X-Frame-Options",
        "Permissions-Policy",
    ):
        assert packed[name] == plain[name]
        assert plain[name]


@pytest.mark.parametrize("verb", ["close", "pause"])
def test_what_is_closed_or_hidden_is_gone_from_kept_pages_at_once(client, project, verb):
    addresses = [BROWSE, BROWSE + "?function=research", BROWSE + "?q=riders"]
    for address in addresses:
        assert project.title in client.get(address).content.decode()
    if verb == "close":
        actions.close_project(by=None, project=project, reason="expired")
    else:
        actions.pause_project(by=moderator(), project=project, reasons="It was reported.")
    for address in addresses:
        assert project.title not in client.get(address).content.decode()


def test_what_is_published_is_there_at_once(client, project):
    client.get(BROWSE)
    owner = User.objects.get(memberships__organisation=project.organisation_id)
    new = published(owner, project.organisation, title="Count the oysters of the bay and say how many")
    assert new.title in client.get(BROWSE).content.decode()


def test_a_kept_page_ends_when_the_first_of_its_projects_closes(client, project, settings):
    from datetime import timedelta

    from marketplace.ground import clock

    client.get(BROWSE)
    clock.advance(project.apply_by - clock.now() + timedelta(seconds=1))
    assert project.title not in client.get(BROWSE).content.decode()


def test_the_page_of_somebody_signed_in_never_reaches_a_visitor(client, project):
    reader = student("Wilhelmina Personal")
    client.force_login(reader)
    mine = client.get(BROWSE).content.decode()
    assert "Wilhelmina" in mine
    client.logout()
    theirs = client.get(BROWSE)
    assert "Wilhelmina" not in theirs.content.decode()
    assert "csrf" not in theirs.content.decode().lower()
    assert not theirs.cookies


def test_a_visitor_s_page_never_reaches_somebody_signed_in(client, project):
    client.get(BROWSE)
    client.force_login(student("Wilhelmina Personal"))
    assert "Wilhelmina" in client.get(BROWSE).content.decode()


@pytest.mark.parametrize("name", ["sessionid", "messages", "anything"])
def test_whoever_carries_a_cookie_that_could_name_them_is_never_served_from_the_store(client, project, name):
    client.get(BROWSE)
    client.cookies[name] = "x"
    assert asked(client, BROWSE) > 0


def test_a_token_s_owner_is_never_served_from_the_store(client, project):
    client.get(BROWSE)
    assert asked(client, BROWSE, headers={"Authorization": "Token x"}) > 0


def test_themes_fragments_hosts_and_addresses_have_pages_of_their_own(client, project):
    page = client.get(BROWSE).content.decode()
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get(BROWSE).content.decode()
    client.cookies["theme"] = "<script>"
    assert client.get(BROWSE).content.decode() == page
    del client.cookies["theme"]
    part = client.get(BROWSE, headers={"HX-Request": "true", "HX-Target": "results"}).content.decode()
    assert part.startswith("<section")
    assert client.get(BROWSE).content.decode() == page
    assert "?function=data" in client.get(BROWSE + "?function=data").content.decode()


def test_only_reading_is_answered_from_the_store(client, project):
    client.get(BROWSE)
    assert client.post(BROWSE).status_code == 405
    head = client.head(BROWSE)
    assert (head.status_code, head.content) == (200, b"")


def test_a_store_that_is_away_costs_time_only(client, project, monkeypatch):
    import redis

    with monkeypatch.context() as broken:
        broken.setattr(generation, "_client", redis.Redis(unix_socket_path="/nowhere/at/all.sock"))
        assert project.title in client.get(BROWSE).content.decode()
        actions.close_project(by=None, project=Project.objects.get(), reason="expired")
        assert project.title not in client.get(BROWSE).content.decode()
