"""Who pays, to be read."""

from django.contrib import admin

from ..reading import ReadOnlyAdmin
from .models import Payer, PaymentMethod


@admin.register(Payer)
class PayerAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "ref", "stripe_id", "created_at", "closed_at"]
    search_fields = ["public_id", "ref", "stripe_id"]


@admin.register(PaymentMethod)
class PaymentMethodAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "payer", "words", "expires", "state", "saved_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["payer"]
    search_fields = ["public_id", "stripe_id", "payer__ref"]
