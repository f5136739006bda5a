from django.urls import path

from . import views

app_name = "suggesting"
urlpatterns = [
    path("for-you/", views.for_you, name="for-you"),
    path("for-you/learned/", views.learned, name="learned"),
    path("for-you/learned/forget/", views.forget, name="forget"),
    path("projects/<str:public_id>/not-for-me/", views.dismiss, name="dismiss"),
    path("projects/<str:public_id>/not-for-me/undo/", views.undo, name="undo"),
]
