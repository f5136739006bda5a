"""Whoever holds others' money or data sets up a second step first (ASVS 6.3.3); and what errors answer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from . import mfa

# Signing in and out and the set-up itself; what anybody may see; and the way out of mails.
FREE = {
    "landing",
    "terms",
    "privacy",
    "imprint",
    "theme",
    "brand_css",
    "brand_logo",
    "healthz",
    "notifications:unsubscribe",
}
FREE_PREFIXES = ("account_", "mfa_", "socialaccount_")
WHY = "Your role needs a second step at sign-in. Set up an app or a passkey; it takes two minutes."


class RequireMfaMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.user.is_authenticated or self._is_free(request) or not mfa.missing(request.user):
            return self.get_response(request)
        target = reverse("mfa_index")
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": target})
        messages.warning(request, WHY)
        return redirect(target)

    def _is_free(self, request) -> bool:
        try:
            name = resolve(request.path_info).view_name
        except Resolver404:
            return True
        return name in FREE or name.startswith(FREE_PREFIXES)


class InvalidFormMiddleware:
    """The sign-in pages answer a form with errors as ours do: the same page, the words kept, status 422."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_template_response(self, request, response):
        form = (response.context_data or {}).get("form")
        if request.method == "POST" and response.status_code == 200 and getattr(form, "errors", None):
            response.status_code = 422
        return response
