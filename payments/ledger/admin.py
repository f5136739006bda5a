"""The books, to be read."""

from django.contrib import admin

from ..reading import ReadOnlyAdmin, amount
from .chart import kind_of
from .models import LedgerAccount, LedgerEntry, LedgerTransaction


class EntryInline(admin.TabularInline):
    model = LedgerEntry
    show_amount = amount("amount", "debit, or credit with a minus")
    fields = ["account", "show_amount"]
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("account")


@admin.register(LedgerTransaction)
class LedgerTransactionAdmin(ReadOnlyAdmin):
    list_display = ["id", "at", "kind", "key", "ref"]
    list_filter = ["kind"]
    search_fields = ["key", "ref"]
    inlines = [EntryInline]


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnlyAdmin):
    list_display = ["code", "words", "currency", "guarded", "show_balance"]
    list_filter = ["currency", "guarded"]
    search_fields = ["code"]
    _amount = amount("balance")

    @admin.display(description="what it is")
    def words(self, account):
        return kind_of(account.code).words

    @admin.display(description="running balance")
    def show_balance(self, account):
        return self._amount(account) if account.guarded else "summed on reading"
