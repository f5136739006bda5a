"""The payer's way to Stripe's payment page and back. Only what Stripe says about the session makes a hold
secured.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from marketplace.ground import clock
from marketplace.ground.errors import WrongMoment
from marketplace.ground.states import move, record

from ... import signals
from ...ledger.actions import post
from ...ledger.chart import code
from ...payers.actions import checkout_params
from ...stripe import gateway
from ...stripe.actions import outbox
from ..models import Funding, Hold, Receipt
from ..states import (
    CANCELLED,
    DRAFT,
    EXPIRED,
    FAILED,
    FUNDED,
    FUNDING_LIVE,
    OPEN,
    PROCESSING,
    SECURED,
    UNFUNDED,
)
from .holding import close_pages, close_session, limit_from, lock_hold
from .numbering import RECEIPTS, next_number
from .refunding import give_back

log = logging.getLogger(__name__)

# Stripe takes 30 minutes to 24 hours from the moment at which it makes the session.
SHORTEST, LONGEST = timedelta(minutes=35), timedelta(hours=23)
OTHER_AMOUNT = "Stripe reports another amount or currency than was asked for. Staff are looking at it."


def start_checkout(*, by, hold: Hold, success_url: str, cancel_url: str) -> Funding:
    """Prepare the payment page for what the payer owes for `hold`; while one is open, that one.

    Redirect to `funding_url(funding)` once the transaction has committed. Raises `WrongMoment` when
    nothing is due: secured, cancelled, past its deadline, or a bank debit on its way.
    """
    with transaction.atomic():
        row = lock_hold(hold.pk)
        _ensure_payable(row)
        live = row.fundings.select_for_update().filter(state__in=FUNDING_LIVE).first()
        if live and (live.state == DRAFT or live.expires_at > clock.now() + timedelta(minutes=1)):
            return live
        if live:
            close_pages(row)
        funding = Funding(
            hold=row,
            amount=row.due,
            currency=row.currency,
            by=by,
            success_url=success_url,
            cancel_url=cancel_url,
            expires_at=_expiry(row),
        )
        # The request that asked makes the call itself; a worker does it if that request should die.
        funding.call = outbox.enqueue(
            "checkout", _session_params(funding, by), held_back=timedelta(seconds=30)
        )
        funding.save()
        record(funding, funding.state, by=by)
    return funding


def _ensure_payable(hold: Hold) -> None:
    if hold.state == PROCESSING:
        raise WrongMoment("A bank payment for this is already on its way. It can take a few days to arrive.")
    if hold.state == CANCELLED:
        raise WrongMoment("This was cancelled, so there is nothing to pay.")
    if hold.state != UNFUNDED or not hold.due:
        raise WrongMoment("The funds are already secured.")
    if hold.deadline and hold.deadline <= clock.now():
        raise WrongMoment("The time to secure the funds is over.")


def _expiry(hold: Hold):
    now = clock.now()
    latest = min(now + LONGEST, hold.deadline) if hold.deadline else now + LONGEST
    return max(latest, now + SHORTEST)


def _session_params(funding: Funding, by) -> dict:
    hold = funding.hold
    item = {
        "currency": hold.currency.lower(),
        "unit_amount": hold.due,
        "product_data": {"name": hold.description},
    }
    params = {
        "mode": "payment",
        "client_reference_id": str(funding.uuid),
        "success_url": funding.success_url,
        "cancel_url": funding.cancel_url,
        "expires_at": int(funding.expires_at.timestamp()),
        "line_items": [{"quantity": 1, "price_data": item}],
        "adaptive_pricing": {"enabled": False},
        "payment_intent_data": {"transfer_group": str(hold.uuid), "description": hold.description},
        "metadata": {"funding": str(funding.uuid), "hold": hold.public_id},
    }
    return params | checkout_params(hold.payer_ref, by)


def funding_url(funding: Funding) -> str:
    """Where to send the payer now: Stripe's page, or our waiting page while Stripe is away. Never raises.

    Call it outside the transaction that made `funding`.
    """
    row = Funding.objects.select_related("call").get(pk=funding.pk)
    if row.state == DRAFT and row.call.state == "pending":
        try:
            outbox.perform(row.call_id)
        except gateway.Misconfigured as error:
            log.error("Stripe refuses our key: %s", error)
        row.refresh_from_db()
    if row.state == OPEN and row.url:
        return row.url
    return reverse("payments:checkout", args=[row.public_id])


def refresh_funding(hold: Hold) -> None:
    """Ask Stripe now how the latest payment of `hold` stands. Never raises: the webhook will tell it too."""
    funding = hold.fundings.exclude(session_id=None).order_by("-id").first()
    if funding and funding.state in FUNDING_LIVE:
        try:
            sync_funding(funding)
        except gateway.StripeTrouble as error:
            log.warning("payment not refreshed: %s", error)


def sync_funding(funding: Funding, session: dict | None = None) -> None:
    """Read the session at Stripe and take over what it says, in whatever order things are told."""
    session = session or gateway.checkout(funding.session_id)
    call = funding.call
    if call and call.state not in ("done", "rejected"):  # our own answer was lost; adopt what it made
        outbox.close(call, session)
    apply_session(funding, session)


def sync_old_fundings(limit: int = 50) -> None:
    """Re-read payments that have been open for a while: no webhook is needed for the truth to arrive."""
    before = clock.now() - timedelta(minutes=10)
    rows = Funding.objects.filter(state__in=(OPEN, PROCESSING), created_at__lt=before).exclude(
        session_id=None
    )
    rows = rows.exclude(synced_at__gt=before).select_related("call").order_by("synced_at", "id")
    for funding in rows[:limit]:
        sync_funding(funding)


def session_made(funding: Funding, session: dict) -> None:
    """Our call's answer: the page exists. Runs inside the transaction that closes the call."""
    Funding.objects.filter(pk=funding.pk).update(session_id=session["id"], url=session.get("url") or "")
    funding.refresh_from_db()
    if funding.state == DRAFT:
        move(funding, OPEN)
    elif funding.state == EXPIRED:
        close_session(funding)


