"""Stripe's balance lines against the postings, both ways and in sum.

A line is explained when what is posted about it moves `stripe_balance` by exactly the line's net. Fees and the
operator's own payouts post themselves; what nobody can explain for a day goes to suspense, where it stands for
everybody to see, and leaves it again by itself should the posting come late.
"""

from collections import defaultdict
from datetime import timedelta

from django.db.models import CharField, Exists, F, Func, OuterRef, Sum, Value

from ..holds.models import Refund
from ..ledger.actions import post
from ..ledger.chart import code
from ..ledger.models import LedgerEntry, LedgerTransaction
from ..ledger.queries import balance
from ..stripe.models import BalanceLine
from ..wallets.models import Payback
from ..wallets.states import PENDING, QUEUED
from .findings import Finding, moment

#: Which posting key a line has to stand under, by its kind; all others under `bt:<line>`.
KEYS = {
    "charge": "fund:{source}",
    "payment": "fund:{source}",
    "transfer": "transfer:{source}",
    "refund": "refund:{source}",
    "payment_refund": "refund:{source}",
    "refund_failure": "refund:{source}:failed",
    "payment_failure_refund": "refund:{source}:failed",
    "transfer_refund": "reversal:{source}",
    "topup": "topup:{source}",
}
#: Lines that post themselves: the account on the other side, and the kind of the posting.
OWN = {
    "stripe_fee": ("stripe_fee", "stripe_fee"),
    "stripe_fx_fee": ("stripe_fee", "stripe_fee"),
    "tax_fee": ("stripe_fee", "stripe_fee"),
    "network_cost": ("stripe_fee", "stripe_fee"),
    "payout": ("bank", "platform_payout"),
    "payout_failure": ("bank", "platform_payout"),
    "payout_cancel": ("bank", "platform_payout"),
    "topup": ("bank", "topped_up"),
    "topup_reversal": ("bank", "platform_payout"),
}
REFUNDS = ("refund", "payment_refund")
REFUND_FAILURES = ("refund_failure", "payment_failure_refund")
SUSPENSE_AFTER = timedelta(hours=24)
MOST_OPEN = 5000


def store(rows: list[dict]) -> list[Finding]:
    """Keep the lines that Stripe listed. A line never changes; one that did is a finding."""
    known = BalanceLine.objects.in_bulk([row["id"] for row in rows], field_name="stripe_id")
    BalanceLine.objects.bulk_create(
        [_line(row) for row in rows if row["id"] not in known], ignore_conflicts=True, batch_size=1000
    )
    return [
        Finding(
            f"line:{row['id']}:changed",
            f"balance line {row['id']}",
            f"Stripe says {row['net']} net and has said {known[row['id']].net}",
            row["net"] - known[row["id"]].net,
            row["currency"].upper(),
            moment(row["created"]),
            serious=True,
        )
        for row in rows
        if row["id"] in known
        and (row["amount"], row["net"]) != (known[row["id"]].amount, known[row["id"]].net)
    ]


def _line(row: dict) -> BalanceLine:
    return BalanceLine(
        stripe_id=row["id"],
        kind=row["type"],
        source=row.get("source") or "",
        amount=row["amount"],
        fee=row["fee"],
        net=row["net"],
        currency=row["currency"].upper(),
        made_at=moment(row["created"]),
    )


def key_of(line: BalanceLine) -> str:
    return KEYS.get(line.kind, "bt:{id}").format(source=line.source, id=line.stripe_id)


def fee_key(line: BalanceLine) -> str:
    return f"bt:{line.stripe_id}:fee"


def suspense_key(line: BalanceLine) -> str:
    return f"bt:{line.stripe_id}:suspense"


def explained_key(line: BalanceLine) -> str:
    return f"bt:{line.stripe_id}:explained"


