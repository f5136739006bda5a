from django.urls import path

from . import views

app_name = "reporting"
urlpatterns = [
    path("reports/", views.mine, name="mine"),
    path("report/<slug:kind>/<str:public_id>/", views.new, name="new"),
]
