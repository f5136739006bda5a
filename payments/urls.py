from django.urls import include, path

from .connect import views as connect
from .holds import views as holds
from .stripe import views as stripe

app_name = "payments"
urlpatterns = [path("payments/", include([
    path("stripe/webhook/", stripe.webhook, name="webhook"),
    path("checkout/<str:public_id>/", holds.checkout, name="checkout"),
    path("payouts/", connect.payouts, name="payouts"),
    path("payouts/start/", connect.start, name="payouts_start"),
    path("payouts/return/", connect.returned, name="payouts_return"),
    path("payouts/refresh/", connect.refresh, name="payouts_refresh"),
    path("payouts/dashboard/", connect.dashboard, name="payouts_dashboard"),
]))]
