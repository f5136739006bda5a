from django.urls import include, path

# The pages for finding a project stand at the top of all addresses (`marketplace/urls.py`): most requests are for them.
urlpatterns = [
    path("", include("projects.posting.urls")),
    path("", include("projects.alerting.urls")),
    path("", include("projects.suggesting.urls")),
    path("", include("projects.inviting.urls")),
    path("", include("projects.sponsoring.urls")),
    path("", include("projects.applying.urls")),
    path("", include("projects.hiring.urls")),
    path("", include("projects.working.urls")),
    path("", include("projects.talking.urls")),
    path("", include("projects.disputing.urls")),
    path("", include("projects.reviewing.urls")),
    path("", include("projects.reporting.urls")),
]
