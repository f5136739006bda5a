"""The books, Stripe's side, and whether they are the same: read from outside, to the cent.

`read(path)` gives every object of one of Stripe's lists, as an independent client of the API sees it.
"""

from collections import Counter, defaultdict
from datetime import timedelta

from django.db import connection

from payments.holds.figures import figures_of
from payments.holds.models import Hold, Refund, Release
from payments.ledger.models import LedgerEntry
from payments.ledger.queries import balance
from payments.reconciling import actions as reconcile
from payments.wallets.models import Lot

OUT_OF_BALANCE = """
SELECT count(*) FROM (SELECT 1 FROM payments_ledgerentry GROUP BY transaction_id, currency HAVING sum(amount) <> 0) t
"""
WRONG_BALANCE = """
SELECT count(*) FROM payments_ledgeraccount a WHERE guarded AND (balance < 0 OR balance <>
  (SELECT coalesce(sum(amount), 0) * a.sign FROM payments_ledgerentry e WHERE e.account_id = a.id))
"""


def books() -> list[str]:
    """What is wrong with the books in themselves."""
    wrong = []
    with connection.cursor() as cursor:
        for what, query in (("not balanced", OUT_OF_BALANCE), ("below zero or untrue", WRONG_BALANCE)):
            cursor.execute(query)
            if count := cursor.fetchone()[0]:
                wrong.append(f"{count} {what}")
    return wrong + holds() + lots()


def lots() -> list[str]:
    """A sponsor's money is somewhere, to the cent, and what a bank took is borne by all that was free of it."""
    wrong = []
    for lot in Lot.objects.filter(state="paid"):
        given = sum(
            part.price - sum(back.amount for back in part.returns.all())
            for part in lot.parts.prefetch_related("returns")
        )
        back = sum(row.amount - row.beyond for row in lot.paybacks.exclude(state="failed"))
        left = balance(lot.account)
        disputed = list(lot.disputes.all())
        places = {"left": left, "given": given, "back": back, "borne": sum(row.covered for row in disputed)}
        if lot.amount != sum(places.values()):
            wrong.append(f"lot {lot} does not add up: {lot.amount} is not {places}")
        for row in disputed:
            aside = balance(row.frozen_account)
            if aside != (0 if row.booked_lost else row.covered):
                wrong.append(f"dispute {row}: {aside} is set aside, the row says {row.covered}")
            if row.beyond < 0 or (row.beyond and left):
                wrong.append(f"dispute {row}: {row.beyond} is borne by nobody, and {left} is free")
    return wrong


def holds() -> list[str]:
    """Secured money is somewhere, to the cent, and where the page says that it is."""
    found, wrong = list(Hold.objects.filter(state__in=("secured", "settled"))), []
    for hold, figures in zip(found, figures_of(found).values(), strict=True):
        places = {name: figures[name] for name in PLACES}
        if figures["secured"] != sum(places.values()) or min(places.values()) < 0:
            wrong.append(f"{hold} does not add up: {figures['secured']} is not {places}")
    return wrong


#: Where the money of a secured hold can be, as the payer sees it.
PLACES = (
    "held",
    "releasing",
    "released",
    "refunding",
    "refunded",
    "returned",
    "disputed",
    "recovered",
    "charged_back",
)


def at_stripe(read) -> list[str]:
    """What differs between the books and Stripe's own lists."""
    wrong = []
    net, books_say = Counter(), Counter()
    for line in read("/v1/balance_transactions"):
        net[line["currency"].upper()] += line["net"]
    rows = LedgerEntry.objects.filter(account__code__startswith="stripe_balance:")
    for currency, amount in rows.values_list("currency", "amount"):
        books_say[currency] += amount
    if +net != +books_say:
        wrong.append(f"Stripe holds {dict(net)}, the books say {dict(books_say)}")
    for name, amounts in (("lost", missing(read)), ("doubled", doubled(read))):
        if any(amounts.values()):
            wrong.append(f"{name}: {dict(amounts)}")
    return wrong


def _made(read, path: str, name: str) -> dict[str, list[dict]]:
    """Stripe's objects by the uuid of our row that they were made for."""
    found = defaultdict(list)
    for row in read(path):
        if tag := (row.get("metadata") or {}).get(name):
            found[tag].append(row)
    return found


def doubled(read) -> Counter:
    """Minor units that left more than once for one release or refund, by currency."""
    total: Counter = Counter()
    for path, name in (("/v1/transfers", "release"), ("/v1/refunds", "refund")):
        for rows in _made(read, path, name).values():
            for extra in rows[1:]:
                total[extra["currency"].upper()] += extra["amount"]
    return total


def missing(read) -> Counter:
    """Minor units that the books call paid and Stripe has not, or the other way about, by currency."""
    total: Counter = Counter()
    transfers = _made(read, "/v1/transfers", "release")
    for release in Release.objects.exclude(state="rejected"):
        sent = transfers.get(str(release.uuid), [])
        ours = release.transferred if release.transfer_id else 0
        theirs = sent[0]["amount"] if sent else 0
        if abs(ours - theirs):
            total[release.currency] += abs(ours - theirs)
    refunds = _made(read, "/v1/refunds", "refund")
    ours_alone = Refund.objects.exclude(state="failed").exclude(call=None)  # not what a hand made at Stripe
    for refund in ours_alone:
        made = [row for row in refunds.get(str(refund.uuid), []) if row["status"] != "failed"]
        ours = refund.amount if refund.refund_id else 0
        theirs = made[0]["amount"] if made else 0
        if abs(ours - theirs):
            total[refund.currency] += abs(ours - theirs)
    return total


def reconciled() -> list[str]:
    """The product's own comparison with Stripe's list, with nothing excused for being young."""
    return [f"{row['what']}: {row['cause']}" for row in reconcile.run(patience=timedelta(0)).differences]


def everything(read) -> list[str]:
    return [*books(), *at_stripe(read), *reconciled()]
