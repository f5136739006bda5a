from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '9005_payers'),
    ]

    operations = [
        migrations.AddField(
            model_name='dispute',
            name='settled_as',
            field=models.CharField(blank=True, max_length=12),
        ),
        migrations.AddField(
            model_name='refund',
            name='unexplained',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='refund',
            name='state',
            field=models.CharField(choices=[('queued', 'being sent'), ('pending', 'on its way to the payer'), ('succeeded', 'refunded'), ('failed', 'failed'), ('returned', 'paid back by the bank')], default='queued', max_length=12),
        ),
    ]
