"""Employers: who they are, what proves it, and what a moderator decides about it."""

from django.contrib import admin
from django.db.models import Case, Count, Q, When

from marketplace.ground.acting import Act, ActingAdmin, reasons_form, timeline_panel

from . import actions, proving
from .models import Membership, Organisation, Proof
from .states import ProofState


@admin.register(Organisation)
class OrganisationAdmin(ActingAdmin):
    list_display = [
        "name",
        "website",
        "place",
        "created_at",
        "verified_at",
        "proven_at",
        "suspended_at",
        "waiting",
    ]
    list_filter = [
        ("verified_at", admin.EmptyFieldListFilter),
        ("proven_at", admin.EmptyFieldListFilter),
        ("suspended_at", admin.EmptyFieldListFilter),
    ]
    search_fields = ["name", "website", "public_id"]
    fields = [
        "public_id",
        "name",
        "website",
        "about",
        "sector",
        "size",
        "place",
        "created_at",
        "verified_at",
        "proven_at",
        "suspended_at",
        "suspended_reason",
        "open_projects_lifted",
    ]
    acts = (
        Act(
            "suspend",
            "Suspend",
            lambda by, org, reasons: actions.suspend_organisation(by=by, organisation=org, reason=reasons),
            lambda by, org: "" if org.suspended_at else None,
            reasons_form("Why", "Its owners read this."),
            danger=True,
            explain="Its postings disappear from every list and it cannot post. What it has agreed to goes on.",
        ),
        Act(
            "lift",
            "Lift the suspension",
            lambda by, org: actions.lift_suspension(by=by, organisation=org),
            lambda by, org: None if org.suspended_at else "",
        ),
        Act(
            "more",
            "Allow more open projects",
            lambda by, org: actions.lift_open_projects(by=by, organisation=org),
            lambda by, org: "" if org.open_projects_lifted or org.proven_at else None,
            explain="A new employer may have two open projects until its first clean completion. This lifts the limit.",
        ),
    )

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .annotate(pending=Count("proofs", filter=Q(proofs__state=ProofState.PENDING)))
        )

    @admin.display(description="proofs to decide", ordering="pending")
    def waiting(self, organisation):
        return organisation.pending

    def panels(self, request, organisation):
        members = Membership.objects.filter(organisation=organisation).select_related("user")
        return [
            {
                "title": "People",
                "head": ["Name", "Address", "Role", "Since"],
                "rows": [[m.user.name, m.user.email, m.get_role_display(), m.joined_at] for m in members],
            },
            {
                "title": "Proofs",
                "head": ["Kind", "What they gave", "State", "Note"],
                "rows": [
                    [p.get_kind_display(), p.detail, p.get_state_display(), p.note]
                    for p in organisation.proofs.all()
                ],
            },
            timeline_panel(organisation),
        ]


def _decide(accept: bool):
    return lambda by, proof, reasons: proving.decide_proof(by=by, proof=proof, accept=accept, note=reasons)


@admin.register(Proof)
class ProofAdmin(ActingAdmin):
    """The verification queue: what waits stands first."""

    list_display = ["organisation", "kind", "detail", "state", "created_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["organisation"]
    search_fields = ["organisation__name", "detail"]
    fields = ["organisation", "kind", "detail", "state", "note", "created_at"]
    acts = (
        Act(
            "accept",
            "Accept",
            _decide(True),
            lambda by, p: "" if p.state == ProofState.ACCEPTED else None,
            reasons_form("Note", "What you looked at. The owners read it.", required=False),
        ),
        Act(
            "refuse",
            "Refuse",
            _decide(False),
            lambda by, p: "" if p.state == ProofState.REFUSED else None,
            reasons_form("What is missing", "The owners read this and can put it right."),
            danger=True,
        ),
    )

    def get_ordering(self, request):
        return [Case(When(state=ProofState.PENDING, then=0), default=1), "created_at"]

    def panels(self, request, proof):
        org = proof.organisation
        owners = org.memberships.filter(role=Membership.Role.OWNER).select_related("user")
        return [
            {
                "title": "The organisation",
                "rows": [
                    ["Website", org.website],
                    ["Owners", ", ".join(m.user.email for m in owners)],
                    ["Accepted proofs", org.proofs.filter(state=ProofState.ACCEPTED).count()],
                    ["Verified since", org.verified_at or "not yet"],
                ],
            },
            timeline_panel(proof),
        ]
