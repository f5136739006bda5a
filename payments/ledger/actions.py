"""Posting: the only way into the books."""

from django.db import connection, transaction

from marketplace.ground import clock

from .chart import kind_of
from .models import LedgerAccount, LedgerEntry, LedgerTransaction


class PostingConflict(Exception):
    """The key has been used for other entries: a bug, never a retry."""


def post(kind, key, entries, *, currency, ref="", note="", reverses=None) -> LedgerTransaction:
    """Write one balanced transaction, once per `key`, and return it (the first one when the key is known).

    entries: pairs of (account code, amount); minor units, debit above zero and credit below, zeros left out.
    Raises `PostingConflict` when the key stands with other entries, and `IntegrityError` when the database
    refuses: not balanced, other currency, a guarded account overdrawn.
    """
    if any(type(amount) is not int for _, amount in entries):
        raise TypeError("Ledger amounts are whole minor units.")
    legs = [(code, amount) for code, amount in entries if amount]
    with transaction.atomic(), connection.cursor() as cursor:
        accounts = _accounts({code for code, _ in legs}, currency)
        cursor.execute(
            "INSERT INTO payments_ledgertransaction (kind, key, ref, note, reverses_id, at)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (key) DO NOTHING RETURNING id",
            [kind, key, ref, note, reverses.pk if reverses else None, clock.now()],
        )
        row = cursor.fetchone()
        if row is None:
            return _same(key, legs)
        # In the order of account ids: two postings that meet wait for each other, never in a circle.
        rows = sorted((accounts[code].pk, amount) for code, amount in legs)
        LedgerEntry.objects.bulk_create(
            LedgerEntry(transaction_id=row[0], account_id=pk, amount=amount, currency=currency)
            for pk, amount in rows
        )
        # Refuse an unbalanced posting here, where the mistake is, and not at commit.
        cursor.execute("SET CONSTRAINTS ledger_balanced_transaction, ledger_balanced_entry IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ledger_balanced_transaction, ledger_balanced_entry DEFERRED")
        return LedgerTransaction.objects.get(pk=row[0])


def _accounts(codes, currency) -> dict[str, LedgerAccount]:
    """The accounts of `codes`, opened when new, in the order of their code."""
    found = {account.code: account for account in LedgerAccount.objects.filter(code__in=codes)}
    missing = sorted(codes - found.keys())
    if missing:
        LedgerAccount.objects.bulk_create(
            [
                LedgerAccount(
                    code=code, currency=currency, sign=kind_of(code).sign, guarded=kind_of(code).guarded
                )
                for code in missing
            ],
            ignore_conflicts=True,
        )
        found.update((account.code, account) for account in LedgerAccount.objects.filter(code__in=missing))
    return found


def _same(key, legs) -> LedgerTransaction:
    known = LedgerTransaction.objects.get(key=key)
    stands = sorted(known.entries.values_list("account__code", "amount"))
    if stands != sorted(legs):
        raise PostingConflict(f"{key} stands with other entries")
    return known
