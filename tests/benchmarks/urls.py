"""The site, and beside it the floors: a view that does nothing but answer, behind the same middleware."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import include, path

FILLING = b"<p>A line of a page that nobody made anything for.</p>\n"


def bare(request, size: int):
    """`size` bytes, for nothing."""
    return HttpResponse((FILLING * (size // len(FILLING) + 1))[:size])


def chrome(request):
    """An empty page with everything around it that every page has."""
    return render(request, "base.html")


urlpatterns = [
    path("bench/bare/<int:size>/", bare),
    path("bench/chrome/", chrome),
    path("", include("marketplace.urls")),
]
