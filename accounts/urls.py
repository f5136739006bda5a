from django.urls import include, path

urlpatterns = [
    path("", include("accounts.users.urls")),
    path("", include("accounts.students.urls")),
    path("", include("accounts.employers.urls")),
    path("inbox/", include("accounts.notifications.urls")),
]
