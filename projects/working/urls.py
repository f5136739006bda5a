from django.urls import path

from . import views

app_name = "working"
urlpatterns = [
    path("work/", views.mine, name="mine"),
    path("work/files/<str:public_id>/", views.download, name="file"),
    path("work/<str:public_id>/", views.workspace, name="workspace"),
    path("work/<str:public_id>/start/", views.start, name="kick_off"),
    path("work/<str:public_id>/approve/", views.approve_all, name="approve_all"),
    path("work/<str:public_id>/cancel/", views.cancel, name="cancel"),
    path("work/<str:public_id>/receipt/", views.receipt, name="receipt"),
    path("milestones/<str:public_id>/", views.milestone, name="milestone"),
    path("milestones/<str:public_id>/hand-in/", views.hand_in, name="submit"),
    path("milestones/<str:public_id>/approve/", views.approve, name="approve"),
    path("milestones/<str:public_id>/changes/", views.changes, name="changes"),
    path("milestones/<str:public_id>/more-time/", views.more_time, name="extension"),
    path("extensions/<str:public_id>/answer/", views.answer, name="answer_extension"),
]
