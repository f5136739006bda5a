import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Fault',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=120)),
                ('method', models.CharField(default='POST', max_length=6)),
                ('kind', models.CharField(max_length=12)),
                ('seconds', models.FloatField(default=0)),
                ('times', models.IntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='Key',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=255)),
                ('account', models.CharField(blank=True, max_length=80)),
                ('asked', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('body', models.JSONField(null=True)),
                ('created', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('key', 'account'), name='one_answer_per_key')],
            },
        ),
        migrations.CreateModel(
            name='Line',
            fields=[
                ('id', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('order', models.BigIntegerField(db_index=True)),
                ('account', models.CharField(blank=True, max_length=80)),
                ('kind', models.CharField(max_length=40)),
                ('source', models.CharField(blank=True, max_length=80)),
                ('amount', models.BigIntegerField()),
                ('fee', models.BigIntegerField(default=0)),
                ('currency', models.CharField(max_length=3)),
                ('created', models.BigIntegerField()),
                ('available_on', models.BigIntegerField()),
                ('payout', models.CharField(blank=True, db_index=True, max_length=80)),
            ],
            options={
                'indexes': [models.Index(fields=['account', '-order'], name='sandbox_lin_account_b66954_idx'), models.Index(fields=['source'], name='sandbox_lin_source_d8433f_idx')],
            },
        ),
        migrations.CreateModel(
            name='Setting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('data', models.JSONField(default=dict)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_sandbox_setting')],
            },
        ),
        migrations.CreateModel(
            name='Thing',
            fields=[
                ('id', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('order', models.BigIntegerField(db_index=True)),
                ('kind', models.CharField(max_length=40)),
                ('account', models.CharField(blank=True, max_length=80)),
                ('created', models.BigIntegerField()),
                ('data', models.JSONField()),
                ('notes', models.JSONField(default=dict)),
                ('due', models.BigIntegerField(db_index=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'account', '-order'], name='sandbox_thi_kind_9cacc4_idx')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due', models.FloatField(db_index=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('done', models.BooleanField(default=False)),
                ('corrupt', models.BooleanField(default=False)),
                ('last_status', models.PositiveSmallIntegerField(null=True)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='sandbox.thing')),
            ],
        ),
    ]
