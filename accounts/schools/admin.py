"""Schools and the people of their career centres, appointed by a moderator."""

from django.contrib import admin

from marketplace.ground.acting import OperatorAdmin

from .models import School, SchoolStaff


class StaffEdits(OperatorAdmin):
    def has_change_permission(self, request, obj=None):
        return self.has_module_permission(request)


class SchoolStaffInline(admin.TabularInline):
    model = SchoolStaff
    extra = 0
    raw_id_fields = ["user"]
    fields = ["user", "title"]

    def has_view_permission(self, request, obj=None):
        return request.user.is_staff

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


@admin.register(School)
class SchoolAdmin(StaffEdits):
    list_display = ["name", "domains", "created_at"]
    search_fields = ["name", "domains"]
    fields = ["name", "domains"]
    inlines = [SchoolStaffInline]

    def has_delete_permission(self, request, obj=None):
        return False
