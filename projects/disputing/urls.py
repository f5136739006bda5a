from django.urls import path

from . import views

app_name = "disputing"
urlpatterns = [
    path("milestones/<str:public_id>/dispute/", views.new, name="new"),
    path("disputes/files/<str:public_id>/", views.download, name="file"),
    path("disputes/<str:public_id>/", views.dispute, name="dispute"),
    path("disputes/<str:public_id>/answer/", views.answer, name="answer"),
    path("disputes/<str:public_id>/accept/", views.accept, name="accept"),
    path("disputes/<str:public_id>/withdraw/", views.withdraw, name="withdraw"),
    path("disputes/<str:public_id>/accept-decision/", views.accept_decision, name="accept_decision"),
    path("disputes/<str:public_id>/appeal/", views.appeal, name="appeal"),
]
