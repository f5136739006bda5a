"""The answer to a bank: put together from what rooms above know, seen and edited by a moderator, then sent.

payments knows no engagements, so a room above registers what it can say about a hold. If nobody sends it, the
clock does, a day before the bank's time is over.
"""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction

from marketplace.ground import clock, policy
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.money import show
from marketplace.ground.states import record

from ... import signals
from ...holds.models import Hold, Part
from ...holds.queries import receipt_for
from ...ledger.queries import balance
from ...stripe.actions import outbox
from ...wallets.models import Lot
from ..models import Dispute
from ..states import ANSWERABLE

#: Stripe's fields for text, and what people call them. Together they may have 150,000 characters.
FIELDS = {
    "customer_name": "Who paid",
    "customer_email_address": "Their e-mail address",
    "product_description": "What was paid for",
    "service_date": "When the work was done",
    "access_activity_log": "What happened, with dates",
    "refund_policy_disclosure": "How the payer was told the rules on refunds",
    "cancellation_policy_disclosure": "How the payer was told the rules on cancelling",
    "refund_refusal_explanation": "Why the payer is not owed a refund",
    "uncategorized_text": "Everything else",
}
LONGEST = 20_000
AUTOMATIC = timedelta(hours=24)
REMIND_HOURS = (72, 48, 24)

_providers: list[Callable[[Hold], dict[str, str]]] = []


def register(provider: Callable[[Hold], dict[str, str]]) -> Callable:
    """Register `provider(hold)`, which gives text for some of `FIELDS`, or {} for a hold that is not its own."""
    _providers.append(provider)
    return provider


def draft_evidence(dispute: Dispute) -> dict[str, str]:
    """What can be said about the payment now, by Stripe's field names."""
    hold = dispute.hold
    if dispute.lot:
        return {name: text[:LONGEST] for name, text in _of_sponsor(dispute.lot).items() if text}
    if hold is None:
        return {}
    found: dict[str, str] = {"product_description": hold.description, "uncategorized_text": _books(hold)}
    for provider in _providers:
        for name, text in provider(hold).items():
            found[name] = f"{found[name]}\n\n{text}" if name == "uncategorized_text" else text
    return {name: text[:LONGEST] for name, text in found.items() if text}


MOST_GIFTS = 200


def _of_sponsor(lot: Lot) -> dict[str, str]:
    """What can be said about a sponsor's payment: who made it, and to which projects it went."""
    parts = Part.objects.filter(lot=lot).select_related("hold").order_by("id")
    given = [
        f"{part.hold.created_at:%d %B %Y}: {show(part.price, lot.currency)} given to “{part.hold.description}”"
        for part in parts[:MOST_GIFTS]
    ]
    paid = f"{lot.paid_at:%d %B %Y}: {show(lot.amount, lot.currency)} paid by {lot.method or 'card'}"
    left = balance(lot.account)
    return {
        "customer_name": lot.wallet.sponsor,
        "customer_email_address": lot.by.email if lot.by else "",
        "product_description": f"Money with which {lot.wallet.sponsor} sponsors students' paid projects. A signed-in "
        "member of its staff chose the amount and paid it on Stripe's page.",
        "access_activity_log": "\n".join([paid, *given]),
        "refund_policy_disclosure": "What is with no project can be asked back at any time, on the wallet's page. "
        "What a project does not use comes back into the wallet by itself.",
        "uncategorized_text": f"{show(left, lot.currency)} of it was with no project when this was written.",
    }


def _books(hold: Hold) -> str:
    receipt = receipt_for(hold)
    if receipt is None:
        return ""
    figures = hold.figures()
    return (
        f"Paid on {receipt.paid_at:%d %B %Y} by {receipt.method or 'card'}, receipt {receipt.number}: "
        f"{show(hold.price, hold.currency)}. Of this {show(figures['released'], hold.currency)} has been released "
        f"to the person who did the work, and {show(figures['refunded'], hold.currency)} has been refunded."
    )


def answer_refusal(by, dispute: Dispute) -> str | None:
    """None when evidence can be sent now, else why not."""
    if dispute.state not in ANSWERABLE:
        return f"The bank takes no evidence now: {dispute.get_state_display()}."
    if dispute.evidence_call_id and dispute.evidence_call.state not in ("done", "rejected"):
        return "The answer is on its way to Stripe."
    if dispute.due_by and dispute.due_by <= clock.now():
        return "The time to answer is over."
    return None


