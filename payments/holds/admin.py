"""Secured money and what came back of it: to be read, and to be decided about."""

from django.contrib import admin, messages

from marketplace.ground.acting import ActingAdmin, timeline_panel
from marketplace.ground.money import show

from ..reading import Readable, ReadOnlyAdmin, amount
from . import actions, acts
from .figures import FIGURES
from .models import Funding, Hold, Part, Receipt, Refund, Release
from .recovery import Receivable, Repayment, Reversal


class LimitFilter(admin.SimpleListFilter):
    title = "held too long"
    parameter_name = "limit"

    def lookups(self, request, model_admin):
        return [("near", "Limit near"), ("reached", "Limit reached")]

    def queryset(self, request, holds):
        if not self.value():
            return holds
        told = {"near": "limit_near_told_at", "reached": "limit_told_at"}.get(self.value(), "limit_told_at")
        return holds.filter(state="secured").exclude(**{told: None})


class PartInline(admin.TabularInline):
    model = Part
    fields = ["number", "ref", "payee", "show_price", "show_fee"]
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    @admin.display(description="price")
    def show_price(self, part):
        return show(part.price, part.hold.currency)

    @admin.display(description="fee in it")
    def show_fee(self, part):
        return show(part.fee, part.hold.currency)

    @admin.display(description="number")
    def number(self, part):
        return part.position + 1


@admin.register(Hold)
class HoldAdmin(Readable, ActingAdmin):
    list_display = ["public_id", "description", "show_price", "state", "secured_at", "limit_at", "frozen_at"]
    list_filter = ["state", LimitFilter, "currency"]
    search_fields = ["public_id", "ref", "payer_ref", "payee__user__email"]
    inlines = [PartInline]
    actions = ["freeze", "unfreeze"]
    acts = acts.HOLD_ACTS
    show_price = amount("price")

    def panels(self, request, hold):
        figures = hold.figures()
        rows = [
            [name.replace("_", " "), show(figures[name], hold.currency)] for name in FIGURES if figures[name]
        ]
        return [{"title": "Where the money is", "rows": rows}, timeline_panel(hold, *hold.refunds.all())]

    @admin.action(description="Stop the selected holds: nothing is released or refunded")
    def freeze(self, request, holds):
        for hold in holds:
            actions.freeze(by=request.user, hold=hold, why="a moderator is looking at it")
        self.message_user(request, f"{len(holds)} stopped.", messages.INFO)

    @admin.action(description="Let the selected holds go on")
    def unfreeze(self, request, holds):
        mine = [hold for hold in holds if "moderator" in hold.freezes]
        for hold in mine:
            actions.unfreeze(by=request.user, hold=hold)
        self.message_user(request, f"{len(mine)} go on; no moderator has stopped the others.", messages.INFO)


@admin.register(Funding)
class FundingAdmin(Readable, ActingAdmin):
    list_display = ["public_id", "hold", "show_amount", "state", "method", "extra", "created_at", "funded_at"]
    list_filter = ["state", "extra", "method"]
    list_select_related = ["hold"]
    search_fields = ["public_id", "session_id", "intent_id", "charge_id", "hold__ref"]
    acts = acts.FUNDING_ACTS
    show_amount = amount("amount")


@admin.register(Release)
class ReleaseAdmin(Readable, ActingAdmin):
    list_display = ["public_id", "part", "show_net", "show_fee", "state", "due_at", "sent_at", "failure"]
    list_filter = ["state"]
    list_select_related = ["part"]
    search_fields = ["public_id", "transfer_id", "destination", "part__ref"]
    acts = acts.RELEASE_ACTS
    show_net = amount("net")
    show_fee = amount("fee")

    def panels(self, request, release):
        rows = [
            [one.created_at, show(one.gross, one.currency), one.get_state_display(), one.reason]
            for one in release.reversals.all()
        ]
        taken = {"title": "Taken back", "head": ["When", "How much", "State", "Why"], "rows": rows}
        return [*([taken] if rows else []), timeline_panel(release, *release.reversals.all())]


@admin.register(Reversal)
class ReversalAdmin(Readable, ActingAdmin):
    list_display = [
        "public_id",
        "release",
        "show_net",
        "show_fee",
        "state",
        "purpose",
        "gone_to",
        "created_at",
    ]
    list_filter = ["state", "purpose", "gone_to"]
    list_select_related = ["release"]
    search_fields = ["public_id", "reversal_id", "release__public_id", "release__part__ref"]
    acts = acts.REVERSAL_ACTS
    show_net = amount("net")
    show_fee = amount("fee")

    def panels(self, request, reversal):
        return [timeline_panel(reversal)]


class RepaymentInline(admin.TabularInline):
    model = Repayment
    fields = ["release", "amount", "undone", "at"]
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Receivable)
class ReceivableAdmin(Readable, ActingAdmin):
    list_display = ["public_id", "payee", "show_amount", "show_repaid", "state", "write_off_by", "created_at"]
    list_filter = ["state", "currency"]
    list_select_related = ["payee", "write_off_by"]
    search_fields = ["public_id", "payee__user__email", "reversal__release__part__ref"]
    inlines = [RepaymentInline]
    acts = acts.RECEIVABLE_ACTS
    show_amount = amount("amount")
    show_repaid = amount("repaid")

    def panels(self, request, receivable):
        return [timeline_panel(receivable)]


@admin.register(Refund)
class RefundAdmin(Readable, ActingAdmin):
    list_display = ["public_id", "hold", "show_amount", "state", "reason", "created_at", "done_at", "failure"]
    list_filter = ["state"]
    list_select_related = ["hold"]
    search_fields = ["public_id", "refund_id", "hold__ref"]
    acts = acts.REFUND_ACTS
    show_amount = amount("amount")

    def panels(self, request, refund):
        return [timeline_panel(refund)]


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    list_display = ["number", "hold", "issued_at"]
    list_select_related = ["hold"]
    search_fields = ["number", "hold__ref"]
