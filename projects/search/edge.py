"""The edge: whole pages kept for visitors, answered before sessions, tokens and the database are touched.

A page is kept only when the view says so (`may_keep`), and only as what any visitor would get: a GET without a
cookie that could name somebody, answered with 200 and without a cookie of its own. The key holds all that the page
depends on: the generation of the lists, the address, the theme, whether htmx asks, and the host. Kept pages live for seconds,
never beyond the moment at which one of their projects closes, and one raised number ends all of them at once.
"""

import gzip
import logging
from hashlib import blake2b

import redis
from django.conf import settings
from django.http import HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers

from marketplace.ground import clock

from .generation import KEY, client

log = logging.getLogger(__name__)
PATHS = frozenset({"/projects/"})
# With any other cookie somebody may be known, or something is to be told to them.
HARMLESS = frozenset({"theme", settings.CSRF_COOKIE_NAME})  # a visitor's pages hold no token
THEMES = ("light", "dark")
MOST = 400_000  # bytes of a page
HEADER = 24  # digits of the generation and of the instant at which the page ends, before its tag and its body


def may_keep(request, response, rows) -> None:
    """The view's word that `response` is the same for every visitor, until the first of `rows` closes."""
    response.edge_until = min((row.listed_until for row in rows), default=None)
    response.edge_kept = True
    patch_vary_headers(response, ["Cookie", "HX-Request", "HX-Target"])


class EdgeMiddleware:
    """Stands before sessions. Adds nothing to a page that it does not keep."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        key = self._key(request) if request.path_info in PATHS and settings.SEARCH_PAGE_SECONDS else None
        if key is None:
            return self.get_response(request)
        try:
            generation, kept = client().mget(KEY, key)
        except redis.RedisError:
            return self.get_response(request)
        generation = int(generation or 0)
        if kept and int(kept[:10]) == generation and int(kept[10:HEADER]) > clock.now().timestamp() * 1000:
            return answer(request, kept)
        response = self.get_response(request)
        if getattr(response, "edge_kept", False) and response.status_code == 200 and not response.cookies:
            made = self._keep(key, generation, response)
            if made:
                return answer(request, made)
        return response

    def _key(self, request) -> str | None:
        """The name under which the answer is kept; None when this is not a visitor's plain question."""
        if request.method not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in request.META:
            return None
        cookies = request.META.get("HTTP_COOKIE", "")
        theme = ""
        if cookies:
            if not HARMLESS.issuperset(request.COOKIES):
                return None
            theme = request.COOKIES.get("theme", "")
            theme = theme if theme in THEMES else ""
        meta = request.META
        asked = "\n".join(
            (
                request.path_info,
                meta.get("QUERY_STRING", ""),
                theme,
                meta.get("HTTP_HX_REQUEST", "") and f"htmx {meta.get('HTTP_HX_TARGET', '')}",
                meta.get("HTTP_HOST", ""),
                request.scheme,
            )
        )
        return f"search:page:{blake2b(asked.encode('utf-8', 'replace'), digest_size=16).hexdigest()}"

    def _keep(self, key: str, generation: int, response) -> bytes | None:
        body = response.content
        if len(body) > MOST:
            return None
        now = clock.now().timestamp()
        until = now + settings.SEARCH_PAGE_SECONDS
        if response.edge_until is not None:
            until = min(until, response.edge_until.timestamp())
        tag = blake2b(body, digest_size=12).hexdigest()
        kept = b"%010d%014d%s" % (generation, int(until * 1000), tag.encode()) + gzip.compress(
            body, 3, mtime=0
        )
        seconds = settings.SEARCH_PAGE_SECONDS
        try:
            client().set(key, kept, ex=seconds)
        except redis.RedisError as error:
            log.warning("could not keep a page: %s", type(error).__name__)
        return kept


TAG = slice(HEADER, HEADER + 24)


def answer(request, kept: bytes) -> HttpResponse:
    """A kept page as a response: packed for whoever takes that, 304 for whoever has it already."""
    tag = f'W/"{kept[TAG].decode()}"'
    if tag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        response = HttpResponseNotModified()
    elif "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        response = HttpResponse(kept[TAG.stop :])
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(gzip.decompress(kept[TAG.stop :]))
    response.headers["ETag"] = tag
    response.headers["Vary"] = "Accept-Encoding, Cookie, HX-Request, HX-Target"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Frame-Options"] = "DENY"
    return response
