"""Invitations to read: who asked whom, and what became of it. Notes are shown, because they may have to be judged."""

from django.contrib import admin

from marketplace.ground.acting import ActingAdmin, timeline_panel

from .models import Invitation


@admin.register(Invitation)
class InvitationAdmin(ActingAdmin):
    list_display = ["public_id", "project", "student", "by", "state", "created_at", "answered_at"]
    list_filter = ["state", "decline_reason"]
    list_select_related = ["project", "student", "by"]
    search_fields = ["public_id", "project__title", "student__email", "project__organisation__name"]
    fields = [
        "public_id",
        "project",
        "student",
        "by",
        "state",
        "note",
        "created_at",
        "expires_at",
        "answered_at",
        "decline_reason",
    ]

    def panels(self, request, invitation):
        return [timeline_panel(invitation)]
