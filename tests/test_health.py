"""What the site says about itself to a monitor, and how its clock is moved."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from marketplace import health
from marketplace.ground import clock
from marketplace.ground.models import Heartbeat
from marketplace.ground.tasks import heartbeat
from marketplace.management.commands.clock import parse_step


def seen(part: str, ago: timedelta) -> None:
    Heartbeat.objects.update_or_create(part=part, defaults={"seen_at": datetime.now(UTC) - ago})


def parts() -> dict[str, health.Part]:
    return {part.name: part for part in health.status()}


@pytest.fixture
def _no_worker(monkeypatch):
    monkeypatch.setattr(health, "_worker_answers", lambda: False)


@pytest.mark.django_db
def test_all_is_well_when_worker_and_beat_were_seen_just_now(client):
    heartbeat()
    seen("beat", timedelta(seconds=20))
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["ok"] is True
    assert list(answer.json()["parts"]) == ["database", "redis", "worker", "beat"]
    assert answer["Cache-Control"].startswith("max-age=0")


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_worker")
def test_a_part_that_was_not_seen_for_long_shows(client):
    seen("worker", timedelta(seconds=5))
    seen("beat", Heartbeat.STALE_AFTER + timedelta(seconds=10))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["worker"]["ok"] is True
    assert answer.json()["parts"]["beat"] | {"seen_at": None} == {
        "ok": False,
        "note": "last seen 100 s ago",
        "seen_at": None,
    }


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_worker")
def test_parts_that_never_showed_themselves_are_missed():
    assert parts()["worker"].note == "has not been seen yet"
    assert parts()["beat"].ok is False


@pytest.mark.django_db
def test_a_worker_that_answers_is_well_although_beat_is_down(monkeypatch):
    monkeypatch.setattr(health, "_worker_answers", lambda: True)
    found = parts()
    assert found["worker"].ok is True
    assert found["beat"].ok is False


def test_without_a_database_the_rest_is_unknown_and_the_page_still_answers(client, monkeypatch):
    # The test has no access to the database, which pytest-django reports by raising at the first query.
    from django.db import OperationalError, connection

    def refuse(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"]["note"] == "does not answer (OperationalError)"
    assert answer.json()["parts"]["worker"]["note"] == "unknown: the database does not answer"


@pytest.mark.django_db
def test_without_redis_the_page_still_answers(client, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["redis"]["ok"] is False


def test_liveness_asks_nothing_of_anybody(client):
    answer = client.get("/livez")  # without access to the database
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.parametrize("address", ["/healthz", "/livez"])
def test_health_is_only_read(client, address):
    assert client.post(address).status_code == 405


# --- the clock --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("+3d", timedelta(days=3)),
        ("+1d12h", timedelta(hours=36)),
        ("+1w30m5s", timedelta(weeks=1, minutes=30, seconds=5)),
    ],
)
def test_a_step_is_read(text, step):
    assert parse_step(text) == step


@pytest.mark.parametrize("text", ["3d", "+3", "+d", "+3y", "", "+3d-2h", "+99999d"])
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(CommandError, match=r"such as \+3d"):
        parse_step(text)


def test_the_clock_moves_and_is_put_back(capsys):
    before = clock.now()
    call_command("clock", "+3d")
    assert timedelta(days=3) <= clock.now() - before < timedelta(days=3, minutes=1)
    assert "3 days, 0:00:00 ahead of real time" in capsys.readouterr().out
    call_command("clock", "reset")
    assert clock.offset() == timedelta()


def test_the_clock_of_a_real_site_cannot_be_moved(settings):
    settings.CLOCK_FILE = ""
    with pytest.raises(CommandError, match="FOOTHOLD_CLOCK_FILE"):
        call_command("clock", "+1d")
