from django.urls import path

from . import views

app_name = "talking"
urlpatterns = [
    path("work/<str:public_id>/messages/", views.thread, name="thread"),
]