def session_refused(funding: Funding, error) -> None:
    hold = funding.hold
    if funding.state == DRAFT:
        move(funding, FAILED, failure=str(error)[:300])
        signals.funds_failed.send(sender=Hold, hold=hold, funding=funding, why="Stripe refused the request.")
    log.error("Stripe refused a payment page: %s", error)


def apply_session(funding: Funding, session: dict) -> None:
    """Converge on the state that `session` (with its payment expanded) describes."""
    with transaction.atomic():
        hold = lock_hold(funding.hold_id)
        row = Funding.objects.select_for_update().get(pk=funding.pk)
        row.hold = hold
        intent = session.get("payment_intent")
        intent = intent if isinstance(intent, dict) else {"id": intent}
        charge = intent.get("latest_charge")
        charge = charge if isinstance(charge, dict) else {}
        _remember(row, session, intent, charge)
        if row.state == FUNDED:
            _post_stripe_fee(row, charge)
        elif session["payment_status"] == "paid":
            if charge.get("id"):
                _paid(hold, row, session, charge)
        elif session["status"] == "complete":
            _debit_on_its_way(hold, row, intent)
        elif session["status"] == "expired" and row.state in (DRAFT, OPEN):
            move(row, EXPIRED)
            signals.funding_expired.send(sender=Hold, hold=hold, funding=row)
    funding.refresh_from_db()


def _remember(row: Funding, session: dict, intent: dict, charge: dict) -> None:
    details = charge.get("payment_method_details") or {}
    row.session_id = session["id"]
    row.intent_id = intent.get("id") or row.intent_id
    row.method = details.get("type") or row.method
    row.synced_at = clock.now()
    row.save(update_fields=["session_id", "intent_id", "method", "synced_at"])


