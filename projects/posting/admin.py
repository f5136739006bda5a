"""The posting queue: what the brief check says, the posting as students would read it, and what to decide."""

from django import forms
from django.contrib import admin
from django.db.models import Case, When

from marketplace.ground.acting import Act, ActingAdmin, reasons_form, timeline_panel
from marketplace.ground.money import show

from . import actions, queries
from .models import Project
from .states import ProjectState


class PublishForm(forms.Form):
    reasons = forms.CharField(
        label="Note", required=False, max_length=1500, widget=forms.Textarea(attrs={"rows": 3})
    )
    below_floor = forms.BooleanField(label="I approve pay below the floor", required=False)
    hours = forms.BooleanField(label="I approve more hours than usual", required=False)


def _why_not(act: str):
    """The reason of `allowed_actions`, or hidden when the act is not one of a moderator's now."""

    def look(by, project):
        return queries.allowed_actions(by, project).get(act, "")

    return look


@admin.register(Project)
class ProjectAdmin(ActingAdmin):
    list_display = [
        "title",
        "organisation",
        "function",
        "state",
        "sent_at",
        "apply_by",
        "application_count",
        "paused_at",
    ]
    list_filter = ["state", "closed_reason", "function", ("paused_at", admin.EmptyFieldListFilter)]
    list_select_related = ["organisation"]
    search_fields = ["title", "organisation__name", "public_id"]
    fields = [
        "public_id",
        "organisation",
        "created_by",
        "state",
        "closed_reason",
        "title",
        "function",
        "summary",
        "outcome",
        "deliverables",
        "good_to_know",
        "hours",
        "currency",
        "price",
        "start_on",
        "due_on",
        "location_mode",
        "location",
        "ai_rule",
        "show_right",
        "work_authorisation",
        "names_hidden",
        "sent_at",
        "published_at",
        "apply_by",
        "answer_by",
        "closed_at",
        "paused_at",
        "application_count",
    ]
    acts = (
        Act(
            "publish",
            "Publish",
            lambda by, p, **given: actions.publish_project(by=by, project=p, **given),
            _why_not("publish"),
            PublishForm,
            "Fitting students see it at once; the application window opens.",
        ),
        Act(
            "send-back",
            "Send back with reasons",
            lambda by, p, reasons: actions.send_back(by=by, project=p, reasons=reasons),
            _why_not("send_back"),
            reasons_form("What to change", "The employer reads this and can send it again."),
            "It becomes a draft again.",
        ),
        Act(
            "pause",
            "Hide while I look",
            lambda by, p, reasons: actions.pause_project(by=by, project=p, reasons=reasons),
            _why_not("pause"),
            reasons_form("Why", "The employer reads this."),
            "It leaves every list; nothing is lost.",
        ),
        Act(
            "resume",
            "Show again",
            lambda by, p, reasons: actions.resume_project(by=by, project=p, reasons=reasons),
            _why_not("resume"),
            reasons_form("Note", required=False),
        ),
        Act(
            "lift-strike",
            "Do not count its silent closing",
            lambda by, p, reasons: actions.lift_strike(by=by, project=p, reasons=reasons),
            _why_not("lift_strike"),
            reasons_form("Why", "Kept with the posting."),
            "After an appeal: the employer may post again if this was what stood in the way.",
        ),
        Act(
            "remove",
            "Remove",
            lambda by, p, reasons: actions.remove_project(by=by, project=p, reasons=reasons),
            _why_not("remove"),
            reasons_form("Why", "Employer and applicants read this."),
            "It is closed for good, and everybody who applied is told.",
            danger=True,
        ),
    )

    def get_ordering(self, request):
        return [Case(When(state=ProjectState.IN_REVIEW, then=0), default=1), "sent_at", "-pk"]

    def panels(self, request, project):
        found = queries.findings(project)
        checks = {
            "title": "Brief check",
            "head": ["Weight", "Where", "What", "Why", "Suggestion"],
            "rows": [
                [finding.severity, finding.field, finding.what, finding.why, finding.suggestion]
                for finding in found
            ],
        }
        if not found:
            checks = {"title": "Brief check", "text": "Nothing to say: clear, safe, and above the floor."}
        net = queries.hourly_net(project)
        org = project.organisation
        return [
            checks,
            {
                "title": "In short",
                "rows": [
                    [
                        "Employer",
                        f"{org}, {'verified' if org.verified_at else 'not verified'}, "
                        f"{'proven' if org.proven_at else 'first engagement still to come'}",
                    ],
                    ["Price, all in", show(project.price, project.currency)],
                    [
                        "Student's net",
                        f"{show(queries.net(project), project.currency)}"
                        f"{f', {show(net, project.currency)} an hour' if net else ''}",
                    ],
                ],
            },
            {
                "title": "Milestones",
                "head": ["Title", "Outcome", "Done when", "Hours"],
                "rows": [
                    [m.title, m.outcome, "; ".join(m.done_when), m.hours] for m in project.milestones.all()
                ],
            },
            {"title": "Questions", "rows": [[q.order, q.text] for q in project.questions.all()]},
            {
                "title": "Earlier decisions",
                "head": ["When", "What", "Who", "Reasons"],
                "rows": [
                    [d.at, d.get_outcome_display(), d.by or "the system", d.reasons]
                    for d in project.decisions.select_related("by")
                ],
            },
            timeline_panel(project),
        ]
