"""Receipts count on in the same table as invoices and credit notes, each series from its last number."""

from django.db import migrations


def receipts_count_on(apps, schema_editor):
    counters = apps.get_model("payments", "PaperCounter")
    for row in apps.get_model("payments", "ReceiptCounter").objects.all():
        counters.objects.create(series="R", year=row.year, last=row.last)


def receipts_apart(apps, schema_editor):
    receipts = apps.get_model("payments", "ReceiptCounter")
    for row in apps.get_model("payments", "PaperCounter").objects.filter(series="R"):
        receipts.objects.create(year=row.year, last=row.last)
        row.delete()


class Migration(migrations.Migration):
    dependencies = [("payments", "9010_lots_and_limits_of_old_rows")]

    operations = [
        migrations.RenameModel("DocumentCounter", "PaperCounter"),
        migrations.RunPython(receipts_count_on, receipts_apart),
        migrations.DeleteModel("ReceiptCounter"),
    ]
