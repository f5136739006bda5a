from django.urls import path

from . import views

app_name = "hiring"
urlpatterns = [
    path("applicants/<slug:public_id>/offer/", views.offer, name="offer"),
    path("applicants/<slug:public_id>/offer/ask/", views.ask, name="ask"),
    path("offers/<slug:public_id>/", views.answer, name="answer"),
    path("offers/<slug:public_id>/accept/", views.accept, name="accept"),
    path("offers/<slug:public_id>/decline/", views.decline, name="decline"),
    path("offers/<slug:public_id>/hold/", views.hold, name="hold"),
    path("offers/<slug:public_id>/withdraw/", views.withdraw, name="withdraw"),
    path("work/<slug:public_id>/agreement/", views.show_agreement, name="agreement"),
    path("work/<slug:public_id>/fund/", views.fund, name="fund"),
    path("work/<slug:public_id>/fund/return/", views.funding_return, name="funding-return"),
]
