"""What has to be set at Stripe for the site to work, and what of it is not: asked of Stripe itself."""

from . import gateway

#: What the inbox does something about; an endpoint that does not hear it leaves the site to find out by asking.
HEARS = (
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "charge.failed",
    "charge.refunded",
    "charge.succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "payment_intent.payment_failed",
    "payment_intent.succeeded",
    "payment_method.attached",
    "payment_method.detached",
    "radar.early_fraud_warning.created",
    "refund.created",
    "refund.failed",
    "refund.updated",
    "topup.succeeded",
    "transfer.created",
    "transfer.reversed",
    "transfer.updated",
)
HEARS_THIN = (
    "v2.core.account[configuration.recipient].capability_status_updated",
    "v2.core.account[requirements].updated",
    "v2.core.account.closed",
)


def complaints(address: str) -> list[str]:
    """Sentences about what is off; empty when all is well. Raises `gateway.StripeTrouble`.

    address: of our webhook, as Stripe has to know it.
    """
    return [*_snapshot(address), *_thin(), *_payouts()]


def _snapshot(address: str) -> list[str]:
    mine = [
        row
        for row in gateway.webhook_endpoints()
        if row["url"].rstrip("/") == address.rstrip("/") and row["status"] == "enabled"
    ]
    if not mine:
        return [f"No enabled endpoint at Stripe has the address {address}."]
    wrong = [
        f"An endpoint renders events in version {row.get('api_version') or 'of the account'};"
        f" set it to {gateway.API_VERSION}."
        for row in mine
        if row.get("api_version") != gateway.API_VERSION
    ]
    heard = {kind for row in mine for kind in row["enabled_events"]}
    missing = [] if "*" in heard else sorted(set(HEARS) - heard)
    return [*wrong, *([f"No endpoint hears {', '.join(missing)}."] if missing else [])]


def _thin() -> list[str]:
    rows = [
        row
        for row in gateway.event_destinations()
        if row["event_payload"] == "thin" and row["status"] == "enabled"
    ]
    heard = {kind for row in rows for kind in row["enabled_events"]}
    missing = [] if "*" in heard else sorted(set(HEARS_THIN) - heard)
    return [f"No thin event destination hears {', '.join(missing)}."] if missing else []


def _payouts() -> list[str]:
    interval = gateway.payout_interval()
    if interval == "manual":
        return []
    return [
        f"Payouts of the platform are {interval or 'automatic'}; they have to be manual, or they drain holds."
    ]