def match(old, now) -> list[Finding]:
    """Explain the open lines; what stays unexplained and was made before `old` is found."""
    lines = list(BalanceLine.objects.filter(matched=False).order_by("made_at", "id")[:MOST_OPEN])
    names = {
        name
        for line in lines
        for name in (key_of(line), fee_key(line), suspense_key(line), explained_key(line))
    }
    posted = _effects(names)
    stands = set(LedgerTransaction.objects.filter(key__in=names).values_list("key", flat=True))
    moving, bounced = _refunds_on_their_way(lines), _refunds_that_came_to_nothing(lines, stands)
    done, findings = [], []
    for line in lines:
        if _explained(line, posted, stands):
            done.append(line.pk)
        elif line.pk in bounced:
            _leave_suspense(line, stands)
            done.append(line.pk)
        elif line.pk in moving:
            continue
        elif line.made_at <= old:
            findings.append(_unexplained(line, posted.get((key_of(line), line.currency))))
            if line.made_at <= now - SUSPENSE_AFTER and key_of(line) not in stands:
                to_suspense(line)
    BalanceLine.objects.filter(pk__in=done).update(matched=True)
    return findings


def _refunds_on_their_way(lines) -> set[int]:
    """Lines of our own refunds whose money Stripe has taken while the payer's bank has not got it yet: the books
    follow when Stripe says that it has, or that it came back. Ids of lines.
    """
    asked = {line.source: line for line in lines if line.kind in REFUNDS}
    found: set[int] = set()
    for table in (Refund, Payback):
        rows = table.objects.filter(refund_id__in=asked, state__in=(QUEUED, PENDING))
        for source, amount in rows.values_list("refund_id", "amount"):
            if asked[source].amount == -amount:
                found.add(asked[source].pk)
    return found


def _refunds_that_came_to_nothing(lines, stands) -> set[int]:
    """Both lines of a refund that failed on its way: the books never let the money go, and Stripe has it again."""
    gone = {line.source: line for line in lines if line.kind in REFUNDS}
    back = {line.source: line for line in lines if line.kind in REFUND_FAILURES}
    pairs = [(gone[source], back[source]) for source in gone.keys() & back.keys()]
    return {
        line.pk
        for pair in pairs
        if pair[0].net + pair[1].net == 0 and key_of(pair[1]) in stands and key_of(pair[0]) not in stands
        for line in pair
    }


def _effects(names) -> dict[tuple[str, str], int]:
    """What each posting does to `stripe_balance`, by (key, currency)."""
    rows = (
        LedgerEntry.objects.filter(
            transaction__key__in=list(names), account__code__startswith="stripe_balance:"
        )
        .values_list("transaction__key", "currency")
        .annotate(total=Sum("amount"))
    )
    return {(key, currency): total for key, currency, total in rows}


def _explained(line: BalanceLine, posted, stands) -> bool:
    main = posted.get((key_of(line), line.currency))
    fee = posted.get((fee_key(line), line.currency), 0)
    if main is not None and main == line.amount and line.fee and not fee:
        _post(line, fee_key(line), "stripe_fee", [("stripe_fee", line.fee), ("stripe_balance", -line.fee)])
        fee = -line.fee
    if main is not None and main + fee == line.net:
        _leave_suspense(line, stands)
        return True
    if main is None and line.kind in OWN:
        name, kind = OWN[line.kind]
        legs = [(name, -line.amount), ("stripe_fee", line.fee), ("stripe_balance", line.net)]
        _post(line, key_of(line), kind, _summed(legs))
        return True
    return explained_key(line) in stands or line.net == line.amount == 0


def _summed(legs):
    total: dict[str, int] = defaultdict(int)
    for name, amount in legs:
        total[name] += amount
    return list(total.items())


def _post(line: BalanceLine, key: str, kind: str, legs, note="", reverses=None) -> None:
    entries = [(code(name, line.currency), amount) for name, amount in legs]
    post(
        kind,
        key,
        entries,
        currency=line.currency,
        ref=f"line:{line.stripe_id}",
        note=note[:200],
        reverses=reverses,
    )


