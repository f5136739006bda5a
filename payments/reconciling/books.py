"""What the books say about themselves: money on its way too long, debts, pools, suspense, and whose money it is."""

from collections import defaultdict

from django.db import connection
from django.db.models import CharField, F, Func, Sum, Value

from ..holds.models import Refund, Release
from ..holds.recovery import Receivable, Reversal
from ..holds.states import FAILED as REFUND_FAILED
from ..holds.states import QUEUED, REJECTED, RETURNED, SENT, SUCCEEDED
from ..ledger.chart import CHART, code
from ..ledger.models import LedgerAccount, LedgerEntry
from ..stripe.models import Call
from ..stripe.states import MANUAL, PENDING, WAITING
from ..wallets.models import Lot, Payback
from .findings import Finding

INCOME = ("platform_fee",)
COSTS = ("fee_refunded", "goodwill", "stripe_fee", "dispute_fee", "dispute_loss", "bad_debt")
OWED = tuple(name for name, kind in CHART.items() if kind.guarded)
UNTRUE = """
SELECT a.code, a.currency, a.balance, coalesce(sum(e.amount), 0) * a.sign
FROM payments_ledgeraccount a LEFT JOIN payments_ledgerentry e ON e.account_id = a.id
WHERE a.guarded GROUP BY a.id HAVING a.balance <> coalesce(sum(e.amount), 0) * a.sign LIMIT 50
"""
UNBALANCED = """
SELECT transaction_id, currency, sum(amount) FROM payments_ledgerentry
GROUP BY transaction_id, currency HAVING sum(amount) <> 0 LIMIT 50
"""


def check(old, *, full: bool) -> list[Finding]:
    findings = [*calls(old), *in_flight(old), *receivables(), *pools(), *suspense(), *own_bank()]
    return [*findings, *integrity()] if full else findings


def calls(old) -> list[Finding]:
    """Calls that have not come to an end for an hour."""
    rows = Call.objects.filter(state__in=(PENDING, MANUAL), created_at__lte=old).order_by("id")[:200]
    return [
        Finding(
            f"call:{call.uuid}",
            f"call {call.operation} {call.uuid}",
            call.error or call.get_state_display(),
            call.params.get("amount") or 0,
            call.currency,
            call.created_at,
        )
        for call in rows
    ]


def in_flight(old) -> list[Finding]:
    """Money on an account of passage whose thing has ended, or that has been on its way for an hour."""
    findings: list[Finding] = []
    rows = LedgerAccount.objects.filter(balance__gt=0, guarded=True)
    for name, table, ended, when in (
        ("release_in_flight", Release, (SENT, REJECTED), "due_at"),
        ("refund_in_flight", Refund, (SUCCEEDED, REFUND_FAILED, RETURNED), "created_at"),
    ):
        accounts = {_key(row.code): row for row in rows.filter(code__startswith=f"{name}:")}
        found = table.objects.filter(uuid__in=accounts.keys()).select_related("call")
        known = {str(row.uuid): row for row in found}
        paybacks = set()
        if table is Refund:
            open_paybacks = Payback.objects.filter(uuid__in=accounts.keys()).exclude(state__in=ended)
            paybacks = {str(uuid) for uuid in open_paybacks.values_list("uuid", flat=True)}
        for key, account in accounts.items():
            row = known.get(key)
            if key in paybacks:
                continue
            if row is None or row.state in ended:
                findings.append(_left_over(account))
            elif row.state == QUEUED and _is_moving(row.call) and getattr(row, when) <= old:
                findings.append(
                    Finding(
                        f"flight:{account.code}",
                        f"{name.replace('_', ' ')} {row.public_id}",
                        f"on its way for more than an hour: {row.get_state_display()}",
                        account.balance,
                        account.currency,
                        getattr(row, when),
                    )
                )
    accounts = {_key(row.code): row for row in rows.filter(code__startswith="recovered:")}
    known = set(map(str, Reversal.objects.filter(uuid__in=accounts.keys()).values_list("uuid", flat=True)))
    return findings + [_left_over(row) for key, row in accounts.items() if key not in known]


def _is_moving(call: Call | None) -> bool:
    """Not waiting for funds, for an account or for a bank's decision: that may take its time."""
    return call is None or call.state != WAITING


def _key(account_code: str) -> str:
    return account_code.split(":")[1]


def _left_over(account: LedgerAccount) -> Finding:
    return Finding(
        f"flight:{account.code}",
        account.code,
        "money is left where nothing is on its way",
        account.balance,
        account.currency,
        serious=True,
    )


