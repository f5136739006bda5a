"""Engagements: terms, milestones, hand-ins, messages, money and history on one page, for whoever has to judge."""

from django.contrib import admin

from marketplace.ground.acting import ActingAdmin, timeline_panel
from marketplace.ground.money import show
from payments.holds import queries as holds

from .models import Engagement, Offer

FIGURES = ("secured", "held", "releasing", "released", "paid_out", "refunding", "refunded")


@admin.register(Engagement)
class EngagementAdmin(ActingAdmin):
    list_display = ["title", "organisation", "student", "state", "end_reason", "funded_at", "due_on", "disputed_at"]
    list_filter = ["state", "end_reason", ("disputed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["organisation", "student"]
    search_fields = ["title", "public_id", "organisation__name", "student__email"]
    fields = ["public_id", "title", "project", "organisation", "student", "state", "end_reason", "currency", "price", "fee",
              "hours", "fund_by", "funded_at", "start_on", "started_at", "due_on", "ended_at", "review_until",
              "release_delay_days", "disputed_at"]

    def panels(self, request, engagement):
        milestones = list(engagement.milestones.all())
        panels = [{"title": "Milestones", "head": ["Title", "State", "Net", "Due", "Handed in", "Review ends", "Approved"],
                   "rows": [[m.title, m.get_state_display(), show(m.net, engagement.currency), m.due_at, m.submitted_at,
                             m.review_ends_at, m.approved_at] for m in milestones]}]
        hold = holds.hold_for(engagement.hold.ref) if engagement.hold_id else None
        if hold:
            figures = hold.figures()
            panels.append({"title": "Money", "rows": [
                [name.replace("_", " "), show(figures[name], engagement.currency)] for name in FIGURES]})
        panels.append({"title": "Last messages", "head": ["When", "Who", "What"], "rows": [
            [m.at, m.author, m.text] for m in engagement.messages.select_related("author")[:30]]})
        agreement = getattr(engagement, "agreement", None)
        if agreement:
            panels.append({"title": "Agreement", "text": agreement.text})
        return [*panels, timeline_panel(engagement, *milestones)]


@admin.register(Offer)
class OfferAdmin(ActingAdmin):
    list_display = ["public_id", "project", "state", "made_by", "created_at", "expires_at", "answered_at"]
    list_filter = ["state"]
    list_select_related = ["project", "made_by"]
    fields = ["public_id", "project", "application", "state", "made_by", "message", "start_on", "due_on", "created_at",
              "expires_at", "answered_at", "decline_note"]

    def panels(self, request, offer):
        return [timeline_panel(offer)]
