"""Our calls against Stripe's objects, both ways: nothing done that is not there, nothing there that is not ours,
nothing twice.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q

from ..disputes.models import Dispute
from ..holds.models import Refund
from ..holds.recovery import Reversal
from ..stripe import gateway
from ..stripe.models import Call
from ..stripe.states import DONE, MANUAL, PENDING, REJECTED
from ..wallets.models import Payback
from .findings import Finding, moment

#: What the object has to repeat of what was asked for.
SAME = {
    "transfer": ("amount", "currency", "destination"),
    "refund": ("amount", "payment_intent"),
    "reversal": ("amount", "transfer"),
}
OPERATIONS = {name for name in (*SAME, *gateway.SAME) if gateway.asks(name) in SAME}
NOT_MADE = ("failed", "canceled")
MARGIN = timedelta(days=1)


def compare(since, old) -> tuple[list[Finding], int]:
    """The findings about what was made since then, and how many objects were read. Raises `gateway.StripeTrouble`.

    old: what was made after it may still be on its way into our rows.
    """
    unix = int((since - MARGIN).timestamp())
    done = list(Call.objects.filter(operation__in=OPERATIONS, state=DONE, done_at__gte=since).order_by("id"))
    listed = {
        "transfer": gateway.transfers(unix),
        "refund": gateway.refunds(unix),
        "reversal": _reversals(done, since),
    }
    findings: list[Finding] = []
    for operation, rows in listed.items():
        findings += _ours(operation, rows, old)
        findings += _twice(operation, rows)
        findings += _theirs(operation, rows, [c for c in done if gateway.asks(c.operation) == operation])
    disputes = gateway.disputes(unix)
    findings += _disputes(disputes, old)
    return findings, sum(map(len, listed.values())) + len(disputes)


def _reversals(done: list[Call], since) -> list[dict]:
    """Stripe lists reversals by transfer only: those of every transfer that we have taken back from."""
    asked = Call.objects.filter(operation="reversal").filter(
        Q(done_at__gte=since) | Q(state__in=(PENDING, MANUAL))
    )
    transfers = {call.params["transfer"] for call in asked}
    return [row for transfer in sorted(transfers) for row in gateway.reversals_of(transfer)]


def _finding(operation, row, cause, *, serious=False, what="") -> Finding:
    return Finding(
        f"{operation}:{row['id']}:{what}",
        f"{operation} {row['id']}",
        cause,
        row["amount"],
        row["currency"].upper(),
        moment(row["created"]),
        serious=serious,
    )


def _tag(row: dict) -> str:
    return (row.get("metadata") or {}).get("call") or ""


def _calls(rows: Iterable[dict]) -> dict[str, Call]:
    tags = {_tag(row) for row in rows}
    good = [tag for tag in tags if len(tag) == 36 and tag.count("-") == 4]
    return {str(call.uuid): call for call in Call.objects.filter(uuid__in=good)}


def _ours(operation: str, rows: list[dict], old) -> list[Finding]:
    """Every object at Stripe has its call here, and the call knows of it."""
    calls, findings, adopted = _calls(rows), [], _adopted(operation, rows)
    for row in rows:
        call = calls.get(_tag(row))
        if row.get("status") in NOT_MADE or moment(row["created"]) > old or row["id"] in adopted:
            continue
        if call is None:
            findings.append(_finding(operation, row, "made at Stripe, not asked for by us", what="foreign"))
        elif call.state == REJECTED:
            cause = "we hold it for refused, and Stripe has made it"
            findings.append(_finding(operation, row, cause, serious=True, what="refused"))
        elif call.state != DONE:
            findings.append(_finding(operation, row, "made, and our call does not know it yet", what="late"))
    return findings


def _adopted(operation: str, rows: list[dict]) -> set[str]:
    """What was made at Stripe by hand, and the books have followed: it has a row of ours, and no call."""
    ids = [row["id"] for row in rows if not _tag(row)]
    if operation == "refund":
        made = [rows.filter(refund_id__in=ids) for rows in (Refund.objects, Payback.objects)]
        return {refund_id for rows in made for refund_id in rows.values_list("refund_id", flat=True)}
    if operation == "reversal":
        return set(Reversal.objects.filter(reversal_id__in=ids).values_list("reversal_id", flat=True))
    return set()


def _twice(operation: str, rows: list[dict]) -> list[Finding]:
    made = defaultdict(list)
    for row in rows:
        if _tag(row) and row.get("status") not in NOT_MADE:
            made[_tag(row)].append(row)
    return [
        _finding(operation, extra, f"made {len(found)} times for one call", serious=True, what="twice")
        for found in made.values()
        for extra in sorted(found, key=lambda row: row["created"])[1:]
    ]


def _theirs(operation: str, rows: list[dict], done: list[Call]) -> list[Finding]:
    """Every call that is done has its object, of the amount and to the account that was asked for."""
    by_id, findings = {row["id"]: row for row in rows}, []
    for call in done:
        row = by_id.get(call.stripe_id) or _fetch(operation, call)
        if row is None:
            findings.append(
                Finding(
                    f"{operation}:{call.stripe_id}:missing",
                    f"{operation} {call.stripe_id}",
                    "done in our rows, and Stripe has no such thing",
                    call.params.get("amount") or 0,
                    call.currency,
                    call.done_at,
                    serious=True,
                )
            )
        elif other := [name for name in SAME[operation] if row.get(name) != call.params.get(name)]:
            cause = f"not what was asked for: {', '.join(other)}"
            findings.append(_finding(operation, row, cause, serious=True, what="other"))
    return findings


def _fetch(operation: str, call: Call) -> dict | None:
    """An object that was made before the days that were listed."""
    try:
        if operation == "transfer":
            return gateway.transfer(call.stripe_id)
        rows = (
            gateway.refunds_of(call.params["payment_intent"])
            if operation == "refund"
            else gateway.reversals_of(call.params["transfer"])
        )
    except gateway.Missing:
        return None
    return next((row for row in rows if row["id"] == call.stripe_id), None)


def _disputes(rows: list[dict], old) -> list[Finding]:
    known = set(
        Dispute.objects.filter(stripe_id__in=[row["id"] for row in rows]).values_list("stripe_id", flat=True)
    )
    return [
        _finding("dispute", row, "at Stripe, and no row here", what="unknown")
        for row in rows
        if row["id"] not in known and moment(row["created"]) <= old
    ]
