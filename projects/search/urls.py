from django.urls import path

from . import views

app_name = "search"
urlpatterns = [
    path("projects/", views.browse, name="browse"),
    path("projects/words/", views.words, name="words"),
    path("saved/", views.saved, name="saved"),
    path("projects/<str:public_id>/", views.project, name="project"),
    path("projects/<str:public_id>/save/", views.bookmark, name="bookmark"),
]
