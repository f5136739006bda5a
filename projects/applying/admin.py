"""Applications, to read when somebody asks what happened."""

from django.contrib import admin

from marketplace.ground.acting import ActingAdmin, timeline_panel

from .models import Application


@admin.register(Application)
class ApplicationAdmin(ActingAdmin):
    list_display = ["public_id", "project", "student", "state", "submitted_at", "opened_at", "answered_at"]
    list_filter = ["state", "decline_reason", "first_timer"]
    list_select_related = ["project", "student"]
    search_fields = ["public_id", "project__title", "student__email"]
    fields = [
        "public_id",
        "project",
        "student",
        "state",
        "pitch",
        "eligible",
        "first_timer",
        "in_reserve",
        "submitted_at",
        "opened_at",
        "answered_at",
        "decided_at",
        "decline_reason",
        "decline_note",
    ]

    def panels(self, request, application):
        answers = application.answers.select_related("question")
        return [
            {"title": "Answers", "rows": [[a.question.text, a.text] for a in answers]},
            timeline_panel(application),
        ]
