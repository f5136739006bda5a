"""What the database of an older version holds is carried over by the migrations that read it."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from accounts.schools.models import School
from marketplace.ground import clock, policy
from payments.holds.models import Hold
from payments.wallets.models import Wallet

pytestmark = pytest.mark.django_db
MIGRATION = import_module("payments.migrations.9010_lots_and_limits_of_old_rows")


@pytest.fixture
def old_apps():
    """The models as they were; holds need not know yet how long they may be held."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payments_hold ALTER hold_days DROP NOT NULL")
    return MigrationLoader(connection).project_state(MIGRATION.Migration.dependencies).apps


def test_a_hold_keeps_the_limit_it_was_told_and_others_get_the_policys(old_apps, make_hold):
    told, untold, unpaid = make_hold(), make_hold(), make_hold()
    at, holds = clock.now(), old_apps.get_model("payments", "Hold").objects
    holds.update(hold_days=None)
    holds.filter(pk=told.pk).update(state="secured", secured_at=at, limit_at=at + timedelta(days=60))
    holds.filter(pk=untold.pk).update(state="secured", secured_at=at, limit_at=None)

    MIGRATION.limits_of_holds(old_apps, None)
    rows = {row.pk: (row.hold_days, row.limit_at) for row in Hold.objects.all()}
    days = policy.current().hold_days
    assert rows[told.pk] == (60, at + timedelta(days=60))
    assert rows[untold.pk] == (days, at + timedelta(days=days))
    assert rows[unpaid.pk] == (days, None)


def test_a_dispute_finds_the_sponsors_payment_and_the_rest_of_the_wallet_goes_on(old_apps, make_hold):
    frozen, stopped = (
        Wallet.objects.create(school=School.objects.create(name=name), state="frozen", frozen_why=why)
        for name, why in (("Northgate", MIGRATION.DISPUTED), ("Harbour", "A moderator looks into it."))
    )
    lot = old_apps.get_model("payments", "Lot").objects.create(
        wallet_id=frozen.pk, source="checkout", state="paid", amount=5_000, currency="USD", charge_id="ch_1"
    )
    disputes = old_apps.get_model("payments", "Dispute").objects
    about = {"amount": 5_000, "currency": "USD", "synced_at": clock.now()}
    of_lot = disputes.create(stripe_id="dp_1", charge_id="ch_1", **about)
    of_hold = disputes.create(stripe_id="dp_2", charge_id="ch_2", hold_id=make_hold().pk, **about)

    MIGRATION.lots_of_disputes(old_apps, None)
    assert disputes.get(pk=of_lot.pk).lot_id == lot.pk
    assert disputes.get(pk=of_lot.pk).synced_at is None  # it is read anew
    assert disputes.get(pk=of_hold.pk).lot_id is None
    assert disputes.get(pk=of_hold.pk).synced_at is not None
    states = dict(Wallet.objects.values_list("pk", "state"))
    assert states == {frozen.pk: "open", stopped.pk: "frozen"}
