from django.urls import path

from . import views

app_name = "reviewing"
urlpatterns = [
    path("work/<str:public_id>/review/", views.review, name="review"),
    path("records/<str:public_id>/", views.record, name="record"),
    path("records/<str:public_id>/show/", views.show, name="show"),
    path("employers/<str:public_id>/", views.employer, name="employer"),
    path("people/<str:public_id>/", views.student, name="student"),
]
