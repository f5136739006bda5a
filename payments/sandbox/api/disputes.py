"""Disputes and inquiries, the evidence given for them, and warnings of fraud.

A dispute takes amount and fee at once; won, the amount comes back and the fee stays. An inquiry (`warning_*`)
moves nothing unless it becomes a dispute.
"""

from .. import params as read
from ..models import Line, Thing
from ..refusal import Refusal
from ..store import add, add_line, get, now, render_line, save, settings_now, tell
from .lists import page_of

DAYS_TO_ANSWER = 7
OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")
OUTCOMES = ("won", "lost", "warning_closed", "prevented")
EVIDENCE = {
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "enhanced_evidence",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
}
MOST_TEXT = 150_000


def open_dispute(charge: Thing, reason="fraudulent", *, amount=None, inquiry=False) -> Thing:
    """The cardholder's bank asks the money back: all that was not refunded, or `amount` of it."""
    if of_charge(charge).filter(data__status__in=OPEN).exists():
        raise Refusal(f"Charge {charge.id} is disputed already.")
    left = charge.data["amount"] - charge.data["amount_refunded"]
    amount = left if amount is None else int(amount)
    if not 0 < amount <= charge.data["amount"]:
        raise Refusal("Nothing of this charge can be disputed.")
    dispute = add(
        "dispute",
        {
            "amount": amount,
            "balance_transactions": [],
            "charge": charge.id,
            "payment_intent": charge.data["payment_intent"],
            "currency": charge.data["currency"],
            "reason": reason,
            "enhanced_eligibility_types": [],
            "is_charge_refundable": inquiry,
            "metadata": {},
            "status": "warning_needs_response" if inquiry else "needs_response",
            "evidence": dict.fromkeys(EVIDENCE - {"enhanced_evidence"}) | {"enhanced_evidence": {}},
            "evidence_details": {
                "due_by": now() + DAYS_TO_ANSWER * 86400,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
        },
    )
    save(charge, disputed=True)
    tell("charge.dispute.created", dispute.data)
    if not inquiry:
        _withdraw(dispute)
    settle_warnings(charge)
    return dispute


def of_charge(charge: Thing):
    return Thing.objects.filter(kind="dispute", data__charge=charge.id)


def bars_refund(charge: Thing) -> bool:
    return any(not row.data["is_charge_refundable"] for row in of_charge(charge))


def _withdraw(dispute: Thing) -> None:
    fee = settings_now()["dispute_fee"]
    add_line("adjustment", -dispute.data["amount"], dispute.data["currency"], dispute.id, fee=fee)
    save(dispute, balance_transactions=_lines(dispute))
    tell("charge.dispute.funds_withdrawn", dispute.data)


def _reinstate(dispute: Thing, *, fee: int) -> None:
    add_line("adjustment", dispute.data["amount"], dispute.data["currency"], dispute.id, fee=-fee)
    save(dispute, balance_transactions=_lines(dispute))
    tell("charge.dispute.funds_reinstated", dispute.data)


def _lines(dispute: Thing) -> list[dict]:
    return [render_line(line) for line in Line.objects.filter(source=dispute.id).order_by("order")]


def escalate(dispute: Thing) -> Thing:
    """An inquiry that becomes a dispute."""
    if not dispute.data["status"].startswith("warning_") or dispute.data["status"] == "warning_closed":
        raise Refusal("Only an open inquiry becomes a dispute.")
    save(dispute, status="needs_response", is_charge_refundable=False)
    tell("charge.dispute.updated", dispute.data)
    _withdraw(dispute)
    return dispute


def close(dispute: Thing, status: str) -> Thing:
    """Decide it: won, lost, warning_closed (an inquiry comes to nothing) or prevented (stopped, no fee)."""
    before = dispute.data["status"]
    inquiry = before.startswith("warning_")
    if before not in OPEN:
        raise Refusal("This dispute has been decided.")
    if status not in OUTCOMES or (status == "warning_closed") != (inquiry and status != "prevented"):
        raise Refusal("An inquiry ends as warning_closed or prevented, a dispute as won, lost or prevented.")
    save(dispute, status=status, is_charge_refundable=status != "lost")
    if not inquiry and status in ("won", "prevented"):
        taken = sum(line["fee"] for line in dispute.data["balance_transactions"])
        _reinstate(dispute, fee=taken if status == "prevented" else 0)
    tell("charge.dispute.closed", dispute.data, previous={"status": before})
    return dispute


# --- the API ------------------------------------------------------------------------------------------------


def retrieve(request, found, dispute):
    return get("dispute", dispute).data


def update(request, found, dispute):
    read.known(found, {"evidence", "submit", "metadata", "expand"})
    given = found.get("evidence") or {}
    read.known(given, EVIDENCE, path="evidence")
    if sum(len(str(text)) for text in given.values()) > MOST_TEXT:
        raise Refusal("The evidence is longer than 150,000 characters.", param="evidence")
    thing = get("dispute", dispute)
    status, details = thing.data["status"], dict(thing.data["evidence_details"])
    if given or found.get("submit") == "true":
        if not status.endswith("needs_response"):
            raise Refusal("This dispute no longer takes evidence.", kept=True)
        if details["due_by"] < now():
            raise Refusal("The time to give evidence for this dispute is over.", kept=True)
    details["has_evidence"] = details["has_evidence"] or bool(given)
    if found.get("submit", "true" if given else "false") == "true":
        details["submission_count"] += 1
        status = status.replace("needs_response", "under_review")
    save(
        thing,
        status=status,
        evidence={**thing.data["evidence"], **given},
        evidence_details=details,
        metadata={**thing.data["metadata"], **read.metadata(found)},
    )
    tell("charge.dispute.updated", thing.data)
    return thing.data


# --- early fraud warnings -----------------------------------------------------------------------------------


def warn(charge: Thing) -> Thing:
    """The card network holds the payment for fraudulent; `actionable` until it is refunded or disputed."""
    actionable = not charge.data["amount_refunded"] and not charge.data["disputed"]
    warning = add(
        "radar.early_fraud_warning",
        {
            "actionable": actionable,
            "charge": charge.id,
            "payment_intent": charge.data["payment_intent"],
            "fraud_type": "made_with_stolen_card",
        },
    )
    tell("radar.early_fraud_warning.created", warning.data)
    return warning


def settle_warnings(charge: Thing) -> None:
    """Refunded or disputed, a warning asks for nothing more."""
    for warning in Thing.objects.filter(kind="radar.early_fraud_warning", data__charge=charge.id):
        if warning.data["actionable"]:
            save(warning, actionable=False)
            tell("radar.early_fraud_warning.updated", warning.data, previous={"actionable": True})


def retrieve_warning(request, found, warning):
    return get("radar.early_fraud_warning", warning).data


def warnings(request, found):
    read.known(
        found, {"charge", "payment_intent", "created", "limit", "starting_after", "ending_before", "expand"}
    )
    rows = Thing.objects.filter(kind="radar.early_fraud_warning")
    for name in ("charge", "payment_intent"):
        if name in found:
            rows = rows.filter(**{f"data__{name}": found[name]})
    return page_of(rows, found, "/v1/radar/early_fraud_warnings")
