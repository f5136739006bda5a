from django.urls import path

from . import views

app_name = "inviting"
urlpatterns = [
    path("projects/<str:public_id>/students/", views.students, name="students"),
    path("projects/<str:public_id>/students/<slug:key>/<int:place>/", views.invite, name="invite"),
    path("invitations/", views.mine, name="mine"),
    path("invitations/<str:public_id>/", views.invitation, name="invitation"),
    path("invitations/<str:public_id>/decline/", views.decline, name="decline"),
    path("invitations/<str:public_id>/withdraw/", views.withdraw, name="withdraw"),
    path("invitations/unblock/<str:public_id>/", views.unblock, name="unblock"),
]
