from django.urls import path, re_path

from . import request_views, views

app_name = "sponsoring"
urlpatterns = [
    path("sponsoring/", views.mine, name="mine"),
    path("sponsoring/open/", views.open_wallet, name="open"),
    path("sponsoring/requests/<str:public_id>/", request_views.draw, name="draw"),
    path("sponsoring/requests/<str:public_id>/approve/", request_views.approve, name="approve"),
    path("sponsoring/requests/<str:public_id>/decline/", request_views.decline, name="decline"),
    path("sponsoring/requests/<str:public_id>/withdraw/", request_views.withdraw, name="withdraw"),
    path("sponsoring/programmes/<str:public_id>/", views.programme, name="programme"),
    re_path(
        r"^sponsoring/programmes/(?P<public_id>\w+)/(?P<act>pause|resume|end)/$",
        views.programme_act,
        name="programme_act",
    ),
    path("sponsoring/wallets/<str:public_id>/", views.wallet, name="wallet"),
    path("sponsoring/wallets/<str:public_id>/money/", views.money_page, name="money"),
    path("sponsoring/wallets/<str:public_id>/money/top-up/", views.top_up, name="top_up"),
    path(
        "sponsoring/wallets/<str:public_id>/money/<str:lot_id>/close/",
        views.close_top_up,
        name="close_top_up",
    ),
    path("sponsoring/wallets/<str:public_id>/money/back/", views.pay_back, name="pay_back"),
    path("sponsoring/wallets/<str:public_id>/money/mark/", views.low_mark, name="low_mark"),
    path("sponsoring/wallets/<str:public_id>/money/csv/", views.movements, name="movements"),
    path("sponsoring/wallets/<str:public_id>/requests/", request_views.requests, name="requests"),
    path("sponsoring/wallets/<str:public_id>/sponsored/", request_views.sponsored, name="sponsored"),
    path("sponsoring/wallets/<str:public_id>/programmes/new/", views.programme_new, name="programme_new"),
    path("posting/<str:public_id>/sponsor/", request_views.ask, name="ask"),
]
