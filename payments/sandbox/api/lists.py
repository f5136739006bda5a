"""Lists, the balance, and `expand`."""

from datetime import datetime

from django.db.models import Q
from django.http import QueryDict

from .. import params as read
from ..models import Line, Thing
from ..refusal import Refusal, missing
from ..store import get, now, render_line

PAGING = {"limit", "starting_after", "ending_before", "created", "expand"}
LISTS = {
    "checkout.session": ("/v1/checkout/sessions", {"payment_intent", "status"}),
    "charge": ("/v1/charges", {"payment_intent", "transfer_group"}),
    "transfer": ("/v1/transfers", {"transfer_group", "destination"}),
    "refund": ("/v1/refunds", {"payment_intent", "charge"}),
    "dispute": ("/v1/disputes", {"payment_intent", "charge"}),
    "payout": ("/v1/payouts", {"status"}),
    "customer": ("/v1/customers", {"email"}),
    "event": ("/v1/events", {"type", "delivery_success"}),
}
EXPANDED_BY = {
    "pi_": "payment_intent",
    "ch_": "charge",
    "py_": "charge",
    "tr_": "transfer",
    "re_": "refund",
    "po_": "payout",
    "du_": "dispute",
    "trr": "transfer_reversal",
    "cus": "customer",
    "pm_": "payment_method",
}


def of(kind: str):
    """The view that lists objects of `kind`, newest first."""
    url, filters = LISTS[kind]

    def view(request, found):
        read.known(found, PAGING | filters)
        rows = Thing.objects.filter(kind=kind, account=request.account)
        if kind == "event":
            rows = rows.exclude(notes__has_key="thin")
        for name in filters & found.keys() - {"delivery_success"}:
            rows = rows.filter(**{f"data__{name}": found[name]})
        return page_of(rows, found, url)

    return view


def page_of(rows, found, url: str) -> dict:
    """One page of `rows`, newest first, in Stripe's list form."""
    page, more = _page(rows, found)
    return {"object": "list", "data": [row.data for row in page], "has_more": more, "url": url}


def balance_transactions(request, found):
    read.known(found, PAGING | {"payout", "type", "source"})
    rows = Line.objects.filter(account=request.account)
    for name, column in (("payout", "payout"), ("type", "kind"), ("source", "source")):
        if name in found:
            rows = rows.filter(**{column: found[name]})
    page, more = _page(rows, found)
    data = [render_line(row) for row in page]
    return {"object": "list", "data": data, "has_more": more, "url": "/v1/balance_transactions"}


def balance_transaction(request, found, line):
    row = Line.objects.filter(pk=line, account=request.account).first()
    if row is None:
        raise missing("balance transaction", line)
    return render_line(row)


def thin_events(request, found):
    """The v2 list of events, oldest first within a page, by time of creation."""
    read.known(found, {"created", "limit", "object_id", "types", "page"})
    limit = read.integer(found.get("limit", "20"), "limit")
    rows = Thing.objects.filter(kind="event", notes__thin=True).order_by("order")
    for name, value in (found.get("created") or {}).items():
        at = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        rows = rows.filter(**{f"created__{name}": int(at.timestamp())})
    if "object_id" in found:
        rows = rows.filter(data__related_object__id=found["object_id"])
    if "page" in found:
        rows = rows.filter(order__gt=read.integer(found["page"], "page"))
    page = list(rows[: limit + 1])
    following = None
    if len(page) > limit:
        query = QueryDict(mutable=True)
        query.update(QueryDict(request.META.get("QUERY_STRING", "")))
        query["page"] = page[limit - 1].order
        following = f"/v2/core/events?{query.urlencode()}"
    return {
        "data": [row.data for row in page[:limit]],
        "next_page_url": following,
        "previous_page_url": None,
    }


def thin_event(request, found, event):
    thing = get("event", event, None)
    if not thing.notes.get("thin"):
        raise missing("event", event)
    return thing.data


def _page(rows, found):
    limit = read.integer(found.get("limit", "10"), "limit")
    if not 1 <= limit <= 100:
        raise Refusal("This value must be between 1 and 100.", param="limit")
    created = found.get("created")
    if isinstance(created, dict):
        read.known(created, {"gt", "gte", "lt", "lte"}, path="created")
        for name, value in created.items():
            rows = rows.filter(**{f"created__{name}": read.integer(value, "created")})
    elif created:
        rows = rows.filter(created=read.integer(created, "created"))
    if "starting_after" in found:
        last = rows.model.objects.filter(pk=found["starting_after"]).first()
        if last is None:
            raise Refusal("No such object", code="resource_missing", param="starting_after")
        rows = rows.filter(order__lt=last.order)
    page = list(rows.order_by("-order")[: limit + 1])
    return page[:limit], len(page) > limit


def balance(request, found):
    at: dict[tuple[bool, str], int] = {}
    for line in Line.objects.filter(account=request.account):
        slot = (line.available_on <= now(), line.currency)
        at[slot] = at.get(slot, 0) + line.amount - line.fee

    def side(available):
        rows = [
            {"amount": amount, "currency": currency, "source_types": {"card": amount}}
            for (is_available, currency), amount in sorted(at.items())
            if is_available == available
        ]
        return rows or [{"amount": 0, "currency": "usd", "source_types": {"card": 0}}]

    return {"object": "balance", "livemode": False, "available": side(True), "pending": side(False)}


def retrieve_event(request, found, event):
    return get("event", event, None).data


def expand(body: dict, paths) -> dict:
    """Replace ids by objects along each path (`payment_intent.latest_charge`, `data.source`)."""
    for path in paths or []:
        _expand(body, str(path).split("."))
    return body


def _expand(here, path) -> None:
    if isinstance(here, list):
        for item in here:
            _expand(item, path)
        return
    if not isinstance(here, dict) or not path or path[0] not in here:
        return
    name, rest = path[0], path[1:]
    if isinstance(here[name], str):
        here[name] = _object(here[name])
    _expand(here[name], rest)


def _object(thing_id: str):
    if thing_id.startswith("txn_"):
        line = Line.objects.filter(pk=thing_id).first()
        return render_line(line) if line else thing_id
    kind = EXPANDED_BY.get(thing_id[:3])
    row = Thing.objects.filter(Q(pk=thing_id), kind=kind).first() if kind else None
    return dict(row.data) if row else thing_id
