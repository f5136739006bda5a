import django.db.models.deletion
import marketplace.ground.clock
import marketplace.ground.models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '9002_documents_of_money'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('stripe_id', models.CharField(max_length=120, unique=True)),
                ('charge_id', models.CharField(db_index=True, max_length=120)),
                ('state', models.CharField(choices=[('warning_needs_response', 'the bank asks, answer needed'), ('warning_under_review', 'the bank looks at our answer'), ('warning_closed', 'the bank asked and let it rest'), ('needs_response', 'answer needed'), ('under_review', 'the bank looks at our answer'), ('won', 'won'), ('lost', 'lost'), ('prevented', 'settled before it began'), ('appeal_needs_response', 'appeal, answer needed'), ('appeal_under_review', 'appeal, the bank looks at it'), ('other', 'see Stripe')], default='other', max_length=24)),
                ('status', models.CharField(blank=True, max_length=40, verbose_name='state at Stripe')),
                ('reason', models.CharField(blank=True, max_length=60)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('taken', models.BigIntegerField(default=0)),
                ('due_by', models.DateTimeField(blank=True, null=True)),
                ('reminded_hours', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('times_lost', models.PositiveSmallIntegerField(default=0)),
                ('booked_lost', models.BooleanField(default=False)),
                ('evidence', models.JSONField(blank=True, default=dict)),
                ('evidence_sent_at', models.DateTimeField(blank=True, null=True)),
                ('submissions', models.PositiveSmallIntegerField(default=0, verbose_name='answers that Stripe has')),
                ('opened_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('synced_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-opened_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='FraudWarning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('stripe_id', models.CharField(max_length=120, unique=True)),
                ('charge_id', models.CharField(db_index=True, max_length=120)),
                ('state', models.CharField(choices=[('fresh', 'to be decided'), ('refunded', 'refunded'), ('dismissed', 'the payment is in order'), ('overtaken', 'refunded or disputed meanwhile')], default='fresh', max_length=12)),
                ('kind', models.CharField(blank=True, max_length=60, verbose_name='kind of fraud')),
                ('actionable', models.BooleanField(default=True)),
                ('released', models.BooleanField(default=False, verbose_name='money was released already')),
                ('at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'fraud warning',
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='FrozenLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dispute_ref', models.CharField(db_index=True, max_length=120)),
                ('state', models.CharField(choices=[('frozen', 'under a dispute'), ('thawed', 'back in the hold'), ('gone', 'taken by the bank')], default='frozen', max_length=8)),
                ('amount', models.BigIntegerField()),
                ('at', models.DateTimeField(default=marketplace.ground.clock.now)),
            ],
            options={
                'verbose_name': 'frozen part',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Receivable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('owed', 'to be repaid from the next releases'), ('repaid', 'repaid'), ('written_off', 'written off'), ('forgiven', 'no longer owed')], default='owed', max_length=12)),
                ('amount', models.BigIntegerField()),
                ('repaid', models.BigIntegerField(default=0)),
                ('currency', models.CharField(max_length=3)),
                ('reason', models.CharField(max_length=200)),
                ('write_off_why', models.CharField(blank=True, max_length=300)),
                ('write_off_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Repayment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField()),
                ('undone', models.BooleanField(default=False)),
                ('at', models.DateTimeField(default=marketplace.ground.clock.now)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Reversal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('queued', 'being taken back'), ('sent', 'taken back'), ('short', "the student's balance was too low"), ('failed', 'refused by Stripe')], default='queued', max_length=12)),
                ('purpose', models.CharField(choices=[('refund', 'to be refunded to the payer'), ('dispute', 'to cover a dispute'), ('hand', 'made at Stripe by hand')], default='refund', max_length=10)),
                ('net', models.BigIntegerField()),
                ('fee', models.BigIntegerField()),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('dispute_ref', models.CharField(blank=True, db_index=True, max_length=120)),
                ('gone_to', models.CharField(blank=True, choices=[('', 'with nobody yet'), ('payer', 'the payer'), ('bank', 'the bank that disputes'), ('student', 'the student again')], default='', max_length=10)),
                ('reason', models.CharField(max_length=200)),
                ('reversal_id', models.CharField(blank=True, max_length=120, null=True, unique=True)),
                ('failure', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='release',
            name='one_release_per_part',
        ),
        migrations.AddField(
            model_name='funding',
            name='received',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='funding',
            name='received_currency',
            field=models.CharField(blank=True, max_length=3),
        ),
        migrations.AddField(
            model_name='hold',
            name='freezes',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='hold',
            name='limit_near_told_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='refund',
            name='bank_reference',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name='refund',
            name='replaces',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replacement', to='payments.refund'),
        ),
        migrations.AddField(
            model_name='release',
            name='offset',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='release',
            name='taken_fee',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='release',
            name='taken_net',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='refund',
            name='state',
            field=models.CharField(choices=[('queued', 'being sent'), ('pending', 'on its way to the payer'), ('succeeded', 'refunded'), ('failed', 'failed'), ('returned', 'paid back by bank transfer')], default='queued', max_length=12),
        ),
        migrations.AddField(
            model_name='dispute',
            name='evidence_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='dispute',
            name='evidence_call',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.call'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='funding',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='payments.funding'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='hold',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='payments.hold'),
        ),
        migrations.AddField(
            model_name='fraudwarning',
            name='hold',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='fraud_warnings', to='payments.hold'),
        ),
        migrations.AddField(
            model_name='frozenline',
            name='part',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='frozen_lines', to='payments.part'),
        ),
        migrations.AddField(
            model_name='receivable',
            name='payee',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receivables', to='payments.payeeaccount'),
        ),
        migrations.AddField(
            model_name='receivable',
            name='write_off_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='repayment',
            name='receivable',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='repayments', to='payments.receivable'),
        ),
        migrations.AddField(
            model_name='repayment',
            name='release',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='repayments', to='payments.release'),
        ),
        migrations.AddField(
            model_name='reversal',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reversal',
            name='call',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.call'),
        ),
        migrations.AddField(
            model_name='reversal',
            name='refund',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='from_reversal', to='payments.refund'),
        ),
        migrations.AddField(
            model_name='reversal',
            name='release',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='payments.release'),
        ),
        migrations.AddField(
            model_name='receivable',
            name='reversal',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='receivable', to='payments.reversal'),
        ),
        migrations.AddField(
            model_name='release',
            name='reversal',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='given_back', to='payments.reversal'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('state', 'rejected'), _negated=True), ('reversal', None)), fields=('part',), name='one_release_per_part'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'rejected'), _negated=True), fields=('reversal',), name='given_back_once'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(('offset__gte', 0), ('offset__lte', models.F('net'))), name='release_offset'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(('taken_fee__gte', 0), ('taken_fee__lte', models.F('fee')), ('taken_net__gte', 0), ('taken_net__lte', models.F('net'))), name='release_taken_back'),
        ),
        migrations.AddIndex(
            model_name='dispute',
            index=models.Index(fields=['state', 'due_by'], name='disputes_by_due'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('amount__range', (1, 99999999))), name='dispute_amount'),
        ),
        migrations.AddConstraint(
            model_name='frozenline',
            constraint=models.CheckConstraint(condition=models.Q(('amount__range', (1, 99999999))), name='frozen_line_amount'),
        ),
        migrations.AddConstraint(
            model_name='repayment',
            constraint=models.UniqueConstraint(fields=('receivable', 'release'), name='one_repayment_per_release'),
        ),
        migrations.AddConstraint(
            model_name='repayment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__range', (1, 99999999))), name='repayment_amount'),
        ),
        migrations.AddIndex(
            model_name='reversal',
            index=models.Index(fields=['state', '-created_at'], name='reversals_by_state'),
        ),
        migrations.AddConstraint(
            model_name='reversal',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('amount__lte', models.F('net')), ('fee__gte', 0), ('net__range', (1, 99999999))), name='reversal_amounts'),
        ),
        migrations.AddIndex(
            model_name='receivable',
            index=models.Index(condition=models.Q(('state', 'owed')), fields=['payee', 'currency'], name='receivables_owed'),
        ),
        migrations.AddConstraint(
            model_name='receivable',
            constraint=models.CheckConstraint(condition=models.Q(('amount__range', (1, 99999999)), ('repaid__gte', 0), ('repaid__lte', models.F('amount'))), name='receivable_amounts'),
        ),
    ]
