from django.urls import include, path

from .holds import views as holds
from .stripe import views as stripe

app_name = "payments"
urlpatterns = [
    path(
        "payments/",
        include(
            [
                path("stripe/webhook/", stripe.webhook, name="webhook"),
                path("checkout/<str:public_id>/", holds.checkout, name="checkout"),
                path("payouts/", holds.payouts, name="payouts"),
                path("payouts/start/", holds.start, name="payouts_start"),
                path("payouts/return/", holds.returned, name="payouts_return"),
                path("payouts/refresh/", holds.refresh, name="payouts_refresh"),
                path("payouts/dashboard/", holds.dashboard, name="payouts_dashboard"),
            ]
        ),
    )
]
