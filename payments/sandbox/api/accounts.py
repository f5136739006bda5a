"""Connected accounts (Accounts v2), their onboarding links, and login links."""

import secrets

from .. import params as read
from ..models import Thing
from ..refusal import Refusal
from ..store import add, get, now, save, stamp, tell_thin

ALLOWED = {
    "contact_email",
    "display_name",
    "dashboard",
    "identity",
    "configuration",
    "defaults",
    "include",
    "metadata",
}
LINK_LIFE = 600
STATUS_EVENT = "v2.core.account[configuration.recipient].capability_status_updated"


def create(request, found):
    read.known(found, ALLOWED)
    for name, allowed in (
        ("identity", {"country", "entity_type"}),
        ("defaults", {"responsibilities"}),
        ("configuration", {"recipient"}),
    ):
        read.known(found.get(name) or {}, allowed, path=name)
    if found.get("dashboard") not in ("express", "none", None):
        raise Refusal("Invalid dashboard", param="dashboard")
    asked = (found.get("configuration") or {}).get("recipient") or {}
    read.known(asked, {"capabilities"}, path="configuration.recipient")
    responsibilities = (found.get("defaults") or {}).get("responsibilities") or {}
    thing = add(
        "v2.core.account",
        {
            "applied_configurations": ["recipient"] if asked else [],
            "closed": False,
            "contact_email": found.get("contact_email", ""),
            "display_name": found.get("display_name", ""),
            "dashboard": found.get("dashboard", "none"),
            "metadata": read.metadata(found),
            "identity": {"country": "us", "entity_type": "individual", **(found.get("identity") or {})},
            "defaults": {
                "currency": "usd",
                "responsibilities": {
                    "fees_collector": "application",
                    "losses_collector": "application",
                    "requirements_collector": "stripe",
                    **responsibilities,
                },
            },
        },
    )
    _set(
        thing,
        "restricted",
        "requirements_past_due",
        ["external_account", "identity.individual.address", "identity.individual.date_of_birth"],
    )
    return _shown(thing, found.get("include"))


def _set(thing: Thing, status: str, code: str = "", needs=()) -> None:
    """Give the transfers capability a state, and Stripe's list of what is missing."""
    details = [{"code": code, "resolution": "provide_info"}] if code else []
    capability = {"status": status, "status_details": details}
    save(
        thing,
        configuration={
            "recipient": {
                "applied": True,
                "capabilities": {"stripe_balance": {"stripe_transfers": capability, "payouts": capability}},
            }
        },
        requirements={
            "entries": [_entry(need) for need in needs],
            "summary": {"minimum_deadline": {"status": "currently_due"}} if needs else {},
        },
    )


def _entry(description: str) -> dict:
    return {
        "awaiting_action_from": "user",
        "description": description,
        "errors": [],
        "impact": {
            "restricts_capabilities": [
                {
                    "capability": "stripe_balance.stripe_transfers",
                    "configuration": "recipient",
                    "deadline": {"status": "currently_due"},
                }
            ]
        },
        "minimum_deadline": {"status": "currently_due"},
        "requested_reasons": [{"code": "routine_onboarding"}],
    }


def _shown(thing: Thing, include) -> dict:
    """Only what was asked for: v2 answers leave the rest empty."""
    include = set(include or [])
    body = dict(thing.data)
    for name in ("identity", "defaults", "requirements"):
        if name not in include:
            body.pop(name, None)
    if "configuration.recipient" not in include:
        body.pop("configuration", None)
    return body


def retrieve(request, found, account):
    return _shown(get("v2.core.account", account), found.get("include"))


def list_all(request, found):
    rows = Thing.objects.filter(kind="v2.core.account").order_by("-order")[: int(found.get("limit", 10))]
    return {"data": [_shown(row, ()) for row in rows], "next_page_url": None, "previous_page_url": None}


def can_receive(thing: Thing) -> bool:
    recipient = (thing.data.get("configuration") or {}).get("recipient") or {}
    return recipient["capabilities"]["stripe_balance"]["stripe_transfers"]["status"] == "active"


def create_link(request, found):
    read.known(found, {"account", "use_case"}, ("account", "use_case"))
    use = found["use_case"]
    read.known(use, {"type", "account_onboarding"}, ("type", "account_onboarding"), "use_case")
    read.known(
        use["account_onboarding"], {"return_url", "refresh_url"}, ("refresh_url",), "account_onboarding"
    )
    thing = get("v2.core.account", found["account"])
    token = secrets.token_urlsafe(24)
    link = add(
        "v2.core.account_link",
        {
            "account": thing.id,
            "use_case": use,
            "expires_at": stamp(now() + LINK_LIFE),
            "url": request.build_absolute_uri(f"/setup/{token}"),
        },
        notes={"token": token, "expires": now() + LINK_LIFE, "used": False},
    )
    return {key: value for key, value in link.data.items() if key != "id"}


def login_link(request, found, account):
    thing = get("v2.core.account", account)
    if not can_receive(thing):
        raise Refusal("Cannot create a login link for an account that has not completed onboarding.")
    return {
        "object": "login_link",
        "created": now(),
        "url": request.build_absolute_uri(f"/express/{thing.id}"),
    }


# --- what the person on the page, or Stripe, does -----------------------------------------------------------


def onboard(thing: Thing, outcome: str, *, bank_fails=False) -> None:
    """complete: ready at once. review: Stripe looks for a while. restricted: a document is missing."""
    thing.notes["bank_fails"] = bank_fails
    if outcome == "complete":
        _set(thing, "active")
    elif outcome == "review":
        thing.notes["review"] = True
        _set(thing, "pending", "requirements_pending_verification")
        thing.due = now() + 60
        save(thing)
    else:
        _set(thing, "restricted", "restricted_other", ["identity.individual.documents.primary_verification"])
    tell_thin(STATUS_EVENT, thing.id)
    tell_thin("v2.core.account[requirements].updated", thing.id)


def change(thing: Thing, status: str) -> None:
    """Stripe restricts the account, gives up on it (unsupported), looks again (pending) or restores it."""
    if status not in ("restricted", "unsupported", "pending", "active"):
        raise Refusal("The status is active, restricted, pending or unsupported.")
    code = {"restricted": "restricted_other", "unsupported": "unsupported_business"}.get(
        status, "requirements_pending_verification" if status == "pending" else ""
    )
    needs = ["identity.individual.documents.primary_verification"] if status == "restricted" else []
    _set(thing, status, code, needs)
    if status == "active":
        thing.due = now()
        save(thing)
    tell_thin(STATUS_EVENT, thing.id)
    tell_thin("v2.core.account[requirements].updated", thing.id)


def change_bank(thing: Thing, *, fails: bool) -> None:
    """Another bank account, which takes payouts or sends them back; what waits goes out again."""
    thing.notes["bank_fails"] = fails
    thing.due = now()
    save(thing)


def close(thing: Thing) -> None:
    _set(thing, "restricted", "restricted_other")
    save(thing, closed=True)
    tell_thin("v2.core.account.closed", thing.id)


def wake(thing: Thing) -> None:
    """Stripe's look at the documents ends, and money that has arrived goes to the bank."""
    from .payouts import start

    thing.due = None
    if thing.notes.pop("review", False):
        _set(thing, "active")
        tell_thin(STATUS_EVENT, thing.id)
    save(thing)
    if can_receive(thing):
        start(thing)
