"""Reports, the overdue first; answered by the next business day."""

from django.contrib import admin
from django.db.models import Case, When

from marketplace.ground.acting import Act, ActingAdmin, reasons_form, timeline_panel

from . import actions, queries
from .models import Report
from .states import ReportState


def _answer(uphold: bool):
    return lambda by, report, reasons: actions.answer_report(
        by=by, report=report, uphold=uphold, answer=reasons
    )


def _why_not(by, report):
    return None if report.state == ReportState.OPEN else ""


@admin.register(Report)
class ReportAdmin(ActingAdmin):
    list_display = ["created_at", "reason", "target", "state", "answer_by", "answered_by"]
    list_filter = ["state", "reason"]
    list_select_related = ["project", "person", "message", "answered_by"]
    fields = [
        "public_id",
        "reporter",
        "project",
        "person",
        "message",
        "reason",
        "text",
        "state",
        "created_at",
        "answer_by",
        "answered_at",
        "answered_by",
        "answer",
    ]
    acts = (
        Act(
            "uphold",
            "Uphold",
            _answer(True),
            _why_not,
            reasons_form("What we did", "The person who reported reads this."),
            danger=True,
            explain="A posting that was hidden stays hidden; remove it or suspend the employer on their own pages.",
        ),
        Act(
            "dismiss",
            "Dismiss",
            _answer(False),
            _why_not,
            reasons_form("Why", "The person who reported reads this."),
            explain="A posting that was hidden is shown again.",
        ),
    )

    def get_ordering(self, request):
        return [Case(When(state=ReportState.OPEN, then=0), default=1), "answer_by"]

    @admin.display(description="about")
    def target(self, report):
        return report.project or report.person or report.message

    def panels(self, request, report):
        rows = []
        if report.message:
            rows = [
                ["Written by", report.message.author],
                ["On", report.message.at],
                ["Text", report.message.text],
            ]
        others = queries.open_reports().exclude(pk=report.pk)
        same = (
            others.filter(project=report.project)
            if report.project_id
            else others.filter(person=report.person)
            if report.person_id
            else others.none()
        )
        return [
            {"title": "The message", "rows": rows},
            {
                "title": "Other open reports about the same",
                "rows": [[r.created_at, r.get_reason_display(), r.text] for r in same[:20]],
            },
            timeline_panel(report),
        ]
