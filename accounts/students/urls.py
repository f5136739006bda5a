from django.urls import path

from . import views

app_name = "students"
urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("profile/edit/", views.edit, name="edit"),
    path("profile/private/", views.private, name="private"),
    path("profile/visibility/", views.visibility, name="visibility"),
    path("profile/invitations/", views.invitations, name="invitations"),
    path("profile/skills/", views.skills, name="skills"),
    path("profile/skills/suggest/", views.suggest, name="skill-suggest"),
    path("profile/skills/<str:public_id>/remove/", views.remove_skill, name="skill-remove"),
    path("profile/resume/", views.resume, name="resume"),
    path("profile/resume/remove/", views.remove_resume, name="resume-remove"),
    path("profile/school/", views.school, name="school"),
    path("profile/school/code/", views.school_code, name="school-code"),
    path("profile/school/leave/", views.leave_school, name="school-leave"),
    path("students/<str:public_id>/resume/", views.resume_file, name="resume-file"),
]
