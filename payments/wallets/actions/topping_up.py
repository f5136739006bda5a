"""The sponsor's way to Stripe's payment page and back. Only what Stripe says about the session puts money in."""

import logging
from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.money import show
from marketplace.ground.states import move, record

from ... import signals
from ...ledger.actions import post
from ...ledger.chart import code
from ...stripe import gateway
from ...stripe.actions import outbox
from ...stripe.actions.fees import post_stripe_fee
from .. import queries
from ..models import Lot, Wallet
from ..states import DRAFT, EXPIRED, FAILED, LOT_LIVE, OPEN, PAID, PROCESSING
from .keeping import insist_on_step, lock_wallet

log = logging.getLogger(__name__)

LIFE = timedelta(hours=23)
AGAIN = timedelta(minutes=10)  # a second press within this finds the first one's page
LEAST = 5_000  # 50.00: below that the processing fee eats the gift
OTHER_AMOUNT = "Stripe reports another amount or currency than was asked for. Staff are looking at it."


def start_top_up(*, by, wallet: Wallet, amount: int, success_url: str, cancel_url: str) -> Lot:
    """Prepare the payment page for `amount` minor units into `wallet`.

    Redirect to `top_up_url(lot)` once the transaction has committed. Raises `NotAllowed`, `Invalid`.
    """
    acts = queries.allowed_actions(by, wallet)
    if "top_up" not in acts:
        raise NotAllowed("Only the sponsor's own people put money into its wallet.")
    if acts["top_up"]:
        raise WrongMoment(acts["top_up"])
    if type(amount) is not int or not LEAST <= amount <= gateway.MAX_AMOUNT:
        raise Invalid({"amount": [f"Put in at least {show(LEAST, wallet.currency)}."]})
    insist_on_step(amount, wallet.currency)
    with transaction.atomic():
        row = lock_wallet(wallet)
        now = clock.now()
        known = row.lots.filter(
            by=by, amount=amount, state__in=(DRAFT, OPEN), created_at__gt=now - AGAIN
        ).first()
        if known:
            return known
        lot = Lot(
            wallet=row,
            source=Lot.Source.CHECKOUT,
            amount=amount,
            currency=row.currency,
            by=by,
            success_url=success_url,
            cancel_url=cancel_url,
            expires_at=now + LIFE,
        )
        # The request that asked makes the call itself; a worker does it if that request should die.
        lot.call = outbox.enqueue(
            "wallet_checkout", _session_params(lot, by), held_back=timedelta(seconds=30)
        )
        lot.save()
        record(lot, lot.state, by=by)
    return lot


def _session_params(lot: Lot, by) -> dict:
    name = f"Sponsoring projects: {lot.wallet.sponsor}"[:200]
    item = {
        "currency": lot.currency.lower(),
        "unit_amount": lot.amount,
        "product_data": {"name": name},
    }
    return {
        "mode": "payment",
        "client_reference_id": str(lot.uuid),
        "success_url": lot.success_url,
        "cancel_url": lot.cancel_url,
        "expires_at": int(lot.expires_at.timestamp()),
        "line_items": [{"quantity": 1, "price_data": item}],
        "adaptive_pricing": {"enabled": False},
        "payment_intent_data": {"transfer_group": str(lot.uuid), "description": name},
        "metadata": {"lot": str(lot.uuid), "wallet": lot.wallet.public_id},
        "customer_email": by.email,
    }


def top_up_url(lot: Lot) -> str:
    """Where to send the sponsor now: Stripe's page, or our waiting page while Stripe is away. Never raises.

    Call it outside the transaction that made `lot`.
    """
    row = Lot.objects.select_related("call").get(pk=lot.pk)
    if row.state == DRAFT and row.call.state == "pending":
        try:
            outbox.perform(row.call_id)
        except gateway.Misconfigured as error:
            log.error("Stripe refuses our key: %s", error)
        row.refresh_from_db()
    if row.state == OPEN and row.url:
        return row.url
    return reverse("payments:top_up_wait", args=[row.public_id])


def refresh_lots(wallet: Wallet) -> None:
    """Ask Stripe now how the wallet's payments stand. Never raises: the webhook will tell it too."""
    rows = wallet.lots.filter(state__in=LOT_LIVE).exclude(session_id=None).select_related("call")
    for lot in rows.order_by("-id")[:5]:
        try:
            sync_lot(lot)
        except gateway.StripeTrouble as error:
            log.warning("payment not refreshed: %s", error)
            return


def sync_old_lots(limit: int = 50) -> None:
    """Re-read payments that have been open for a while: no webhook is needed for the truth to arrive."""
    before = clock.now() - timedelta(minutes=10)
    rows = Lot.objects.filter(state__in=(OPEN, PROCESSING), created_at__lt=before).exclude(session_id=None)
    rows = rows.exclude(synced_at__gt=before).select_related("call").order_by("synced_at", "id")
    for lot in rows[:limit]:
        sync_lot(lot)


def sync_lot(lot: Lot, session: dict | None = None) -> None:
    """Read the session at Stripe and take over what it says, in whatever order things are told."""
    session = session or gateway.checkout(lot.session_id)
    call = lot.call
    if call and call.state not in ("done", "rejected"):  # our own answer was lost; adopt what it made
        outbox.close(call, session)
    apply_session(lot, session)


