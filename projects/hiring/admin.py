"""Engagements: terms, milestones, hand-ins, messages, money and history on one page, for whoever has to judge."""

from django import forms
from django.contrib import admin

from marketplace.ground.acting import Act, ActingAdmin, timeline_panel
from marketplace.ground.money import show
from payments.holds import queries as holds

from . import actions, queries
from .models import ContractorCheck, Engagement, Offer

FIGURES = ("secured", "held", "releasing", "released", "paid_out", "refunding", "refunded")


@admin.register(Engagement)
class EngagementAdmin(ActingAdmin):
    list_display = [
        "title",
        "organisation",
        "student",
        "state",
        "end_reason",
        "funded_at",
        "due_on",
        "disputed_at",
    ]
    list_filter = ["state", "end_reason", ("disputed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["organisation", "student"]
    search_fields = ["title", "public_id", "organisation__name", "student__email"]
    fields = [
        "public_id",
        "title",
        "project",
        "organisation",
        "student",
        "state",
        "end_reason",
        "currency",
        "price",
        "fee",
        "hours",
        "fund_by",
        "funded_at",
        "start_on",
        "started_at",
        "due_on",
        "ended_at",
        "review_until",
        "release_delay_days",
        "disputed_at",
    ]

    def panels(self, request, engagement):
        milestones = list(engagement.milestones.all())
        panels = [
            {
                "title": "Milestones",
                "head": ["Title", "State", "Net", "Due", "Handed in", "Review ends", "Approved"],
                "rows": [
                    [
                        m.title,
                        m.get_state_display(),
                        show(m.net, engagement.currency),
                        m.due_at,
                        m.submitted_at,
                        m.review_ends_at,
                        m.approved_at,
                    ]
                    for m in milestones
                ],
            }
        ]
        hold = holds.hold_for(engagement.hold.ref) if engagement.hold_id else None
        if hold:
            figures = hold.figures()
            panels.append(
                {
                    "title": "Money",
                    "rows": [
                        [name.replace("_", " "), show(figures[name], engagement.currency)] for name in FIGURES
                    ],
                }
            )
        panels.append(
            {
                "title": "Last messages",
                "head": ["When", "Who", "What"],
                "rows": [[m.at, m.author, m.text] for m in engagement.messages.select_related("author")[:30]],
            }
        )
        agreement = getattr(engagement, "agreement", None)
        if agreement:
            panels.append({"title": "Agreement", "text": agreement.text})
        return [*panels, timeline_panel(engagement, *milestones)]


@admin.register(Offer)
class OfferAdmin(ActingAdmin):
    list_display = ["public_id", "project", "state", "made_by", "created_at", "expires_at", "answered_at"]
    list_filter = ["state"]
    list_select_related = ["project", "made_by"]
    fields = [
        "public_id",
        "project",
        "application",
        "state",
        "made_by",
        "message",
        "start_on",
        "due_on",
        "created_at",
        "expires_at",
        "answered_at",
        "decline_note",
    ]

    def panels(self, request, offer):
        return [timeline_panel(offer)]


class DecisionForm(forms.Form):
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The employer reads this.",
    )


@admin.register(ContractorCheck)
class ContractorCheckAdmin(ActingAdmin):
    list_display = ["application", "state", "asked_by", "asked_at", "decided_at"]
    list_filter = ["state"]
    list_select_related = ["application", "asked_by"]
    fields = ["public_id", "application", "state", "why", "asked_by", "asked_at", "decided_at", "note"]
    ordering = ["-asked_at"]
    acts = (
        Act(
            "allow",
            "Agree",
            lambda by, check, note: actions.decide_check(by=by, check=check, allow=True, note=note),
            queries.check_act,
            DecisionForm,
            "The employer can make this one offer.",
        ),
        Act(
            "refuse",
            "Do not agree",
            lambda by, check, note: actions.decide_check(by=by, check=check, allow=False, note=note),
            queries.check_act,
            DecisionForm,
            "The employer reads why.",
            danger=True,
        ),
    )

    def panels(self, request, check):
        application = check.application
        before = Engagement.objects.filter(
            organisation=application.project.organisation, student=application.student
        )
        rows = [
            [e.title, e.get_state_display(), e.hours, e.created_at, show(e.price, e.currency)]
            for e in before.order_by("-created_at")[:20]
        ]
        return [
            {
                "title": "What they have done together",
                "head": ["Title", "State", "Hours", "When", "Price"],
                "rows": rows,
            },
            timeline_panel(check),
        ]
