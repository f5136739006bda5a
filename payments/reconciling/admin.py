"""The comparison with Stripe as moderators see it, and what they may do about a line that nobody explains."""

from django import forms
from django.contrib import admin

from marketplace.ground.acting import Act, ActingAdmin
from marketplace.ground.money import show

from ..ledger.chart import CHART
from ..reading import Readable, ReadOnlyAdmin, amount
from ..stripe.models import BalanceLine, Reconciliation
from . import actions
from .models import Difference

WORDS = {
    "stripe": "Sum of Stripe's lines",
    "available": "Available at Stripe",
    "pending": "Pending at Stripe",
    "books": "Money at Stripe by the books",
    "open": "Not explained yet",
    "owed": "Kept for others",
    "own": "The house's own",
    "drawn": "Paid out to the operator's bank",
}


class ExplainForm(forms.Form):
    account = forms.ChoiceField(choices=[(name, CHART[name].words) for name in actions.ACCOUNTS])
    reasons = forms.CharField(max_length=150, widget=forms.Textarea(attrs={"rows": 3}))


@admin.register(Reconciliation)
class ReconciliationAdmin(Readable, ActingAdmin):
    list_display = ["at", "full", "lines", "objects_read", "how_many"]
    list_filter = ["full"]
    acts = (
        Act(
            "now",
            "Compare everything now",
            lambda by, found: actions.ask_for_run(by=by, thing=found),
            explain="A worker reads Stripe and the books; the result is a new row of this list.",
        ),
    )

    @admin.display(description="differences")
    def how_many(self, found):
        return len(found.differences)

    def panels(self, request, found):
        sums = [
            [currency, WORDS[name], show(row[name], currency)]
            for currency, row in sorted(found.sums.items())
            for name in WORDS
            if name in row
        ]
        differences = [
            [
                row["what"],
                row["cause"],
                show(row["amount"], row["currency"]) if row["currency"] else "",
                row["since"][:16].replace("T", " "),
                "stops payments" if row.get("serious") else "",
            ]
            for row in found.differences
        ]
        return [
            {"title": "Sums", "head": ["Currency", "What", "Amount"], "rows": sums},
            {
                "title": "Differences",
                "head": ["What", "Cause", "Amount", "First seen (UTC)", ""],
                "rows": differences,
            },
        ]


@admin.register(Difference)
class DifferenceAdmin(ReadOnlyAdmin):
    list_display = ["what", "cause", "show_amount", "serious", "first_seen", "last_seen", "cleared_at"]
    list_filter = [("cleared_at", admin.EmptyFieldListFilter), "serious", "currency"]
    search_fields = ["key", "what", "cause"]

    @admin.display(description="amount")
    def show_amount(self, row):
        return show(row.amount, row.currency) if row.currency else ""


@admin.register(BalanceLine)
class BalanceLineAdmin(Readable, ActingAdmin):
    list_display = ["stripe_id", "kind", "source", "show_amount", "show_fee", "made_at", "matched"]
    list_filter = ["matched", "kind", "currency"]
    search_fields = ["stripe_id", "source"]
    show_amount = amount("amount")
    show_fee = amount("fee")
    acts = (
        Act(
            "explain",
            "Book it",
            lambda by, line, account, reasons: actions.explain_line(
                by=by, line=line, account=account, why=reasons
            ),
            lambda by, line: "This line is explained." if line.matched else None,
            ExplainForm,
            "Puts a line that nobody asked for on the account where it belongs.",
        ),
    )
