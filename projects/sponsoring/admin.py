"""Programmes and draws, to be read."""

from django.contrib import admin

from marketplace.ground.acting import ActingAdmin, timeline_panel

from .models import Draw, Programme


@admin.register(Programme)
class ProgrammeAdmin(ActingAdmin):
    list_display = ["name", "wallet", "state", "starts_on", "ends_on", "budget", "share_bp", "approval"]
    list_filter = ["state", "approval"]
    list_select_related = ["wallet__school", "wallet__organisation"]
    search_fields = ["name", "public_id", "wallet__school__name", "wallet__organisation__name"]

    def panels(self, request, programme):
        return [timeline_panel(programme)]


@admin.register(Draw)
class DrawAdmin(ActingAdmin):
    list_display = ["project", "programme", "state", "promised", "used", "asked_at", "decided_at"]
    list_filter = ["state"]
    list_select_related = ["project", "programme"]
    search_fields = ["public_id", "project__title", "programme__name"]

    def panels(self, request, draw):
        return [timeline_panel(draw)]
