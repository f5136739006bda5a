import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import marketplace.ground.clock
import marketplace.ground.ids
import marketplace.ground.models
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='School',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('name', models.CharField(max_length=200, unique=True)),
                ('domains', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, size=None)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('surrogate', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('date_of_birth', models.DateField(blank=True, null=True)),
                ('zone', models.CharField(default='America/New_York', max_length=60, verbose_name='time zone')),
                ('is_active', models.BooleanField(default=True)),
                ('is_staff', models.BooleanField(default=False, verbose_name='moderator')),
                ('joined_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('suspended_at', models.DateTimeField(blank=True, null=True)),
                ('suspended_reason', models.CharField(blank=True, max_length=200)),
                ('terms_accepted_at', models.DateTimeField(blank=True, null=True)),
                ('erased_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('session_round', models.PositiveIntegerField(default=0, editable=False)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
        ),
        migrations.CreateModel(
            name='Moderator',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('accounts.user',),
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200, unique=True)),
                ('message_id', models.CharField(max_length=120, unique=True)),
                ('to', models.EmailField(max_length=254)),
                ('kind', models.CharField(max_length=40)),
                ('subject', models.CharField(max_length=250)),
                ('text', models.TextField()),
                ('html', models.TextField(blank=True)),
                ('unsubscribe', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('pending', 'To be sent'), ('sent', 'Sent'), ('failed', 'Given up'), ('cancelled', 'No longer wanted')], default='pending', max_length=10)),
                ('send_after', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('error', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mails', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('kind', models.CharField(max_length=40)),
                ('thing', models.CharField(max_length=80)),
                ('deadline', models.CharField(blank=True, max_length=40)),
                ('title', models.CharField(max_length=200)),
                ('body', models.TextField(blank=True)),
                ('url', models.CharField(blank=True, max_length=300)),
                ('label', models.CharField(blank=True, max_length=60)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('digested_at', models.DateTimeField(blank=True, null=True)),
                ('wants_digest', models.CharField(blank=True, max_length=10)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('name', models.CharField(max_length=120)),
                ('website', models.URLField(blank=True)),
                ('about', models.TextField(blank=True, max_length=1500)),
                ('sector', models.CharField(blank=True, max_length=80)),
                ('size', models.CharField(blank=True, choices=[('1', 'Just me'), ('2-10', '2 to 10 people'), ('11-50', '11 to 50 people'), ('51-250', '51 to 250 people'), ('251+', 'More than 250 people')], max_length=10)),
                ('place', models.CharField(blank=True, max_length=120, verbose_name='town or city')),
                ('logo', models.ImageField(blank=True, upload_to='logos/')),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('proven_at', models.DateTimeField(blank=True, null=True)),
                ('suspended_at', models.DateTimeField(blank=True, null=True)),
                ('suspended_reason', models.CharField(blank=True, max_length=200)),
                ('open_projects_lifted', models.BooleanField(default=False, verbose_name='may open more projects than a new employer')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('manager', 'Manager')], default='manager', max_length=10)),
                ('title', models.CharField(blank=True, max_length=120)),
                ('joined_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='accounts.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='MemberInvite',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('token', models.CharField(default=marketplace.ground.ids.secret, editable=False, max_length=40, unique=True)),
                ('email', models.EmailField(max_length=254)),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('manager', 'Manager')], default='manager', max_length=10)),
                ('state', models.CharField(choices=[('open', 'Waiting for an answer'), ('accepted', 'Joined'), ('withdrawn', 'Withdrawn'), ('expired', 'Expired')], default='open', max_length=10)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('expires_at', models.DateTimeField()),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invites', to='accounts.organisation')),
            ],
            options={
                'verbose_name': 'invitation to join',
            },
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('how', models.CharField(choices=[('instant', 'E-mail at once'), ('daily', 'Daily digest'), ('weekly', 'Weekly digest'), ('app', 'Only in the app')], max_length=10)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='preferences', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Proof',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('domain', 'Company e-mail domain'), ('registry', 'Registry number'), ('payment', 'Cleared payment'), ('vouched', 'Vouched for by a school or chamber')], max_length=10)),
                ('state', models.CharField(choices=[('pending', 'Waiting for a moderator'), ('accepted', 'Accepted'), ('refused', 'Refused')], default='pending', max_length=10)),
                ('detail', models.CharField(blank=True, max_length=200)),
                ('note', models.CharField(blank=True, max_length=300, verbose_name="moderator's note")),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proofs', to='accounts.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='ProofEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('domain', 'Company e-mail domain'), ('registry', 'Registry number'), ('payment', 'Cleared payment'), ('vouched', 'Vouched for by a school or chamber')], max_length=10)),
                ('state', models.CharField(choices=[('pending', 'Waiting for a moderator'), ('accepted', 'Accepted'), ('refused', 'Refused')], default='pending', max_length=10)),
                ('detail', models.CharField(blank=True, max_length=200)),
                ('note', models.CharField(blank=True, max_length=300, verbose_name="moderator's note")),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('organisation', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.organisation')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='accounts.proof')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SchoolStaff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(blank=True, max_length=120)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='staff', to='accounts.school')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='school_posts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'school staff',
            },
        ),
        migrations.CreateModel(
            name='Skill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('function', models.CharField(blank=True, choices=[('marketing', 'Marketing'), ('research', 'Research'), ('sales', 'Sales'), ('data', 'Data'), ('engineering', 'Engineering'), ('design', 'Design'), ('operations', 'Operations'), ('finance', 'Finance'), ('hr', 'People (HR)'), ('policy', 'Policy'), ('writing', 'Writing'), ('support', 'Customer support')], max_length=20)),
                ('kind', models.CharField(choices=[('tool', 'Tool'), ('method', 'Method'), ('domain', 'Field of knowledge'), ('language', 'Language')], default='method', max_length=10)),
                ('aliases', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, help_text='Other names people type for it.', size=None)),
                ('related', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(max_length=60), blank=True, default=list, help_text='Slugs of close skills.', size=None)),
                ('state', models.CharField(choices=[('pending', 'Waiting for a moderator'), ('accepted', 'In the vocabulary')], default='pending', max_length=10)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('updated_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('proposed_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='StudentProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('headline', models.CharField(blank=True, max_length=120)),
                ('about', models.TextField(blank=True, max_length=2000)),
                ('school_verified_at', models.DateTimeField(blank=True, null=True)),
                ('school_email', models.EmailField(blank=True, max_length=254)),
                ('programme', models.CharField(blank=True, max_length=120, verbose_name='what you study')),
                ('graduates_in', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='year you finish')),
                ('hours_free', models.PositiveSmallIntegerField(default=10, validators=[django.core.validators.MaxValueValidator(40)], verbose_name='hours a week you have free')),
                ('interests', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('marketing', 'Marketing'), ('research', 'Research'), ('sales', 'Sales'), ('data', 'Data'), ('engineering', 'Engineering'), ('design', 'Design'), ('operations', 'Operations'), ('finance', 'Finance'), ('hr', 'People (HR)'), ('policy', 'Policy'), ('writing', 'Writing'), ('support', 'Customer support')], max_length=20), blank=True, default=list, size=None)),
                ('website', models.URLField(blank=True)),
                ('may_work', models.CharField(choices=[('yes', 'Yes'), ('no', 'No'), ('unsaid', 'Prefer not to say')], default='unsaid', max_length=10, verbose_name='may work in this country')),
                ('needs_sponsor', models.CharField(choices=[('yes', 'Yes'), ('no', 'No'), ('unsaid', 'Prefer not to say')], default='unsaid', max_length=10, verbose_name='needs a sponsored visa')),
                ('needs_school_sign_off', models.BooleanField(default=False)),
                ('resume', models.FileField(blank=True, upload_to='resumes/')),
                ('resume_name', models.CharField(blank=True, max_length=120)),
                ('open_to_invitations', models.BooleanField(default=False, verbose_name='employers may find me')),
                ('portfolio_on', models.BooleanField(default=False, verbose_name='public portfolio page')),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('updated_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('school', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='students', to='accounts.school')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='student', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='SchoolCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254)),
                ('digest', models.CharField(max_length=64)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('expires_at', models.DateTimeField()),
                ('student', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='school_code', to='accounts.studentprofile')),
            ],
        ),
        migrations.CreateModel(
            name='StudentSkill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('learning', 'Learning'), ('able', 'Can do alone'), ('strong', 'Strong')], default='able', max_length=10)),
                ('evidence', models.CharField(blank=True, max_length=200, verbose_name='where you used it')),
                ('skill', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.skill')),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='skills', to='accounts.studentprofile')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='UnsubscribeToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(default=marketplace.ground.ids.secret, max_length=40, unique=True)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='unsubscribe_token', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(fields=['-joined_at'], name='accounts_us_joined__298c86_idx'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='one_account_per_email'),
        ),
        migrations.AddIndex(
            model_name='mail',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['send_after'], name='mail_pending'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['user', '-created_at', '-id'], name='accounts_no_user_id_e684d6_idx'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('read_at', None)), fields=['user'], name='notification_unread'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('digested_at', None)), fields=['wants_digest', 'user'], name='notification_undigested'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(fields=('user', 'kind', 'thing', 'deadline'), name='told_once'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.UniqueConstraint(models.F('created_by'), django.db.models.functions.text.Lower('name'), name='one_organisation_per_maker_and_name'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('organisation', 'user'), name='one_membership'),
        ),
        migrations.AddConstraint(
            model_name='memberinvite',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('organisation', 'email'), name='one_open_invite_per_address'),
        ),
        migrations.AddConstraint(
            model_name='preference',
            constraint=models.UniqueConstraint(fields=('user', 'kind'), name='one_preference_per_kind'),
        ),
        migrations.AddConstraint(
            model_name='proof',
            constraint=models.UniqueConstraint(fields=('organisation', 'kind'), name='one_proof_of_a_kind'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='proof',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "accounts_proofevent" ("created_at", "detail", "id", "kind", "note", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state") VALUES (NEW."created_at", NEW."detail", NEW."id", NEW."kind", NEW."note", NEW."organisation_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."state"); RETURN NULL;', hash='8633bf0a7cc7e6dccfc68e9ce27c1c19a8ca51aa', operation='INSERT', pgid='pgtrigger_insert_insert_57a1a', table='accounts_proof', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='proof',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "accounts_proofevent" ("created_at", "detail", "id", "kind", "note", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state") VALUES (NEW."created_at", NEW."detail", NEW."id", NEW."kind", NEW."note", NEW."organisation_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."state"); RETURN NULL;', hash='28658658b9f3dfa85809d9b05e984dd9d10ac179', operation='UPDATE', pgid='pgtrigger_update_update_50f21', table='accounts_proof', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='schoolstaff',
            constraint=models.UniqueConstraint(fields=('user', 'school'), name='one_post_per_school'),
        ),
        migrations.AddIndex(
            model_name='skill',
            index=models.Index(fields=['state', 'function'], name='skill_state_function'),
        ),
        migrations.AddConstraint(
            model_name='skill',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'pending'), models.Q(('function', ''), _negated=True), _connector='OR'), name='accepted_skill_has_function'),
        ),
        migrations.AddConstraint(
            model_name='studentprofile',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('school_email'), condition=models.Q(('school_verified_at__isnull', False), models.Q(('school_email', ''), _negated=True)), name='one_student_per_school_address'),
        ),
        migrations.AddConstraint(
            model_name='studentskill',
            constraint=models.UniqueConstraint(fields=('student', 'skill'), name='one_row_per_skill'),
        ),
    ]
