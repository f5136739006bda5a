"""Disputes between the two parties, the overdue first; decided here by a moderator, and on appeal by another."""

from django.contrib import admin
from django.db.models import Case, When
from django.urls import reverse

from marketplace.ground.acting import Act, ActingAdmin, timeline_panel
from marketplace.ground.fields import as_typed, minor
from marketplace.ground.money import show
from payments.holds import queries as holds

from . import actions, queries
from .forms import DecisionForm
from .models import Dispute
from .states import TO_DECIDE, DisputeState


def _decide(by, dispute, amount, text):
    named = minor(amount, dispute.engagement.currency, zero=True)
    actions.decide(by=by, dispute=dispute, amount=named, text=text)


def _facts(dispute) -> list[tuple[str, str]]:
    """What each asked for, what the suggested amount comes to, and what became of the work."""
    milestone, currency = dispute.milestone, dispute.engagement.currency
    parts = queries.parts_of(milestone)
    suggested = queries.suggested(dispute)
    comes_to = holds.division(parts, suggested)
    facts = [
        ("Milestone", f"{milestone.title}, {milestone.get_state_display().lower()}"),
        ("The whole pay, net", show(milestone.net, currency)),
        (f"{dispute.get_side_display()} asks for", show(dispute.asked, currency)),
        ("The other side", "did not answer" if dispute.offered is None else show(dispute.offered, currency)),
    ]
    if dispute.decided is not None:
        facts.append((f"First decision, by {dispute.decided_by}", show(dispute.decided, currency)))
    facts += [
        (
            "Half-way between them" if dispute.offered is not None else "Suggested: the one amount named",
            show(suggested, currency),
        ),
        ("That gives the student, net", show(comes_to.pays, currency)),
        ("Fee kept on it", show(comes_to.fee, currency)),
        ("Back to the employer", show(comes_to.refunds, currency)),
    ]
    if comes_to.returns:
        facts.append(("Back to the sponsors", show(comes_to.returns, currency)))
    then = (
        "This decision is final: the money moves at once."
        if dispute.state == DisputeState.APPEALED
        else "Both sides can appeal; the money waits until then, or until both accept."
    )
    return [*facts, ("What follows", then)]


@admin.register(Dispute)
class DisputeAdmin(ActingAdmin):
    list_display = [
        "about",
        "milestone",
        "state",
        "side",
        "opened_at",
        "decide_by",
        "decided_by",
        "closed_at",
    ]
    list_filter = ["state", "how"]
    list_select_related = ["engagement", "milestone", "decided_by"]
    search_fields = [
        "public_id",
        "engagement__title",
        "engagement__organisation__name",
        "engagement__public_id",
    ]
    fields = [
        "public_id",
        "engagement",
        "milestone",
        "state",
        "side",
        "asked_for",
        "offered_for",
        "opened_at",
        "answer_by",
        "agree_by",
        "decide_by",
        "decided_for",
        "decided_by",
        "decided_at",
        "appeal_until",
        "appealed_by",
        "how",
        "paid",
        "closed_at",
    ]
    readonly_fields = ["asked_for", "offered_for", "decided_for", "paid"]
    acts = (
        Act(
            "decide",
            "Decide",
            _decide,
            queries.decide_refusal,
            DecisionForm,
            "Both sides are told the amount and read your reasons.",
            initial=lambda dispute: {
                "amount": as_typed(queries.suggested(dispute), dispute.engagement.currency)
            },
            facts=_facts,
        ),
    )

    def get_ordering(self, request):
        return [Case(When(state__in=TO_DECIDE, then=0), default=1), "decide_by", "-opened_at"]

    @admin.display(description="project")
    def about(self, dispute):
        return dispute.engagement.title

    @admin.display(description="asked for the student by who opened it")
    def asked_for(self, dispute):
        return show(dispute.asked, dispute.engagement.currency)

    @admin.display(description="named by the other side")
    def offered_for(self, dispute):
        return _amount(dispute, dispute.offered)

    @admin.display(description="first decision")
    def decided_for(self, dispute):
        return _amount(dispute, dispute.decided)

    @admin.display(description="the student got")
    def paid(self, dispute):
        return _amount(dispute, dispute.pays)

    def panels(self, request, dispute):
        engagement, milestone = dispute.engagement, dispute.milestone
        said = dispute.statements.select_related("by").prefetch_related("files")
        handed_in = milestone.submissions.prefetch_related("files").select_related("change_request")
        return [
            {
                "title": "What was said",
                "head": ["When", "Who", "What", "Amount", "Words", "Files"],
                "rows": [
                    [
                        one.at,
                        f"{one.get_side_display()}: {one.by or 'somebody whose account is gone'}",
                        one.get_kind_display(),
                        _amount(dispute, one.amount),
                        one.text,
                        _addresses("disputing:file", one.files.all()),
                    ]
                    for one in said
                ],
            },
            {"title": "Done when", "rows": [[line] for line in milestone.done_when]},
            {
                "title": "What was handed in",
                "head": ["Version", "When", "Note", "Links", "Files", "Changes asked for"],
                "rows": [
                    [
                        one.version,
                        one.at,
                        one.note,
                        " ".join(one.links),
                        _addresses("working:file", one.files.all()),
                        "\n".join(one.change_request.points) if hasattr(one, "change_request") else "",
                    ]
                    for one in handed_in
                ],
            },
            {
                "title": "Last messages",
                "head": ["When", "Who", "What"],
                "rows": [[m.at, m.author, m.text] for m in engagement.messages.select_related("author")[:30]],
            },
            {
                "title": "Agreement",
                "text": engagement.agreement.text if hasattr(engagement, "agreement") else "",
            },
            timeline_panel(dispute, milestone, engagement),
        ]


def _amount(dispute, minor) -> str:
    return "" if minor is None else show(minor, dispute.engagement.currency)


def _addresses(name: str, files) -> str:
    return "\n".join(f"{file.name}: {reverse(name, args=[file.public_id])}" for file in files)
