"""What the admin pages of money share: they show, and change nothing but through an action."""

import json

from django.contrib import admin
from django.db import models
from django.utils.html import format_html

from marketplace.ground.money import show


class Readable:
    """Detail pages in words: minor units as money of the row's currency, JSON in order and folded."""

    def get_fields(self, request, obj=None):
        return [self._readable(name) for name in super().get_fields(request, obj)]

    def _readable(self, name):
        names = {field.name: field for field in self.model._meta.get_fields()}
        field = names.get(name) if isinstance(name, str) else None
        if isinstance(field, models.BigIntegerField) and "currency" in names and not field.primary_key:
            return amount(name, field.verbose_name)
        return folded(name, field.verbose_name) if isinstance(field, models.JSONField) else name


class ReadOnlyAdmin(Readable, admin.ModelAdmin):
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
    def column(self, row=None):
        row = self if row is None else row  # a column is called with the page, a field without
        value = getattr(row, field)
        return "" if value is None else show(value, row.currency) if row.currency else str(value)

    column.__name__ = f"show_{field}"
    return column


def folded(field: str, words: str):
    """The JSON of `field`, one thing a line, closed until somebody opens it."""

    @admin.display(description=words)
    def shown(self, row=None):
        value = getattr(self if row is None else row, field)
        if not value:
            return "nothing"
        text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, default=str)
        return format_html(
            "<details><summary>{}</summary><pre>{}</pre></details>",
            f"Show ({len(text.splitlines())} lines)",
            text,
        )

    shown.__name__ = f"show_{field}"
    return shown