def save_evidence(*, by, dispute: Dispute, evidence: dict[str, str]) -> None:
    """Keep the edited answer, to be sent later. Raises `NotAllowed`, `WrongMoment`, `Invalid`."""
    with transaction.atomic():
        row = _locked(by, dispute)
        row.evidence = _clean(evidence)
        row.evidence_by = by
        row.save(update_fields=["evidence", "evidence_by"])
        record(row, row.state, by=by, reason="evidence_edited", old=row.state)
    dispute.refresh_from_db()


def submit_evidence(*, by, dispute: Dispute, evidence: dict[str, str] | None = None) -> None:
    """Send the answer to the bank, through Stripe; final. evidence: as edited; left out, what is kept, or a new
    draft. by: None for the clock. Raises `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    with transaction.atomic():
        row = _locked(by, dispute)
        row.evidence = _clean(evidence if evidence is not None else row.evidence or draft_evidence(row))
        if not row.evidence:
            raise Invalid({"uncategorized_text": ["There is nothing to send yet."]})
        row.evidence_by = by or row.evidence_by
        row.evidence_call = outbox.enqueue(
            "evidence",
            {
                "dispute": row.stripe_id,
                "evidence": row.evidence,
                "submit": True,
                "metadata": {"dispute": str(row.uuid)},
            },
        )
        row.save(update_fields=["evidence", "evidence_by", "evidence_call"])
        record(row, row.state, by=by, reason="evidence_sent", old=row.state)
    dispute.refresh_from_db()


def _locked(by, dispute: Dispute) -> Dispute:
    if by is not None and not by.is_staff:
        raise NotAllowed("A moderator answers the bank.")
    row = Dispute.objects.select_for_update().get(pk=dispute.pk)
    if refusal := answer_refusal(by, row):
        raise WrongMoment(refusal)
    return row


def _clean(evidence: dict[str, str]) -> dict[str, str]:
    errors = {
        name: ["Stripe takes no such field."] if name not in FIELDS else [f"At most {LONGEST:,} characters."]
        for name, text in evidence.items()
        if name not in FIELDS or not isinstance(text, str) or len(text) > LONGEST
    }
    if errors:
        raise Invalid(errors)
    return {name: text.strip() for name, text in evidence.items() if text.strip()}


def evidence_made(dispute: Dispute) -> None:
    """Stripe has it. Inside the call's transaction."""
    Dispute.objects.filter(pk=dispute.pk).update(evidence_sent_at=clock.now())


def answer_in_time(limit: int = 100) -> int:
    """Remind moderators of what waits for an answer, and send it by itself a day before the time is over."""
    now, done = clock.now(), 0
    rows = Dispute.objects.filter(state__in=ANSWERABLE, submissions=0, due_by__gt=now)
    due = rows.filter(due_by__lte=now + timedelta(hours=REMIND_HOURS[0])).order_by("due_by")
    for pk in due.values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            row = Dispute.objects.select_for_update().get(pk=pk)
            if row.state not in ANSWERABLE or row.due_by <= now:
                continue
            _remind(row, now)
            if (
                row.due_by - now <= AUTOMATIC
                and answer_refusal(None, row) is None
                and (row.hold_id or row.lot_id)
            ):
                submit_evidence(by=None, dispute=row)
                done += 1
    return done


def _remind(row: Dispute, now) -> None:
    left = (row.due_by - now).total_seconds() / 3600
    hours = min(step for step in REMIND_HOURS if left <= step)
    if row.reminded_hours is None or hours < row.reminded_hours:
        Dispute.objects.filter(pk=row.pk).update(reminded_hours=hours)
        row.reminded_hours = hours
        signals.evidence_due.send(sender=Dispute, hold=row.hold, dispute=row, hours=hours)


def rules_in_words() -> str:
    """What a payer was told before paying, for the answer to a bank."""
    rules = policy.current()
    return (
        "Before kick-off everything goes back. Afterwards approved work stays paid, and of the rest the worker gets "
        "the greatest of what was handed in, the time that has passed and 25 percent. Work that nobody answers within "
        f"{rules.review_last_days} business days counts as approved. Both sides accepted these rules in the agreement."
    )
