import django.db.models.deletion
import django.db.models.expressions
import marketplace.ground.clock
import marketplace.ground.models
import payments.stripe.models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BalanceLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stripe_id', models.CharField(max_length=120, unique=True)),
                ('kind', models.CharField(max_length=60)),
                ('source', models.CharField(blank=True, max_length=120)),
                ('amount', models.BigIntegerField()),
                ('fee', models.BigIntegerField(default=0)),
                ('net', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('made_at', models.DateTimeField()),
                ('matched', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name': 'Stripe balance line',
                'ordering': ['-made_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Cursor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('ref', models.CharField(max_length=80, unique=True)),
                ('payer_ref', models.CharField(db_index=True, max_length=80)),
                ('state', models.CharField(choices=[('unfunded', 'not yet secured'), ('processing', 'payment on its way'), ('secured', 'secured'), ('settled', 'settled'), ('cancelled', 'cancelled')], default='unfunded', max_length=12)),
                ('currency', models.CharField(max_length=3)),
                ('price', models.BigIntegerField()),
                ('fee', models.BigIntegerField()),
                ('description', models.CharField(max_length=200)),
                ('release_delay_days', models.PositiveSmallIntegerField(default=0)),
                ('deadline', models.DateTimeField(blank=True, null=True)),
                ('frozen_at', models.DateTimeField(blank=True, null=True)),
                ('frozen_why', models.CharField(blank=True, max_length=200)),
                ('secured_at', models.DateTimeField(blank=True, null=True)),
                ('limit_at', models.DateTimeField(blank=True, null=True)),
                ('limit_told_at', models.DateTimeField(blank=True, null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ReceiptCounter',
            fields=[
                ('year', models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ('last', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Reconciliation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('lines', models.PositiveIntegerField(default=0)),
                ('differences', models.JSONField(default=list)),
            ],
            options={
                'verbose_name': 'reconciliation',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('operation', models.CharField(max_length=40)),
                ('environment', models.CharField(max_length=8)),
                ('generation', models.PositiveSmallIntegerField(default=1)),
                ('params', models.JSONField()),
                ('api_version', models.CharField(max_length=40)),
                ('state', models.CharField(choices=[('pending', 'on its way to Stripe'), ('done', 'done'), ('rejected', 'refused'), ('waiting', 'waiting'), ('manual', 'needs a person')], default='pending', max_length=10)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('due_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('first_sent_at', models.DateTimeField(blank=True, null=True)),
                ('look_first', models.BooleanField(default=False)),
                ('stripe_id', models.CharField(blank=True, max_length=120, null=True, unique=True)),
                ('error_code', models.CharField(blank=True, max_length=80)),
                ('error', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'call to Stripe',
                'verbose_name_plural': 'calls to Stripe',
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['due_at'], name='calls_due')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.CharField(max_length=120, unique=True)),
                ('kind', models.CharField(max_length=120)),
                ('thin', models.BooleanField(default=False)),
                ('account', models.CharField(blank=True, max_length=120)),
                ('object_id', models.CharField(blank=True, max_length=120)),
                ('livemode', models.BooleanField(default=False)),
                ('api_version', models.CharField(blank=True, max_length=40)),
                ('payload', models.JSONField()),
                ('source', models.CharField(default='webhook', max_length=10)),
                ('state', models.CharField(choices=[('new', 'not yet applied'), ('applied', 'applied'), ('ignored', 'ignored'), ('stuck', 'needs a person')], default='new', max_length=10)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('due_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('error', models.CharField(blank=True, max_length=500)),
                ('received_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('applied_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'event from Stripe',
                'verbose_name_plural': 'events from Stripe',
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'new')), fields=['due_at'], name='events_due')],
            },
        ),
        migrations.CreateModel(
            name='Funding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('draft', 'being prepared'), ('open', 'payment page open'), ('processing', 'payment on its way'), ('funded', 'paid'), ('failed', 'failed'), ('expired', 'closed unpaid')], default='draft', max_length=12)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('success_url', models.URLField(max_length=500)),
                ('cancel_url', models.URLField(max_length=500)),
                ('expires_at', models.DateTimeField()),
                ('session_id', models.CharField(blank=True, max_length=120, null=True, unique=True)),
                ('url', models.URLField(blank=True, max_length=1000)),
                ('intent_id', models.CharField(blank=True, max_length=120, null=True, unique=True)),
                ('charge_id', models.CharField(blank=True, max_length=120, null=True, unique=True)),
                ('method', models.CharField(blank=True, max_length=40)),
                ('extra', models.BooleanField(default=False)),
                ('failure', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('synced_at', models.DateTimeField(blank=True, null=True)),
                ('funded_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('call', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.call')),
                ('hold', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='fundings', to='payments.hold')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Install',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('environment', models.CharField(default=payments.stripe.models.new_environment, max_length=8)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_install')],
            },
        ),
        migrations.CreateModel(
            name='LedgerAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=120, unique=True)),
                ('currency', models.CharField(max_length=3)),
                ('sign', models.SmallIntegerField()),
                ('guarded', models.BooleanField()),
                ('balance', models.BigIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'ledger account',
                'ordering': ['code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('sign__in', [1, -1])), name='ledger_sign'), models.CheckConstraint(condition=models.Q(('guarded', False), ('balance__gte', 0), _connector='OR'), name='ledger_never_overdrawn')],
            },
        ),
        migrations.CreateModel(
            name='LedgerTransaction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('key', models.CharField(max_length=120, unique=True)),
                ('ref', models.CharField(blank=True, max_length=120)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('xid', models.BigIntegerField(editable=False)),
                ('started', models.DateTimeField(editable=False)),
                ('reverses', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='payments.ledgertransaction')),
            ],
            options={
                'verbose_name': 'ledger transaction',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='payments.ledgeraccount')),
                ('transaction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='payments.ledgertransaction')),
            ],
            options={
                'verbose_name': 'ledger entry',
                'verbose_name_plural': 'ledger entries',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='PayeeAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('party', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('none', 'not set up'), ('onboarding', 'set-up under way'), ('active', 'ready to be paid'), ('restricted', 'Stripe needs something'), ('closed', 'closed')], default='none', max_length=12)),
                ('country', models.CharField(default='us', max_length=2)),
                ('stripe_id', models.CharField(blank=True, max_length=120, null=True, unique=True)),
                ('needs', models.JSONField(blank=True, default=list)),
                ('synced_at', models.DateTimeField(blank=True, null=True)),
                ('payouts_read_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('call', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.call')),
                ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='payee_account', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'payout account',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Part',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('ref', models.CharField(max_length=80)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('price', models.BigIntegerField()),
                ('fee', models.BigIntegerField()),
                ('hold', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='payments.hold')),
                ('payee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='payments.payeeaccount')),
            ],
            options={
                'verbose_name': 'part of a hold',
                'verbose_name_plural': 'parts of holds',
                'ordering': ['hold', 'position'],
            },
        ),
        migrations.AddField(
            model_name='hold',
            name='payee',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='payments.payeeaccount'),
        ),
        migrations.CreateModel(
            name='Payout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('stripe_id', models.CharField(max_length=120, unique=True)),
                ('state', models.CharField(choices=[('pending', 'being sent'), ('in_transit', 'on its way to the bank'), ('paid', 'paid out'), ('failed', 'refused by the bank'), ('canceled', 'cancelled')], default='pending', max_length=12)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('arrival_at', models.DateTimeField(blank=True, null=True)),
                ('failure', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('paid_at', models.DateTimeField(blank=True, null=True)),
                ('payee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='payments.payeeaccount')),
            ],
            options={
                'verbose_name': 'payout',
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True)),
                ('issued_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('hold', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='receipt', to='payments.hold')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('queued', 'being sent'), ('pending', 'on its way to the payer'), ('succeeded', 'refunded'), ('failed', 'failed')], default='queued', max_length=12)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('refund_id', models.CharField(blank=True, max_length=120, null=True, unique=True)),
                ('failure', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('call', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.call')),
                ('funding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='payments.funding')),
                ('hold', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='payments.hold')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='RefundLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField()),
                ('part', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refund_lines', to='payments.part')),
                ('refund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='payments.refund')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('scheduled', 'scheduled'), ('queued', 'being sent'), ('waiting_payee', 'waiting for the payout set-up'), ('waiting_funds', 'waiting for funds at Stripe'), ('sent', 'released'), ('rejected', 'refused, back in the hold'), ('reversed', 'taken back')], default='scheduled', max_length=14)),
                ('gross', models.BigIntegerField()),
                ('fee', models.BigIntegerField()),
                ('net', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('reason', models.CharField(blank=True, max_length=60)),
                ('due_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('retry_at', models.DateTimeField(blank=True, null=True)),
                ('destination', models.CharField(blank=True, max_length=120)),
                ('transfer_id', models.CharField(blank=True, max_length=120, null=True, unique=True)),
                ('failure', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('call', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.call')),
                ('part', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='payments.part')),
                ('payout', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='payments.payout')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddConstraint(
            model_name='funding',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('draft', 'open', 'processing'))), fields=('hold',), name='one_live_funding'),
        ),
        migrations.AddConstraint(
            model_name='funding',
            constraint=models.UniqueConstraint(condition=models.Q(('extra', False), ('state', 'funded')), fields=('hold',), name='one_paid_funding'),
        ),
        migrations.AddConstraint(
            model_name='funding',
            constraint=models.CheckConstraint(condition=models.Q(('amount__range', (1, 99999999))), name='funding_amount'),
        ),
        migrations.AddIndex(
            model_name='ledgertransaction',
            index=models.Index(fields=['ref'], name='payments_le_ref_fc5c58_idx'),
        ),
        migrations.AddIndex(
            model_name='ledgertransaction',
            index=models.Index(fields=['at'], name='payments_le_at_701262_idx'),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount', 0), _negated=True), ('amount__range', (-99999999, 99999999))), name='ledger_amount_in_range'),
        ),
        migrations.AddConstraint(
            model_name='part',
            constraint=models.UniqueConstraint(fields=('hold', 'ref'), name='one_part_per_ref'),
        ),
        migrations.AddConstraint(
            model_name='part',
            constraint=models.CheckConstraint(condition=models.Q(('fee__gte', 0), ('fee__lt', models.F('price')), ('price__range', (1, 99999999))), name='part_amounts'),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('state', 'secured')), fields=['limit_at'], name='holds_by_limit'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('fee__gte', 0), ('fee__lt', models.F('price')), ('price__range', (1, 99999999))), name='hold_amounts'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('amount__range', (1, 99999999))), name='refund_amount'),
        ),
        migrations.AddConstraint(
            model_name='refundline',
            constraint=models.CheckConstraint(condition=models.Q(('amount__range', (1, 99999999))), name='refund_line_amount'),
        ),
        migrations.AddIndex(
            model_name='release',
            index=models.Index(condition=models.Q(('state', 'scheduled')), fields=['due_at'], name='releases_due'),
        ),
        migrations.AddIndex(
            model_name='release',
            index=models.Index(fields=['state'], name='payments_re_state_cfb6ab_idx'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'rejected'), _negated=True), fields=('part',), name='one_release_per_part'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(('fee__gte', 0), ('gross', django.db.models.expressions.CombinedExpression(models.F('fee'), '+', models.F('net'))), ('gross__lte', 99999999), ('net__gte', 1)), name='release_amounts'),
        ),
    ]
