from django.urls import path

from . import views

app_name = "notifications"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("settings/", views.preferences, name="settings"),
    path("read/", views.read_all, name="read-all"),
    path("unsubscribe/<str:token>/<slug:kind>/", views.unsubscribe, name="unsubscribe"),
    path("unsubscribe/<str:token>/<slug:kind>/<slug:part>/", views.unsubscribe, name="unsubscribe"),
    path("<str:public_id>/", views.open_notification, name="open"),
]
