"""What older rows lack: the lot of a dispute about a sponsor's payment, and how long each hold may be held."""

from datetime import timedelta

from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery

# How wallets were frozen when a dispute stopped the whole wallet; now it stops the money that it is about.
DISPUTED = "a bank disputes a payment into this wallet"


def lots_of_disputes(apps, schema_editor):
    Dispute, Lot = apps.get_model("payments", "Dispute"), apps.get_model("payments", "Lot")
    of_lots = Dispute.objects.filter(charge_id__in=Lot.objects.exclude(charge_id=None).values("charge_id"))
    of_lots.update(
        lot=Subquery(Lot.objects.filter(charge_id=OuterRef("charge_id")).values("pk")[:1]), synced_at=None
    )
    apps.get_model("payments", "Wallet").objects.filter(state="frozen", frozen_why=DISPUTED).update(
        state="open", frozen_why=""
    )


def limits_of_holds(apps, schema_editor):
    """As long as each was told when it was secured; for the others what the policy says."""
    Hold, Policy = apps.get_model("payments", "Hold"), apps.get_model("ground", "Policy")
    found = Policy.objects.first()
    days = found.hold_days if found else 90
    bare = Hold.objects.filter(hold_days=None)
    lengths = bare.filter(secured_at__isnull=False).values_list(F("limit_at") - F("secured_at"), flat=True)
    for length in set(lengths):
        if length and timedelta() < length < timedelta(days=32_000):
            bare.filter(limit_at=F("secured_at") + length).update(hold_days=length.days)
    bare.update(hold_days=days)
    Hold.objects.filter(state="secured", limit_at=None, secured_at__isnull=False).update(
        limit_at=F("secured_at") + timedelta(days=days)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "9009_disputes_of_sponsors"),
        ("ground", "0005_form_tokens"),
    ]

    operations = [
        migrations.RunPython(lots_of_disputes, migrations.RunPython.noop),
        migrations.RunPython(limits_of_holds, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="hold", name="hold_days", field=models.PositiveSmallIntegerField()
        ),
    ]