def _paid(hold: Hold, row: Funding, session: dict, charge: dict) -> None:
    if row.failure == OTHER_AMOUNT:
        return
    if session["amount_total"] != row.amount or session["currency"].upper() != row.currency:
        _wrong_amount(hold, row, session, charge)
        return
    extra = hold.state not in (UNFUNDED, PROCESSING)
    move(row, FUNDED, charge_id=charge["id"], funded_at=clock.now(), extra=extra, failure="")
    stripe_balance = code("stripe_balance", row.currency)
    if extra:
        credit = code("employer_credit", row.currency, hold.payer_ref)
        post(
            "paid_without_hold",
            f"fund:{charge['id']}",
            [(stripe_balance, row.amount), (credit, -row.amount)],
            currency=row.currency,
            ref=f"hold:{hold.uuid}",
        )
        _post_stripe_fee(row, charge)
        give_back(hold, row)
        return
    parts = hold.parts.filter(lot=None).order_by("position")  # sponsors' parts are filled already
    shares = [(code("hold", row.currency, part.uuid), -part.price) for part in parts]
    post(
        "funds_secured",
        f"fund:{charge['id']}",
        [(stripe_balance, row.amount), *shares],
        currency=row.currency,
        ref=f"hold:{hold.uuid}",
    )
    _post_stripe_fee(row, charge)
    now = clock.now()
    move(hold, SECURED, by=row.by, secured_at=now, limit_at=limit_from(hold, now))
    _issue_receipt(hold)
    close_pages(hold, keep=row)
    signals.funds_secured.send(sender=Hold, hold=hold, funding=row)


def _wrong_amount(hold: Hold, row: Funding, session: dict, charge: dict) -> None:
    """Not what we asked for: it secures nothing, stands as the payer's credit, and staff decide."""
    currency = session["currency"].upper()
    credit = code("employer_credit", currency, hold.payer_ref)
    post(
        "paid_other_amount",
        f"fund:{charge['id']}",
        [(code("stripe_balance", currency), session["amount_total"]), (credit, -session["amount_total"])],
        currency=currency,
        ref=f"hold:{hold.uuid}",
    )
    _post_stripe_fee(row, charge)
    row.charge_id, row.received, row.received_currency = charge["id"], session["amount_total"], currency
    row.save(update_fields=["charge_id", "received", "received_currency"])
    log.error("a session was paid in another amount or currency: %s", row.public_id)
    if row.state == FAILED:
        Funding.objects.filter(pk=row.pk).update(failure=OTHER_AMOUNT)
    else:
        _fail(hold, row, OTHER_AMOUNT)


def _post_stripe_fee(row: Funding, charge: dict) -> None:
    line = charge.get("balance_transaction")
    if isinstance(line, dict) and line.get("fee"):
        currency = line["currency"].upper()
        post(
            "stripe_fee",
            f"bt:{line['id']}:fee",
            [(code("stripe_fee", currency), line["fee"]), (code("stripe_balance", currency), -line["fee"])],
            currency=currency,
            ref=f"hold:{row.hold.uuid}",
        )


def _debit_on_its_way(hold: Hold, row: Funding, intent: dict) -> None:
    if intent.get("status") in ("requires_payment_method", "canceled"):
        error = intent.get("last_payment_error") or {}
        if row.state in FUNDING_LIVE:
            _fail(hold, row, error.get("message") or "The bank refused the payment.")
    elif row.state != PROCESSING and not hold.fundings.filter(state=PROCESSING).exists():
        close_pages(hold, keep=row)
        move(row, PROCESSING)
        if hold.state == UNFUNDED:
            move(hold, PROCESSING, by=row.by)
            signals.funds_processing.send(sender=Hold, hold=hold, funding=row)


def _fail(hold: Hold, row: Funding, why: str) -> None:
    move(row, FAILED, failure=why[:300])
    if hold.state == PROCESSING:
        move(hold, UNFUNDED, reason="payment_failed")
    signals.funds_failed.send(sender=Hold, hold=hold, funding=row, why=why)


def _issue_receipt(hold: Hold) -> None:
    if Receipt.objects.filter(hold=hold).exists():
        return
    Receipt.objects.create(hold=hold, number=next_number(RECEIPTS, clock.now()))
