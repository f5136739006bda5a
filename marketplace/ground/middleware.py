"""Three small doors: no NUL bytes in, people's own time zone, and refusals answered the same way everywhere."""

import zoneinfo

from django.core.exceptions import BadRequest
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from .errors import refusal_of


def _nonsense(request):
    """A bad request, told in the form that the asker reads: a problem document below /api/, else a page."""
    if request.path.startswith("/api/"):
        return JsonResponse(
            {
                "type": "about:blank",
                "title": "The input has problems",
                "status": 400,
                "detail": "The address has a NUL byte in it.",
            },
            status=400,
            content_type="application/problem+json",
        )
    return render(request, "400.html", status=400)


class NulByteMiddleware:
    """PostgreSQL refuses NUL, so a path or query that carries one is a bad request and not an error of ours."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if (
            "\x00" in request.path
            or "%00" in request.META.get("QUERY_STRING", "")
            or "\x00" in request.META.get("QUERY_STRING", "")
        ):
            return _nonsense(request)
        return self.get_response(request)


class PersonMiddleware:
    """Times are shown in the viewer's zone; a suspended person is signed out at the next step."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        zone = getattr(request.user, "zone", "") if request.user.is_authenticated else ""
        if zone:
            try:
                timezone.activate(zoneinfo.ZoneInfo(zone))
            except (zoneinfo.ZoneInfoNotFoundError, ValueError):
                timezone.deactivate()
        else:
            timezone.deactivate()
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()


class RefusalMiddleware:
    """A refusal that a view let through becomes a page that says why (403 or 409), never a 500."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if refusal := refusal_of(exception):
            return render(
                request,
                "refused.html",
                {"reason": refusal.reason, "code": refusal.status},
                status=refusal.status,
            )
        if isinstance(exception, BadRequest):
            return render(request, "400.html", status=400)
        return None


def back(request, fallback: str) -> HttpResponseRedirect:
    """Redirect to the posted `next` when it is a path of this site, else to `fallback`."""
    from django.utils.http import url_has_allowed_host_and_scheme

    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(target if target.startswith("/") and safe else fallback)
