"""Secured money: to be read, and to be frozen or let go."""

from django.contrib import admin, messages

from ..reading import ReadOnlyAdmin, amount
from . import actions
from .models import Funding, Hold, Part, Receipt, Refund, Release


class LimitFilter(admin.SimpleListFilter):
    title = "held too long"
    parameter_name = "limit"

    def lookups(self, request, model_admin):
        return [("reached", "Limit reached")]

    def queryset(self, request, holds):
        return holds.exclude(limit_told_at=None).filter(state="secured") if self.value() else holds


class PartInline(admin.TabularInline):
    model = Part
    fields = ["position", "ref", "price", "fee"]
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "description", "show_price", "state", "secured_at", "limit_at", "frozen_at"]
    list_filter = ["state", LimitFilter, "currency"]
    search_fields = ["public_id", "ref", "payer_ref", "payee__user__email"]
    inlines = [PartInline]
    actions = ["freeze", "unfreeze"]
    show_price = amount("price")

    @admin.action(description="Stop the selected holds: nothing is released or refunded")
    def freeze(self, request, holds):
        for hold in holds:
            actions.freeze(by=request.user, hold=hold, why="a moderator is looking at it")
        self.message_user(request, f"{len(holds)} stopped.", messages.INFO)

    @admin.action(description="Let the selected holds go on")
    def unfreeze(self, request, holds):
        for hold in holds:
            actions.unfreeze(by=request.user, hold=hold)
        self.message_user(request, f"{len(holds)} go on.", messages.INFO)


@admin.register(Funding)
class FundingAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "hold", "show_amount", "state", "method", "extra", "created_at", "funded_at"]
    list_filter = ["state", "extra", "method"]
    list_select_related = ["hold"]
    search_fields = ["public_id", "session_id", "intent_id", "charge_id", "hold__ref"]
    show_amount = amount("amount")


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "part", "show_net", "show_fee", "state", "due_at", "sent_at", "failure"]
    list_filter = ["state"]
    list_select_related = ["part"]
    search_fields = ["public_id", "transfer_id", "destination", "part__ref"]
    show_net = amount("net")
    show_fee = amount("fee")


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "hold", "show_amount", "state", "reason", "created_at", "done_at", "failure"]
    list_filter = ["state"]
    list_select_related = ["hold"]
    search_fields = ["public_id", "refund_id", "hold__ref"]
    show_amount = amount("amount")


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    list_display = ["number", "hold", "issued_at"]
    list_select_related = ["hold"]
    search_fields = ["number", "hold__ref"]
