"""Is the site well? `/livez` says that this process answers; `/healthz` also asks what it depends on."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from celery import current_app
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from marketplace.ground.models import Heartbeat


@dataclass(frozen=True)
class Part:
    """One thing that the site needs: whether it works, and a short note for people."""

    name: str
    ok: bool
    note: str = ""
    seen_at: datetime | None = None


def status() -> list[Part]:
    """Database, redis, worker and beat, in this order. Never raises; slower only when something is down."""
    database = _database()
    return [database, _redis(), *(_background() if database.ok else _unknown("the database does not answer"))]


def _database() -> Part:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
            cursor.fetchone()
    except DatabaseError as error:
        return Part("database", False, f"does not answer ({type(error).__name__})")
    return Part("database", True, "answers")


def _redis() -> Part:
    try:
        cache.get("healthz")
    except Exception as error:  # the client has many ways to fail, and all of them mean the same here
        return Part("redis", False, f"does not answer ({type(error).__name__})")
    return Part("redis", True, "answers")


def _unknown(why: str) -> list[Part]:
    return [Part("worker", False, f"unknown: {why}"), Part("beat", False, f"unknown: {why}")]


def _background() -> list[Part]:
    """What worker and beat last wrote. Without beat a worker has nothing to write, so it is asked."""
    seen = dict(Heartbeat.objects.values_list("part", "seen_at"))
    worker, beat = (_pulse(name, seen.get(name)) for name in ("worker", "beat"))
    if not beat.ok and not worker.ok and _worker_answers():
        worker = Part("worker", True, "answers; idle because beat is down", worker.seen_at)
    return [worker, beat]


def _pulse(name: str, seen_at: datetime | None) -> Part:
    if seen_at is None:
        return Part(name, False, "has not been seen yet")
    age = datetime.now(UTC) - seen_at
    if age > Heartbeat.STALE_AFTER:
        return Part(name, False, f"last seen {int(age.total_seconds())} s ago", seen_at)
    return Part(name, True, f"seen {max(0, int(age.total_seconds()))} s ago", seen_at)


def _worker_answers() -> bool:
    try:
        return bool(current_app.control.ping(timeout=0.7, limit=1))
    except Exception:  # the broker is away, so nobody answers
        return False


@require_safe
@never_cache
def healthz(request):
    """200 when everything works, else 503; what is wrong stands in the answer."""
    found = status()
    well = all(part.ok for part in found)
    body = {
        "ok": well,
        "parts": {part.name: {k: v for k, v in asdict(part).items() if k != "name"} for part in found},
    }
    return JsonResponse(body, status=200 if well else 503)


@require_safe
@never_cache
def livez(request):
    """200 as long as this process answers; asks nothing else, so that it costs nothing."""
    return HttpResponse("ok\n", content_type="text/plain")
