"""Writing the papers of money: billing details, invoices, credit notes."""

from django.db import transaction

from accounts.employers.models import Organisation
from marketplace.ground import clock, policy
from marketplace.ground.errors import Invalid, NotAllowed
from marketplace.ground.text import written

from ..holds.actions.holding import lock_hold
from ..holds.actions.numbering import next_number
from ..holds.models import Funding, Hold, Refund
from ..holds.states import FUNDED, SECURED, SETTLED, SUCCEEDED
from . import naming, queries
from .models import BillingDetails, Document

SERIES = {Document.Kind.INVOICE: "INV", Document.Kind.CREDIT_NOTE: "CN"}
MOST = {"name": 160, "address": 400, "tax_id": 40, "po_number": 40}
MISSING = {
    "name": "Write the name that invoices are made out to.",
    "address": "Write the address that invoices are made out to.",
}


def set_billing_details(*, by, organisation: Organisation, **fields) -> BillingDetails:
    """What stands on the organisation's invoices from now on; those already written stay as they are.

    fields: name, address, tax_id, po_number. Raises `NotAllowed` for anybody but an owner, and `Invalid`
    beside the field.
    """
    why_not = queries.allowed_actions(by, organisation)["edit_details"]
    if why_not:
        raise NotAllowed(why_not)
    given = {name: written(fields.get(name, "")) for name in MOST}
    errors = {name: [words] for name, words in MISSING.items() if not given[name]}
    errors.update(
        {
            name: [f"This can be at most {most} characters long."]
            for name, most in MOST.items()
            if len(given[name]) > most
        }
    )
    if errors:
        raise Invalid(errors)
    details, _ = BillingDetails.objects.update_or_create(
        payer_ref=organisation.public_id,
        defaults={**given, "updated_by": by, "updated_at": clock.now()},
    )
    return details


def issue_invoice(hold: Hold, funding: Funding | None) -> Document | None:
    """The invoice for the secured `hold`; the same again gives the first one. Inside the money's transaction.

    None when sponsors paid for all of it, so that the payer owes nothing.
    """
    if funding is None or not hold.due:
        return None
    known = Document.objects.filter(hold=hold, kind=Document.Kind.INVOICE).first()
    if known:
        return known
    about = naming.about([hold])[hold.ref]
    parts = list(
        hold.parts.order_by("position", "id").select_related(
            "lot__wallet__school", "lot__wallet__organisation"
        )
    )
    lines = _work_lines(about, parts) + _sponsor_lines(parts)
    return _write(
        Document.Kind.INVOICE,
        hold,
        about,
        lines=lines,
        total=sum(line["amount"] for line in lines),
        method=funding.method,
        at=funding.funded_at or clock.now(),
    )


def _work_lines(about: naming.About, parts: list) -> list[dict]:
    """What each milestone pays the student, whoever pays it, and the fee."""
    amounts: dict[str, int] = {}
    for part in parts:
        title = _title(about, part)
        amounts[title] = amounts.get(title, 0) + part.net
    lines = [{"text": title, "amount": amount} for title, amount in amounts.items()]
    fee = sum(part.fee for part in parts)
    return lines + ([{"text": "Platform fee", "amount": fee}] if fee else [])


def _sponsor_lines(parts: list) -> list[dict]:
    """What sponsors pay of it, taken off."""
    amounts: dict[str, int] = {}
    for part in parts:
        if part.lot_id:
            name = part.lot.wallet.sponsor
            amounts[name] = amounts.get(name, 0) + part.price
    return [
        {"text": f"Paid by {name}, free of the fee", "amount": -amount} for name, amount in amounts.items()
    ]


def issue_credit_note(refund: Refund) -> Document | None:
    """The credit note for a refund that arrived; None when no invoice was written for what went back."""
    known = Document.objects.filter(refund=refund).first()
    invoice = Document.objects.filter(hold=refund.hold, kind=Document.Kind.INVOICE).first()
    if known or refund.funding.extra or invoice is None:
        return known
    about = naming.about([refund.hold])[refund.hold.ref]
    lines = [
        {"text": f"{_title(about, line.part)}, returned with its fee", "amount": line.amount}
        for line in refund.lines.select_related("part")
    ]
    return _write(
        Document.Kind.CREDIT_NOTE,
        refund.hold,
        about,
        lines=lines,
        total=refund.amount,
        refund=refund,
        corrects=invoice,
        buyer=invoice.buyer,
        method=invoice.method,
        at=refund.done_at or clock.now(),
    )


def issue_missing(limit: int = 200) -> int:
    """Write the documents of money that moved before this room was there; how many were written."""
    holds = Hold.objects.filter(state__in=(SECURED, SETTLED)).exclude(documents__kind="invoice")
    written_now = 0
    for hold in holds.order_by("secured_at", "id")[:limit]:
        with transaction.atomic():
            lock_hold(hold.pk)
            funding = Funding.objects.filter(hold=hold, state=FUNDED, extra=False).first()
            if funding:
                issue_invoice(hold, funding)
                written_now += 1
    refunds = Refund.objects.filter(
        state=SUCCEEDED, credit_note=None, funding__extra=False, hold__documents__kind="invoice"
    ).select_related("hold", "funding")
    for refund in refunds.order_by("done_at", "id")[:limit]:
        with transaction.atomic():
            lock_hold(refund.hold_id)
            written_now += issue_credit_note(refund) is not None
    return written_now


def _title(about: naming.About, part) -> str:
    return about.parts.get(part.ref) or f"Part {part.position + 1}"


def _write(kind, hold: Hold, about: naming.About, *, lines, total, at, buyer=None, **more) -> Document:
    return Document.objects.create(
        kind=kind,
        number=f"{SERIES[kind]}-{next_number(SERIES[kind], at)}",  # INV-2026-000001
        hold=hold,
        payer_ref=hold.payer_ref,
        currency=hold.currency,
        lines=lines,
        total=total,
        seller=_seller(),
        buyer=buyer or _buyer(hold.payer_ref, about),
        about=about.title[:200],
        payee=about.payee[:160],
        issued_at=at,
        **more,
    )


def _seller() -> dict:
    brand = policy.brand()
    return {"name": brand.operator, "address": brand.postal_address, "email": brand.support_email}


def _buyer(payer_ref: str, about: naming.About) -> dict:
    details = BillingDetails.objects.filter(payer_ref=payer_ref).first()
    if details:
        return details.block()
    organisation = Organisation.objects.filter(public_id=payer_ref).first()
    name = organisation.name if organisation else about.payer
    return {"name": name, "address": "", "tax_id": "", "po_number": ""}
