"""The admin's own door and front page. Staff sign in at the main door, with its rate limits and second factor."""

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect
from django.urls import reverse


class FootholdAdmin(admin.AdminSite):
    site_header = "Foothold"
    site_title = "Foothold moderation"
    index_title = "Moderation"
    index_template = "admin/front.html"

    def login(self, request, extra_context=None):
        """No second door: whoever is not staff goes to the main login, or home when already signed in."""
        if request.user.is_authenticated:
            return redirect("admin:index" if self.has_permission(request) else "home")
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def get_urls(self):
        from payments.books import office

        return [*office.urls(self.admin_view), *super().get_urls()]

    def index(self, request, extra_context=None):
        from marketplace import today

        return super().index(request, {**(extra_context or {}), **today.page()})
