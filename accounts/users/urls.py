from django.urls import path

from . import views

app_name = "users"
urlpatterns = [
    path("welcome/", views.choose, name="choose"),
    path("settings/", views.settings_page, name="settings"),
    path("settings/sign-out-everywhere/", views.sign_out_everywhere, name="sign-out-everywhere"),
    path("settings/my-data/", views.export_data, name="export"),
    path("settings/delete/", views.delete, name="delete"),
    path("gone/", views.gone, name="gone"),
]
