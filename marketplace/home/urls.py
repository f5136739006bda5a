from django.urls import path

from . import views

app_name = "home"
urlpatterns = [
    path("student/", views.student_home, name="student"),
    path("employer/", views.employer_home, name="employer"),
    path("school/", views.school_home, name="school"),
]
