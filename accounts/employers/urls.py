from django.urls import path

from . import member_views, views

app_name = "employers"
urlpatterns = [
    path("organisations/", views.mine, name="mine"),
    path("organisations/new/", views.new, name="new"),
    path("organisations/switch/", views.switch, name="switch"),
    path("organisations/<str:public_id>/", views.organisation_page, name="organisation"),
    path("organisations/<str:public_id>/logo/", views.logo, name="logo"),
    path("organisations/<str:public_id>/logo/remove/", views.remove_logo, name="logo-remove"),
    path("organisations/<str:public_id>/logo/<slug:name>.webp", views.logo_file, name="logo-file"),
    path("organisations/<str:public_id>/verify/", views.verify, name="verify"),
    path("organisations/<str:public_id>/vouch/", views.vouch, name="vouch"),
    path("organisations/<str:public_id>/members/", member_views.members, name="members"),
    path("organisations/<str:public_id>/members/invite/", member_views.members, name="invite"),
    path(
        "organisations/<str:public_id>/members/<str:user_id>/role/", member_views.set_role, name="member-role"
    ),
    path(
        "organisations/<str:public_id>/members/<str:user_id>/remove/",
        member_views.remove,
        name="member-remove",
    ),
    path(
        "organisations/<str:public_id>/invites/<str:invite_id>/withdraw/",
        member_views.withdraw,
        name="invite-withdraw",
    ),
    path("organisations/<str:public_id>/leave/", member_views.leave, name="leave"),
    path("join/<str:token>/", member_views.join, name="join"),
]
