"""docs/money.md says what the code does: its tables are the code's, its example was really posted.

`FOOTHOLD_WRITE_EXAMPLE=1 make test ARGS=tests/money/test_page.py` writes the example anew.
"""

import os
import re

import pytest

from marketplace import money_page
from marketplace.ground.money import show
from payments.holds import actions
from payments.holds.models import Part, Refund, Release
from payments.ledger.models import LedgerTransaction

OBJECTS = {
    "ch": "charge",
    "txn": "balance line",
    "tr": "transfer",
    "re": "refund",
    "du": "dispute",
    "trr": "reversal",
    "po": "payout",
}


def test_the_tables_are_as_the_code_has_them():
    assert money_page.page() == money_page.PAGE.read_text(), "run manage.py write_money"


@pytest.mark.django_db(transaction=True)
def test_the_example_is_posted_as_it_is_told(bank, make_hold, student, ready):
    """500.00 in two parts: one approved, one cancelled with a share for the student, then a chargeback, lost."""
    hold = bank.secured(make_hold, description="Example")
    ready(student)
    first, second = hold.parts.all()
    actions.release_part(by=None, part=first)
    bank.settle()
    actions.cancel_part(by=None, part=second, reason="cancelled half-way", pay_student_net=9_000)
    bank.settle()
    charge = hold.fundings.get().charge_id
    dispute = bank.sandbox.control(f"charges/{charge}/dispute")["id"]
    bank.settle()
    bank.sandbox.control(f"disputes/{dispute}/close", status="lost")
    bank.settle()
    assert bank.clean()
    text = money_page.fill(money_page.PAGE.read_text(), "example", example(hold))
    if os.environ.get("FOOTHOLD_WRITE_EXAMPLE"):
        money_page.PAGE.write_text(text)
    assert unordered(text) == unordered(money_page.PAGE.read_text())


def unordered(text: str) -> list[str]:
    """The lines without the numbers of the postings: what two workers post at once may come in either order."""
    return sorted(re.sub(r"^\| \d+ \|", "|", line) for line in text.splitlines())


def example(hold) -> str:
    """Every posting in order, with names in place of numbers that differ from run to run."""
    names = {str(hold.uuid): "hold"}
    for model, word in ((Part, "part"), (Release, "release"), (Refund, "refund")):
        for number, row in enumerate(model.objects.order_by("id"), 1):
            names[str(row.uuid)] = f"{word} {number}"
    rows = ["| # | posting | key | debit | credit |", "| --- | --- | --- | --- | --- |"]
    for number, posting in enumerate(LedgerTransaction.objects.order_by("id"), 1):
        legs = sorted(
            (
                (leg.amount, named(leg.account.code, names))
                for leg in posting.entries.select_related("account")
            ),
            key=lambda leg: (leg[0] < 0, leg[1]),
        )
        debit = "<br>".join(f"{code} {show(amount)}" for amount, code in legs if amount > 0)
        credit = "<br>".join(f"{code} {show(-amount)}" for amount, code in legs if amount < 0)
        words = posting.kind.replace("_", " ")
        rows.append(f"| {number} | {words} | `{named(posting.key, names)}` | {debit} | {credit} |")
    return "\n".join(rows)


def named(text: str, names: dict[str, str]) -> str:
    for number, name in names.items():
        text = text.replace(number, f"<{name}>")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<dispute>", text)
    text = re.sub(r"\b(ch|txn|trr|tr|re|du|po)_\w+", lambda match: f"<{OBJECTS[match[1]]}>", text)
    return text.removesuffix(":USD")
