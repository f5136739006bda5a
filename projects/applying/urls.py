from django.urls import path

from .views import employer, student

app_name = "applying"
urlpatterns = [
    path("projects/<slug:public_id>/apply/", student.apply, name="apply"),
    path("projects/<slug:public_id>/apply/save/", student.save, name="save"),
    path("applications/", student.mine, name="mine"),
    path("applications/<slug:public_id>/", student.detail, name="detail"),
    path("applications/<slug:public_id>/withdraw/", student.withdraw, name="withdraw"),
    path("applications/<slug:public_id>/reserve/", student.reserve, name="reserve"),
    path("projects/<slug:public_id>/applicants/", employer.board, name="board"),
    path("projects/<slug:public_id>/applicants/compare/", employer.compare, name="compare"),
    path("projects/<slug:public_id>/applicants/names/", employer.names, name="names"),
    path("applicants/<slug:public_id>/", employer.applicant, name="applicant"),
    path("applicants/<slug:public_id>/shortlist/", employer.shortlist, name="shortlist"),
    path("applicants/<slug:public_id>/unshortlist/", employer.unshortlist, name="unshortlist"),
    path("applicants/<slug:public_id>/decline/", employer.decline, name="decline"),
]
