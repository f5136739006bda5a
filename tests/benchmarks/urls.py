"""The site, and beside it the floors: a view that does nothing but answer, behind the same middleware."""

from django.http import HttpResponse
from django.urls import include, path

from marketplace.context import Site

FILLING = b"<p>A line of a page that nobody made anything for.</p>\n"


def bare(request, size: int):
    """`size` bytes, for nothing."""
    return HttpResponse((FILLING * (size // len(FILLING) + 1))[:size])


def chrome(request, size: int):
    """The same bytes, once it is known who asks, what they are and how much they have not read."""
    known = Site(request)
    if not (known.signed_in and known.is_student) or known.unread < 0:
        return HttpResponse(status=403)
    return bare(request, size)


urlpatterns = [
    path("bench/bare/<int:size>/", bare),
    path("bench/chrome/<int:size>/", chrome),
    path("", include("marketplace.urls")),
]
