"""All addresses of the site. The apps bring their own; the roof ties them together."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from marketplace import health, views
from marketplace.home.views import home

urlpatterns = [
    path("", views.landing, name="landing"),
    path("", include("projects.search.urls")),  # most requests are for these
    path("home/", home, name="home"),
    path("home/", include("marketplace.home.urls")),
    path("start/", RedirectView.as_view(pattern_name="users:choose"), name="onboarding"),
    path("how-it-works/", views.how, name="how"),
    path("how-it-works/lists/", views.orders, name="orders"),
    path("for-employers/", views.for_employers, name="for_employers"),
    path("terms/", views.legal_page, {"name": "terms"}, name="terms"),
    path("privacy/", views.legal_page, {"name": "privacy"}, name="privacy"),
    path("imprint/", views.legal_page, {"name": "imprint"}, name="imprint"),
    path("theme/", views.theme, name="theme"),
    path("brand.css", views.brand_css, name="brand_css"),
    path("brand/logo", views.brand_logo, name="brand_logo"),
    path("styleguide/", views.show_styleguide, name="styleguide"),
    path("healthz", health.healthz, name="healthz"),
    path("livez", health.livez, name="livez"),
    path("", include("accounts.urls")),
    path("", include("payments.urls")),
    path("", include("projects.urls")),
    path("api/", include("marketplace.api.urls")),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