def receivables() -> list[Finding]:
    """What students owe by the books is what the rows say, to the cent."""
    books: dict[tuple[str, str], int] = defaultdict(int)
    entries = LedgerEntry.objects.filter(account__code__startswith="student_receivable:").order_by()
    for account, currency, total in entries.values_list("account__code", "currency").annotate(
        t=Sum("amount")
    ):
        books[_key(account), currency] = total
    rows: dict[tuple[str, str], int] = defaultdict(int)
    for row in Receivable.objects.filter(state="owed").select_related("payee"):
        rows[str(row.payee.party), row.currency] += row.left
    return [
        Finding(
            f"receivable:{party}:{currency}",
            "what a student owes",
            f"the rows say {rows[party, currency]}, the books {books[party, currency]}",
            rows[party, currency] - books[party, currency],
            currency,
        )
        for party, currency in sorted(books.keys() | rows.keys())
        if rows[party, currency] != books[party, currency]
    ]


def pools() -> list[Finding]:
    """Every sponsor's pool is a lot that was paid, and holds no more than came in."""
    accounts = {
        _key(row.code): row
        for row in LedgerAccount.objects.filter(code__startswith="sponsor_pool:", balance__gt=0)
    }
    lots = {str(lot.uuid): lot for lot in Lot.objects.filter(uuid__in=accounts.keys())}
    return [
        Finding(
            f"pool:{account.code}",
            account.code,
            "more than came in with this lot" if key in lots else "a pool without a lot",
            account.balance,
            account.currency,
            serious=True,
        )
        for key, account in accounts.items()
        if key not in lots or account.balance > lots[key].amount
    ]


def suspense() -> list[Finding]:
    totals = _totals(LedgerEntry.objects.filter(account__code__startswith="suspense:"))
    return [
        Finding(
            f"suspense:{currency}",
            "suspense",
            "money that nobody has explained yet; book it where it belongs",
            total,
            currency,
        )
        for (_, currency), total in totals.items()
        if total
    ]


def _totals(entries) -> dict[tuple[str, str], int]:
    """Debit-positive sums by (name of the account in the chart, currency)."""
    name = Func(F("account__code"), Value(":"), Value(1), function="split_part", output_field=CharField())
    rows = entries.order_by().annotate(name=name).values_list("name", "currency").annotate(t=Sum("amount"))
    return {(name, currency): total for name, currency, total in rows}


def house() -> dict[str, dict[str, int]]:
    """Per currency: `owed` to others, and the house's `own` money (earned less spent and drawn; may be below 0)."""
    totals, found = _totals(LedgerEntry.objects.all()), {}
    for currency in {currency for _, currency in totals}:
        earned = -sum(totals.get((name, currency), 0) for name in INCOME + COSTS)
        drawn = _drawn(currency)
        found[currency] = {
            "owed": -sum(totals.get((name, currency), 0) for name in OWED),
            "drawn": drawn,
            "own": earned - drawn,
        }
    return found


def _drawn(currency: str) -> int:
    """What the operator has taken out of Stripe for itself. Money that sponsors sent by bank transfer is theirs, and
    bringing it to Stripe gives nothing back.
    """
    bank: dict[str, int] = defaultdict(int)
    rows = LedgerEntry.objects.filter(account__code=code("bank", currency)).order_by()
    for kind, total in rows.values_list("transaction__kind").annotate(t=Sum("amount")):
        bank[kind] += total
    brought = -bank.pop("topped_up", 0)
    taken = bank.pop("platform_payout", 0)
    sponsors = sum(bank.values())
    return max(0, taken - max(0, brought - sponsors))


def own_bank() -> list[Finding]:
    """The operator may pay out to itself what it has earned, never what it keeps for others."""
    return [
        Finding(
            f"own:{currency}",
            "payouts to the operator's bank",
            "more was paid out to the operator than it has earned: it belongs to customers, send it back",
            -row["own"],
            currency,
            serious=True,
        )
        for currency, row in house().items()
        if row["drawn"] > 0 and row["own"] < 0
    ]


def integrity() -> list[Finding]:
    """What the database itself guarantees, read once more: balanced postings, true running balances."""
    findings = []
    with connection.cursor() as cursor:
        cursor.execute(UNBALANCED)
        for number, currency, total in cursor.fetchall():
            findings.append(
                Finding(
                    f"unbalanced:{number}:{currency}",
                    f"posting {number}",
                    "does not balance",
                    int(total),
                    currency,
                    serious=True,
                )
            )
        cursor.execute(UNTRUE)
        for account, currency, balance, total in cursor.fetchall():
            cause = f"the running balance says {balance}, the entries {total}"
            findings.append(
                Finding(f"untrue:{account}", account, cause, int(balance - total), currency, serious=True)
            )
    return findings
