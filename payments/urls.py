from django.urls import include, path

from .books import billing
from .books import views as books
from .holds import views as holds
from .payers import views as payers
from .stripe import views as stripe
from .wallets import views as wallets

app_name = "payments"
urlpatterns = [
    path(
        "payments/",
        include(
            [
                path("stripe/webhook/", stripe.webhook, name="webhook"),
                path("methods/<str:public_id>/", payers.methods, name="methods"),
                path("methods/<str:public_id>/<str:method_id>/remove/", payers.remove, name="method_remove"),
                path("checkout/<str:public_id>/", holds.checkout, name="checkout"),
                path("top-up/<str:public_id>/", wallets.top_up_wait, name="top_up_wait"),
                path("payouts/", holds.payouts, name="payouts"),
                path("payouts/start/", holds.start, name="payouts_start"),
                path("payouts/return/", holds.returned, name="payouts_return"),
                path("payouts/refresh/", holds.refresh, name="payouts_refresh"),
                path("earnings/", books.earned, name="earnings"),
                path("earnings/csv/", books.earned_sheet, name="earnings_sheet"),
                path("earnings/<int:year>/", books.year_summary, name="earnings_year"),
                path("billing/", billing.mine, name="billing_mine"),
                path("billing/<str:public_id>/", billing.overview, name="billing"),
                path("billing/<str:public_id>/details/", billing.details, name="billing_details"),
                path("billing/<str:public_id>/statement/", billing.statement, name="statement"),
                path(
                    "billing/<str:public_id>/statement/csv/", billing.statement_sheet, name="statement_sheet"
                ),
                path("billing/<str:public_id>/costs/", billing.costs, name="costs"),
                path("documents/<str:public_id>/", billing.document, name="document"),
                path("payouts/dashboard/", holds.dashboard, name="payouts_dashboard"),
            ]
        ),
    )
]
