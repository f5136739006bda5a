"""A search as a feed (Atom, RFC 4287; RSS 2.0): what any visitor sees, newest first, and nothing about anybody.

The feed is read from the open projects at each request and may be kept only with asking again (ETag), so that a closed
project is gone at once.
"""

from datetime import UTC, datetime
from hashlib import sha256

from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from marketplace.ground import policy
from marketplace.ground.money import show
from projects.posting import queries as posting
from projects.posting.showing import place
from projects.search import filters as filtering

from . import queries

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def address(name: str, query: str) -> str:
    return reverse(name) + (f"?{query}" if query else "")


class Atom(Atom1Feed):
    def latest_post_date(self):
        return super().latest_post_date() if self.items else LONG_AGO  # else "now", which is new each second


class Rss(Rss201rev2Feed):
    def latest_post_date(self):
        return super().latest_post_date() if self.items else LONG_AGO


def _answer(request, kind: type, name: str, content_type: str) -> HttpResponse:
    query = queries.query_of(filtering.read(request.GET))
    filters, brand = filtering.read(QueryDict(query)), policy.brand()
    feed = kind(
        title=f"{brand.name}: {queries.describe(filters)}",
        link=settings.SITE_URL + address("search:browse", query),
        description="Open, paid, short projects for students.",
        feed_url=settings.SITE_URL + address(name, query),
        language="en",
    )
    for project in queries.newest(query):
        url = settings.SITE_URL + reverse("search:project", args=[project.public_id])
        feed.add_item(
            title=project.title,
            link=url,
            unique_id=url,
            description=_description(project),
            author_name=project.organisation.name,
            categories=[project.get_function_display()],
            pubdate=project.published_at,
            updateddate=project.published_at,
        )
    body = feed.writeString("utf-8").encode()
    etag = quote_etag(sha256(body).hexdigest()[:32])
    response = HttpResponse(body, content_type=f"{content_type}; charset=utf-8", headers={"ETag": etag})
    patch_cache_control(response, public=True, no_cache=True)
    return get_conditional_response(request, etag=etag, response=response)


def _description(project) -> str:
    pay, hourly = posting.net(project), posting.hourly_net(project)
    return (
        f"{show(pay, project.currency)} for {project.hours.normalize():f} hours "
        f"({show(hourly, project.currency)} an hour), {place(project)}. "
        f"Apply by {project.apply_by:%d %B %Y, %H:%M} UTC. {project.outcome}"
    )


@require_safe
def atom(request):
    return _answer(request, Atom, "alerting:atom", "application/atom+xml")


@require_safe
def rss(request):
    return _answer(request, Rss, "alerting:rss", "application/rss+xml")
