from django.urls import path

from . import views

app_name = "posting"
urlpatterns = [
    path("posting/", views.mine, name="mine"),
    path("posting/new/", views.new, name="new"),
    path("posting/<str:public_id>/", views.manage, name="manage"),
    path("posting/<str:public_id>/<int:step>/", views.edit, name="edit"),
    path("posting/<str:public_id>/check/", views.check, name="check"),
    path("posting/<str:public_id>/preview/", views.preview, name="preview"),
    path("posting/<str:public_id>/send/", views.send, name="send"),
    path("posting/<str:public_id>/take-back/", views.take_back, name="take-back"),
    path("posting/<str:public_id>/close/", views.close, name="close"),
    path("posting/<str:public_id>/extend/", views.extend, name="extend"),
    path("posting/<str:public_id>/duplicate/", views.duplicate, name="duplicate"),
]
