"""Reads of questioned payments, for the rooms above."""

from django.db.models import Q, Sum

from ..wallets.models import Wallet
from .models import Dispute


def of_wallet(wallet: Wallet):
    """The disputes and inquiries about payments into `wallet`, newest first, with their lots."""
    return Dispute.objects.filter(lot__wallet=wallet).select_related("lot").order_by("-opened_at", "-id")


def sums_of(wallet: Wallet) -> dict[str, int]:
    """Minor units of the wallet's money: `disputed` is set aside while banks decide, `charged_back` gone for good."""
    found = (
        of_wallet(wallet)
        .order_by()
        .aggregate(
            disputed=Sum("covered", filter=Q(booked_lost=False)),
            charged_back=Sum("covered", filter=Q(booked_lost=True)),
        )
    )
    return {name: total or 0 for name, total in found.items()}