def to_suspense(line: BalanceLine) -> None:
    """The money has moved at Stripe, so the books say so too; on which account belongs a person finds out."""
    legs = [("stripe_balance", line.net), ("suspense", -line.net)]
    _post(line, suspense_key(line), "suspense", legs, note=f"{line.kind} {line.source}")


def _leave_suspense(line: BalanceLine, stands) -> None:
    """The posting came after all."""
    if suspense_key(line) in stands:
        first = LedgerTransaction.objects.get(key=suspense_key(line))
        legs = [("suspense", line.net), ("stripe_balance", -line.net)]
        _post(line, f"{suspense_key(line)}:void", "suspense_void", legs, reverses=first)


def _unexplained(line: BalanceLine, main: int | None) -> Finding:
    what = f"{line.kind.replace('_', ' ')} {line.source or line.stripe_id}"
    if main is None:
        cause, serious = "at Stripe, not in the books", False
    else:
        cause, serious = f"the books say {main}, Stripe says {line.amount}", True
    return Finding(
        f"line:{line.stripe_id}", what, cause, line.amount, line.currency, line.made_at, serious=serious
    )


# --- the other way, and in sum ------------------------------------------------------------------------------


def without_line():
    """The entries on `stripe_balance` that no line of Stripe's stands behind, with `about`: whose line it was."""
    about = Func(F("transaction__key"), Value(":"), Value(2), function="split_part", output_field=CharField())
    entries = LedgerEntry.objects.filter(account__code__startswith="stripe_balance:").annotate(about=about)
    by_source = BalanceLine.objects.filter(source=OuterRef("about"))
    by_id = BalanceLine.objects.filter(stripe_id=OuterRef("about"))
    return entries.filter(~Exists(by_source), ~Exists(by_id)).order_by()


def ghosts(old) -> list[Finding]:
    """Postings that moved the balance at Stripe, and Stripe knows nothing of it."""
    rows = without_line().filter(transaction__at__lte=old).select_related("transaction")[:200]
    return [
        Finding(
            f"posting:{entry.transaction.key}",
            f"posting {entry.transaction.key}",
            "in the books, not at Stripe",
            entry.amount,
            entry.currency,
            entry.transaction.at,
            serious=True,
        )
        for entry in rows
    ]


def sums() -> dict[str, dict[str, int]]:
    """Per currency: all of Stripe's lines, what the books say, and what of that is still to be explained."""
    found: dict[str, dict[str, int]] = {}
    for currency, total in BalanceLine.objects.order_by().values_list("currency").annotate(t=Sum("net")):
        found.setdefault(currency, {})["stripe"] = total
    for currency in _currencies() | found.keys():
        found.setdefault(currency, {}).setdefault("stripe", 0)
        found[currency]["books"] = balance(code("stripe_balance", currency))
        found[currency]["open"] = 0
    for line, moved in _open_lines():
        found[line.currency]["open"] += line.net - moved
    for currency, total in without_line().values_list("currency").annotate(t=Sum("amount")):
        found[currency]["open"] -= total
    return found


def _currencies() -> set[str]:
    return set(LedgerEntry.objects.order_by().values_list("currency", flat=True).distinct())


def _open_lines():
    lines = list(BalanceLine.objects.filter(matched=False))
    names = {
        name
        for line in lines
        for name in (key_of(line), fee_key(line), suspense_key(line), f"{suspense_key(line)}:void")
    }
    posted = _effects(names)
    for line in lines:
        keys = (key_of(line), fee_key(line), suspense_key(line), f"{suspense_key(line)}:void")
        yield line, sum(posted.get((key, line.currency), 0) for key in keys)


def unequal(found) -> list[Finding]:
    """What is left of the difference between Stripe's lines and the books when all single ones are taken out."""
    return [
        Finding(
            f"sum:{currency}",
            "balance at Stripe",
            f"Stripe's lines come to {row['stripe']}, the books to {row['books']}",
            row["stripe"] - row["books"] - row["open"],
            currency,
            serious=True,
        )
        for currency, row in found.items()
        if row["stripe"] - row["books"] != row["open"]
    ]
