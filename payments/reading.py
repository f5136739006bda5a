"""What the admin pages of money share: they show, and change nothing but through an action."""

from django.contrib import admin

from marketplace.ground.money import show


class ReadOnlyAdmin(admin.ModelAdmin):
    """No add, no change, no delete; every field can be read."""

    list_per_page = 50
    show_full_result_count = False

    def has_module_permission(self, request):
        return request.user.is_active and request.user.is_staff

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


def amount(field: str, words: str = ""):
    """A column that shows the minor units of `field` as money in the row's currency."""

    @admin.display(description=words or field.replace("_", " "), ordering=field)
    def column(self, row):
        return show(getattr(row, field), row.currency)

    column.__name__ = f"show_{field}"
    return column
