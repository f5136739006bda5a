"""Disputes and warnings of fraud: to be read, answered and decided."""

from django.contrib import admin

from marketplace.ground.acting import ActingAdmin, timeline_panel
from marketplace.ground.money import show

from ..holds.models import Release
from ..ledger.queries import balance
from ..reading import Readable, amount
from . import acts
from .actions.evidence import FIELDS
from .models import Dispute, FraudWarning


@admin.register(Dispute)
class DisputeAdmin(Readable, ActingAdmin):
    list_display = [
        "public_id",
        "about",
        "show_amount",
        "reason",
        "state",
        "due_by",
        "submissions",
        "opened_at",
    ]
    list_filter = ["state", "reason"]
    list_select_related = ["hold", "lot__wallet__school", "lot__wallet__organisation"]
    search_fields = [
        *("public_id", "stripe_id", "charge_id", "hold__ref", "lot__public_id"),
        *("lot__wallet__school__name", "lot__wallet__organisation__name"),
    ]
    exclude = ["evidence"]
    acts = acts.DISPUTE_ACTS
    show_amount = amount("amount")

    @admin.display(description="about")
    def about(self, dispute):
        return dispute.lot.wallet if dispute.lot_id else dispute.hold or "a payment for nothing"

    def panels(self, request, dispute):
        panels = [
            {
                "title": "The answer to the bank",
                "rows": [
                    [label, dispute.evidence[name]]
                    for name, label in FIELDS.items()
                    if dispute.evidence.get(name)
                ],
            }
        ]
        if dispute.lot_id:
            panels.append(_of_sponsor(dispute))
        if dispute.hold_id:
            figures = dispute.hold.figures()
            names = (
                "disputed",
                "held",
                "releasing",
                "released",
                "refunding",
                "refunded",
                "recovered",
                "charged_back",
            )
            rows = [[name.replace("_", " "), show(figures[name], dispute.currency)] for name in names]
            panels.append({"title": "Where the money is", "rows": rows})
            releases = Release.objects.filter(part__hold=dispute.hold_id).select_related("part")
            panels.append(
                {
                    "title": "Releases",
                    "head": ["Id", "Part", "Net", "State"],
                    "rows": [
                        [
                            one.public_id,
                            one.part.position + 1,
                            show(one.net, one.currency),
                            one.get_state_display(),
                        ]
                        for one in releases
                    ],
                }
            )
        return [*panels, timeline_panel(dispute)]


def _of_sponsor(dispute: Dispute) -> dict:
    """Whose loss it is, or would be: the sponsor's own free money, and what was with projects."""
    lot, currency = dispute.lot, dispute.currency
    gone = "lost with it" if dispute.booked_lost else "set aside of what was free"
    risk = "the platform's loss" if dispute.booked_lost else "with projects or spent, owed by the sponsor"
    return {
        "title": "Where the sponsor's money is",
        "rows": [
            ["wallet", str(lot.wallet)],
            ["paid in", show(lot.amount, lot.currency)],
            ["taken by the bank", show(dispute.taken, currency)],
            [gone, show(dispute.covered, currency)],
            [risk, show(dispute.beyond, currency)],
            ["free of this payment", show(balance(lot.account), lot.currency)],
        ],
    }


@admin.register(FraudWarning)
class FraudWarningAdmin(Readable, ActingAdmin):
    list_display = ["public_id", "hold", "kind", "state", "released", "actionable", "at"]
    list_filter = ["state", "released"]
    list_select_related = ["hold"]
    search_fields = ["public_id", "stripe_id", "charge_id", "hold__ref"]
    acts = acts.WARNING_ACTS

    def panels(self, request, warning):
        return [timeline_panel(warning)]
