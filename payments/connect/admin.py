"""Who can be paid, and what was sent to banks: to be read."""

from django.contrib import admin

from ..reading import ReadOnlyAdmin, amount
from .models import PayeeAccount, Payout


@admin.register(PayeeAccount)
class PayeeAccountAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "user", "state", "stripe_id", "synced_at"]
    list_filter = ["state"]
    list_select_related = ["user"]
    search_fields = ["public_id", "stripe_id", "user__email"]


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "payee", "show_amount", "state", "created_at", "arrival_at", "paid_at"]
    list_filter = ["state", "currency"]
    list_select_related = ["payee"]
    search_fields = ["public_id", "stripe_id", "payee__user__email"]
    show_amount = amount("amount")
