"""What a page costs over HTTP, over a page of as many bytes that does nothing, behind the same middleware and server."""

from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from secrets import token_hex

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore

from accounts.models import StudentProfile
from projects.search import filters, kept
from projects.search.generation import client

from .filters import mixes
from .registry import measure

BROWSE = "/projects/"
VISITOR = {"Accept-Encoding": "gzip"}


_turn = count()
_run = token_hex(4)


def new(address: str) -> str:
    """The same page under an address that nothing was kept for, in this run or another."""
    return f"{address}{'&' if '?' in address else '?'}n={_run}{next(_turn)}"


@contextmanager
def all_anew(number: int):
    """Fails unless `number` pages were made, and kept, inside the block: none of them was there already."""

    def pages() -> int:
        return sum(1 for _ in client().scan_iter("search:page:*", count=1_000))

    before = pages()
    yield
    made = pages() - before
    assert made >= number, f"only {made} of {number} pages were made anew"


def length(bench, address: str, headers: dict | None = None) -> int:
    status, _, body = bench.get(address, headers or VISITOR)
    assert status == 200, (status, address)
    return len(body)


def over_bare(bench, address, headers: dict | None = None, times: int = 200, warm: int = 5) -> float:
    """CPU of `address` over a bare page of the bytes that the first one sends."""
    headers = headers or VISITOR
    first = address if isinstance(address, str) else address[0]
    size = length(bench, first, headers)
    return bench.http_cpu(address, headers, times, warm) / bench.bare(size, headers)


@measure("anonymous browse page from the cache, CPU over bare", group="serving", most=1.3)
def kept_page(bench):
    return over_bare(bench, BROWSE, times=400)


@measure("anonymous browse page from the cache, function calls over bare", group="serving", most=1.0)
def kept_calls(bench):
    size = length(bench, BROWSE)
    made = bench.calls(BROWSE, VISITOR)
    floor = bench.calls(f"/bench/bare/{size}/", VISITOR)
    return made / floor, f"{made} and {floor} calls"


@measure("the same page made anew, CPU over bare", group="serving", most=5, market="small")
def fresh_page(bench):
    size = length(bench, BROWSE)
    with all_anew(200):
        cost = bench.http_cpu([new(BROWSE) for _ in range(200)], VISITOR, times=200, warm=0)
    return cost / bench.bare(size, VISITOR)


@measure("the same page made anew, function calls over bare", group="serving", most=4, market="small")
def fresh_calls(bench):
    bench.calls(BROWSE, VISITOR)
    size = length(bench, BROWSE)
    with all_anew(1):
        made = bench.calls(new(BROWSE), VISITOR, warm=0)
    floor = bench.calls(f"/bench/bare/{size}/", VISITOR)
    return made / floor, f"{made} and {floor} calls"


@measure("the same page made anew, SQL queries", group="serving", most=2, market="small", times=1)
def fresh_queries(bench):
    bench.queries(new(BROWSE))
    return len(bench.queries(new(BROWSE)))


def addresses(number: int = 300) -> list[str]:
    return [BROWSE + filters.address(f) for f in mixes(11, number)]


@measure("300 filter addresses, counts kept, CPU over bare", group="serving", most=8, market="small")
def filters_warm(bench):
    wanted = addresses()
    for address in wanted:  # the counts are kept for a minute, the pages under another address
        bench.get(address, VISITOR)
    size = length(bench, wanted[0])
    with all_anew(300):
        cost = bench.http_cpu([new(address) for address in wanted], VISITOR, times=300, warm=0)
    return cost / bench.bare(size, VISITOR)


@measure("300 filter addresses, counts not kept, CPU over bare", group="serving", most=20, market="small")
def filters_cold(bench):
    bench.empty_store()
    wanted = addresses()
    size = length(bench, BROWSE)
    cost = bench.http_cpu(wanted, VISITOR, times=300, warm=0)
    return cost / bench.bare(size, VISITOR)


def signed_in() -> dict[str, str]:
    """The headers of a student with a session."""
    user = StudentProfile.objects.select_related("user").order_by("pk").first().user
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.set_expiry(timedelta(days=1))
    session.create()
    return {**VISITOR, "Cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}"}


@measure("who is signed in, roles and unread notifications, CPU over bare", group="serving", most=4)
def chrome(bench):
    headers = signed_in()
    cost = bench.http_cpu("/bench/chrome/8000/", headers, times=300)
    return cost / bench.bare(8000, VISITOR)


@measure("who is signed in, roles and unread notifications, SQL queries", group="serving", most=1, times=1)
def chrome_queries(bench):
    headers = signed_in()
    bench.queries("/bench/chrome/8000/", headers)
    return len(bench.queries("/bench/chrome/8000/", headers))


@measure(
    "memory of a web worker after 1,000 pages, over after 100", group="serving", most=1.1, times=1, order=90
)
def memory(bench):
    wanted = addresses(100)

    def pages(number):
        for turn in range(number):
            bench.get(new(wanted[turn % 100]), VISITOR)

    pages(100)
    first = bench.memory()
    pages(1000)
    last = bench.memory()
    kept.forget()
    return last / first, f"{first:.0f} and {last:.0f} MB with {bench.opened:,} open"
