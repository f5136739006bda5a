"""Disputes and warnings of fraud: to be read, answered and decided."""

from django.contrib import admin

from marketplace.ground.acting import ActingAdmin, timeline_panel
from marketplace.ground.money import show

from ..holds.models import Release
from ..reading import amount
from . import acts
from .actions.evidence import FIELDS
from .models import Dispute, FraudWarning


@admin.register(Dispute)
class DisputeAdmin(ActingAdmin):
    list_display = [
        "public_id",
        "hold",
        "show_amount",
        "reason",
        "state",
        "due_by",
        "submissions",
        "opened_at",
    ]
    list_filter = ["state", "reason"]
    list_select_related = ["hold"]
    search_fields = ["public_id", "stripe_id", "charge_id", "hold__ref"]
    exclude = ["evidence"]
    acts = acts.DISPUTE_ACTS
    show_amount = amount("amount")

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


@admin.register(FraudWarning)
class FraudWarningAdmin(ActingAdmin):
    list_display = ["public_id", "hold", "kind", "state", "released", "actionable", "at"]
    list_filter = ["state", "released"]
    list_select_related = ["hold"]
    search_fields = ["public_id", "stripe_id", "charge_id", "hold__ref"]
    acts = acts.WARNING_ACTS

    def panels(self, request, warning):
        return [timeline_panel(warning)]