def close_top_up(*, by, lot: Lot) -> Lot:
    """Close an unpaid payment page for good. Raises `NotAllowed`, and `WrongMoment` once somebody has paid on it.

    Money that was paid on it at the same moment is welcome all the same.
    """
    if not queries.coordinates(by, lot.wallet):
        raise NotAllowed("Only the sponsor's own people close its payment pages.")
    with transaction.atomic():
        lock_wallet(lot.wallet)
        row = Lot.objects.select_for_update().get(pk=lot.pk)
        if reason := queries.why_not_close(row):
            raise WrongMoment(reason)
        move(row, EXPIRED, by=by, reason="closed")
        _close_session(row)
    return row


def _close_session(lot: Lot) -> None:
    if lot.session_id:  # otherwise it is closed when it turns out to have been made
        outbox.enqueue("checkout_expire", {"session": lot.session_id}, tagged=False)


def expire_old_lots(limit: int = 50) -> None:
    """Pages whose time is over are closed at Stripe by then, also when no webhook says so."""
    before = clock.now() - timedelta(minutes=10)
    for lot in Lot.objects.filter(state__in=(DRAFT, OPEN), expires_at__lt=before).select_related("wallet")[
        :limit
    ]:
        with transaction.atomic():
            lock_wallet(lot.wallet)
            row = Lot.objects.select_for_update().get(pk=lot.pk)
            if row.state in (DRAFT, OPEN):
                move(row, EXPIRED, reason="too_old")


def session_made(lot: Lot, session: dict) -> None:
    """Our call's answer: the page exists. Runs inside the transaction that closes the call."""
    Lot.objects.filter(pk=lot.pk).update(session_id=session["id"], url=session.get("url") or "")
    lot.refresh_from_db()
    if lot.state == DRAFT:
        move(lot, OPEN)
    elif lot.state == EXPIRED:  # closed before Stripe had made it
        _close_session(lot)


def session_refused(lot: Lot, error) -> None:
    if lot.state == DRAFT:
        _fail(lot, "Stripe refused the request.")
    log.error("Stripe refused a sponsor's payment page: %s", error)


def apply_session(lot: Lot, session: dict) -> None:
    """Converge on the state that `session` (with its payment expanded) describes."""
    with transaction.atomic():
        wallet = lock_wallet(lot.wallet)
        row = Lot.objects.select_for_update().get(pk=lot.pk)
        row.wallet = wallet
        intent = session.get("payment_intent")
        intent = intent if isinstance(intent, dict) else {"id": intent}
        charge = intent.get("latest_charge")
        charge = charge if isinstance(charge, dict) else {}
        _remember(row, session, intent, charge)
        if row.state == PAID:
            post_stripe_fee(charge, _ref(wallet))
        elif session["payment_status"] == "paid":
            if charge.get("id") and row.failure != OTHER_AMOUNT:
                _paid(row, session, charge)
        elif session["status"] == "complete":
            _on_its_way(row, intent)
        elif session["status"] == "expired" and row.state in (DRAFT, OPEN):
            move(row, EXPIRED)
    lot.refresh_from_db()


def _ref(wallet: Wallet) -> str:
    return f"wallet:{wallet.uuid}"


def _remember(row: Lot, session: dict, intent: dict, charge: dict) -> None:
    details = charge.get("payment_method_details") or {}
    row.session_id = session["id"]
    row.intent_id = intent.get("id") or row.intent_id
    row.method = details.get("type") or row.method
    row.synced_at = clock.now()
    row.save(update_fields=["session_id", "intent_id", "method", "synced_at"])


def _paid(row: Lot, session: dict, charge: dict) -> None:
    if session["amount_total"] != row.amount or session["currency"].upper() != row.currency:
        _wrong_amount(row, session, charge)
        return
    # A sponsor's money is welcome whenever it comes, also after its page was closed.
    move(row, PAID, charge_id=charge["id"], paid_at=clock.now(), failure="")
    post(
        "sponsor_paid",
        f"fund:{charge['id']}",
        [(code("stripe_balance", row.currency), row.amount), (row.account, -row.amount)],
        currency=row.currency,
        ref=_ref(row.wallet),
    )
    post_stripe_fee(charge, _ref(row.wallet))
    signals.wallet_paid.send(sender=Wallet, wallet=row.wallet, lot=row)


def _wrong_amount(row: Lot, session: dict, charge: dict) -> None:
    """Not what we asked for: it fills no wallet, stands as the sponsor's credit, and staff decide."""
    currency = session["currency"].upper()
    credit = code("employer_credit", currency, row.wallet.uuid)
    post(
        "paid_other_amount",
        f"fund:{charge['id']}",
        [(code("stripe_balance", currency), session["amount_total"]), (credit, -session["amount_total"])],
        currency=currency,
        ref=_ref(row.wallet),
    )
    post_stripe_fee(charge, _ref(row.wallet))
    log.error("a sponsor's payment came in another amount or currency: %s", row.public_id)
    _fail(row, OTHER_AMOUNT)


def _on_its_way(row: Lot, intent: dict) -> None:
    if intent.get("status") in ("requires_payment_method", "canceled"):
        if row.state in LOT_LIVE:
            error = intent.get("last_payment_error") or {}
            _fail(row, error.get("message") or "The bank refused the payment.")
    elif row.state != PROCESSING:
        move(row, PROCESSING)


def _fail(row: Lot, why: str) -> None:
    if row.state == FAILED:
        Lot.objects.filter(pk=row.pk).update(failure=why[:300])
    else:
        move(row, FAILED, failure=why[:300])
    signals.wallet_payment_failed.send(sender=Wallet, wallet=row.wallet, lot=row, why=why)
