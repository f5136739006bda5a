"""Disputes: the cardholder's bank takes the money back until it is decided."""

from ..models import Thing
from ..store import add, add_line, get, now, save, tell

FEE = 1500


def open_dispute(charge: Thing, reason: str) -> Thing:
    dispute = add(
        "dispute",
        {
            "amount": charge.data["amount"],
            "balance_transactions": [],
            "charge": charge.id,
            "payment_intent": charge.data["payment_intent"],
            "currency": charge.data["currency"],
            "reason": reason,
            "enhanced_eligibility_types": [],
            "is_charge_refundable": False,
            "metadata": {},
            "status": "needs_response",
            "evidence": {"enhanced_evidence": {}},
            "evidence_details": {
                "due_by": now() + 7 * 86400,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
        },
    )
    add_line("adjustment", -dispute.data["amount"], dispute.data["currency"], dispute.id, fee=FEE)
    save(charge, disputed=True)
    tell("charge.dispute.created", dispute.data)
    tell("charge.dispute.funds_withdrawn", dispute.data)
    return dispute


def close(dispute: Thing, status: str) -> Thing:
    save(dispute, status=status)
    if status == "won":
        add_line("adjustment", dispute.data["amount"], dispute.data["currency"], dispute.id)
        tell("charge.dispute.funds_reinstated", dispute.data)
    tell("charge.dispute.closed", dispute.data)
    return dispute


def retrieve(request, found, dispute):
    return get("dispute", dispute).data
