"""The money's road through the real offline Stripe: secured, released, paid out; or back to the payer."""

import pytest

from payments.holds import actions, queries
from payments.ledger.chart import code
from payments.ledger.queries import balance, trial_balance

pytestmark = pytest.mark.django_db(transaction=True)


def books_balance():
    totals = {}
    for currency, _, total in trial_balance():
        totals[currency] = totals.get(currency, 0) + total
    return not any(totals.values())


def test_a_hold_is_paid_released_part_by_part_and_paid_out(sandbox, hold, student, secure, ready, work):
    secure(hold)
    assert hold.state == "secured"
    assert hold.figures()["held"] == 50_000

    payee = ready(student)
    first, second = hold.parts.all()
    actions.release_part(by=None, part=first)
    work()
    figures = hold.figures()
    assert (figures["released"], figures["held"], figures["net_released"]) == (20_000, 30_000, 18_000)
    assert balance(code("platform_fee", "USD")) == 2_000

    actions.release_part(by=None, part=second)
    work()
    hold.refresh_from_db()
    assert hold.state == "settled"

    sandbox.run(force=True)
    from payments.holds.actions import paying_out
    from payments.stripe import gateway

    for found in gateway.payouts_of(payee.stripe_id):
        paying_out.sync_payout(payee, found["id"])
    figures = hold.figures()
    assert figures["paid_out"] == 50_000
    assert {part.status for part in queries.hold_for(hold.ref).parts.all()} == {"paid_out"}
    assert books_balance()
