"""Sponsors' money: to be read, bank transfers to be recorded, a wallet to be frozen."""

from django import forms
from django.contrib import admin

from marketplace.ground.acting import Act, ActingAdmin, reasons_form, timeline_panel
from marketplace.ground.fields import MoneyField
from marketplace.ground.money import show

from ..reading import Readable, amount
from . import actions, queries
from .actions import by_hand
from .models import Lot, Payback, Wallet
from .states import PAID, QUEUED


class TransferForm(forms.Form):
    amount = MoneyField(help_text="As on the bank statement, for example 2,500.00.")
    received_on = forms.DateField(label="Arrived on", widget=forms.DateInput(attrs={"type": "date"}))
    reference = forms.CharField(label="Reference on the bank statement", max_length=80)


class ReferenceForm(forms.Form):
    reference = forms.CharField(label="Reference of your transfer", max_length=80)


def _act(name: str):
    return lambda by, wallet: queries.allowed_actions(by, wallet).get(name, "This is for moderators.")


@admin.register(Wallet)
class WalletAdmin(Readable, ActingAdmin):
    list_display = ["sponsor", "state", "currency", "created_at", "frozen_why"]
    list_filter = ["state"]
    list_select_related = ["school", "organisation"]
    search_fields = ["public_id", "school__name", "organisation__name"]
    fields = [
        "public_id",
        "school",
        "organisation",
        "state",
        "frozen_why",
        "currency",
        "low_at",
        "created_at",
    ]
    acts = (
        Act(
            "record",
            "Record a bank transfer",
            lambda by, wallet, **given: actions.record_transfer(by=by, wallet=wallet, **given),
            _act("record_transfer"),
            TransferForm,
            "It is free in the wallet at once. What is released of it waits until you have moved as much to Stripe.",
        ),
        Act(
            "freeze",
            "Freeze the wallet",
            lambda by, wallet, reasons: actions.freeze_wallet(by=by, wallet=wallet, why=reasons),
            _act("freeze"),
            reasons_form("Why", "The sponsor reads this."),
            "Nothing is given from it and nothing goes back until you thaw it.",
            danger=True,
        ),
        Act(
            "thaw",
            "Thaw the wallet",
            lambda by, wallet: actions.thaw_wallet(by=by, wallet=wallet),
            _act("thaw"),
        ),
    )

    def panels(self, request, wallet):
        lots = list(wallet.lots.order_by("-id")[:30])
        left = queries.remains(lots)
        sums = queries.sums(wallet)
        return [
            {
                "title": "Money",
                "rows": [
                    ["received", show(sums["received"], wallet.currency)],
                    ["in the wallet", show(queries.pool(wallet), wallet.currency)],
                    ["paid back", show(sums["paid_back"], wallet.currency)],
                ],
            },
            {
                "title": "Latest amounts",
                "head": ["When", "How", "State", "Amount", "Left"],
                "rows": [
                    [
                        lot.paid_at or lot.created_at,
                        lot.get_source_display(),
                        lot.get_state_display(),
                        show(lot.amount, lot.currency),
                        show(left[lot.pk], lot.currency),
                    ]
                    for lot in lots
                ],
            },
            timeline_panel(wallet),
        ]


@admin.register(Lot)
class LotAdmin(Readable, ActingAdmin):
    list_display = [
        "public_id",
        "wallet",
        "source",
        "state",
        "show_amount",
        "paid_at",
        "reference",
        "charge_id",
    ]
    list_filter = ["source", "state"]
    list_select_related = ["wallet__school", "wallet__organisation"]
    search_fields = ["public_id", "reference", "session_id", "intent_id", "charge_id"]
    fields = [
        *("public_id", "wallet", "source", "state", "amount", "currency", "by", "created_at", "paid_at"),
        *("session_id", "intent_id", "charge_id", "method", "failure", "reference", "received_on"),
    ]
    show_amount = amount("amount")
    acts = (
        Act(
            "void",
            "Take back a transfer recorded by mistake",
            lambda by, lot, reasons: actions.void_transfer(by=by, lot=lot, reasons=reasons),
            lambda by, lot: (
                None
                if lot.source == Lot.Source.BANK and lot.state == PAID
                else "Only recorded bank transfers."
            ),
            reasons_form("Why"),
            "Only while nothing of it has been given to a project.",
            danger=True,
        ),
    )

    def panels(self, request, lot):
        left = queries.remains([lot])[lot.pk]
        return [{"title": "Left", "rows": [["in the wallet", show(left, lot.currency)]]}, timeline_panel(lot)]


def _by_bank(by, row: Payback) -> str | None:
    if row.lot.source != Lot.Source.BANK:
        return "This goes back through Stripe by itself."
    return None if row.state == QUEUED else f"This is {row.get_state_display()}."


@admin.register(Payback)
class PaybackAdmin(Readable, ActingAdmin):
    list_display = ["public_id", "lot", "state", "show_amount", "created_at", "done_at", "failure"]
    list_filter = ["state", "lot__source"]
    list_select_related = ["lot"]
    search_fields = ["public_id", "refund_id", "reference"]
    fields = [
        *("public_id", "lot", "state", "amount", "beyond", "unexplained", "currency", "by"),
        *("refund_id", "reference", "failure"),
        *("created_at", "done_at"),
    ]
    show_amount = amount("amount")
    acts = (
        Act(
            "paid",
            "Record that it was paid back",
            lambda by, row, reference: actions.record_payback(by=by, payback=row, reference=reference),
            _by_bank,
            ReferenceForm,
            "After your bank transfer to the sponsor.",
        ),
        Act(
            "not_paid",
            "It could not be paid back",
            lambda by, row, reasons: actions.fail_payback(by=by, payback=row, reasons=reasons),
            _by_bank,
            reasons_form("Why", "The sponsor reads this."),
            "The money is free in the wallet again.",
            danger=True,
        ),
        Act(
            "bear",
            "Let the platform bear it",
            lambda by, row, reasons: actions.bear_payback(by=by, payback=row, reason=reasons),
            lambda by, row: by_hand.bear_refusal(row),
            reasons_form("Why"),
            "It was refunded at Stripe by hand although it was with projects or spent.",
            danger=True,
        ),
    )

    def panels(self, request, row):
        return [timeline_panel(row)]
