from django.urls import path

from . import feeds, views

app_name = "alerting"
urlpatterns = [
    path("searches/", views.searches, name="searches"),
    path("searches/new/", views.new, name="new"),
    path("searches/<str:public_id>/", views.change, name="change"),
    path("searches/<str:public_id>/delete/", views.delete, name="delete"),
    path("projects.atom", feeds.atom, name="atom"),
    path("projects.rss", feeds.rss, name="rss"),
]
