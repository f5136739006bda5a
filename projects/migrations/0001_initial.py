import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.math
import marketplace.ground.clock
import marketplace.ground.models
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('payments', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Sent'), ('shortlisted', 'Shortlisted'), ('offered', 'Offer made'), ('hired', 'Hired'), ('declined', 'Not this time'), ('withdrawn', 'Withdrawn'), ('expired', 'Closed without an answer')], default='draft', max_length=12)),
                ('pitch', models.TextField(blank=True, max_length=1200, verbose_name='why you')),
                ('eligible', models.BooleanField(default=True)),
                ('first_timer', models.BooleanField(default=True)),
                ('in_reserve', models.BooleanField(default=False)),
                ('number', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('saved_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('shortlisted_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decline_reason', models.CharField(blank=True, choices=[('filled', 'They chose someone else'), ('skills', 'Others were closer on the skills'), ('answers', 'The answers did not show enough yet'), ('dates', 'The dates or hours did not fit'), ('eligible', 'A condition of the project is not met'), ('lot', 'More applied than the project takes, and the lot fell to others'), ('cancelled', 'The project was cancelled'), ('silent', 'The employer did not respond'), ('no_funds', 'The employer did not secure the pay in time')], max_length=12)),
                ('decline_note', models.TextField(blank=True, max_length=600)),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='applications', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Engagement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('state', models.CharField(choices=[('awaiting_funds', 'Waiting for the funds'), ('funded', 'Funds secured'), ('active', 'At work'), ('completed', 'Completed'), ('cancelled', 'Cancelled')], default='awaiting_funds', max_length=16)),
                ('end_reason', models.CharField(blank=True, choices=[('done', 'All milestones approved'), ('no_funds', 'The funds were not secured in time'), ('no_kickoff', 'It never started'), ('by_employer', 'Cancelled by the employer'), ('by_student', 'Cancelled by the student'), ('by_moderator', 'Cancelled by a moderator'), ('limit', 'The funds were held as long as the rules allow')], max_length=12)),
                ('disputed_at', models.DateTimeField(blank=True, null=True)),
                ('title', models.CharField(max_length=120)),
                ('price', models.PositiveIntegerField()),
                ('fee', models.PositiveIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('hours', models.DecimalField(decimal_places=1, default=Decimal('0'), max_digits=5)),
                ('policy', models.JSONField()),
                ('release_delay_days', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('fund_by', models.DateTimeField()),
                ('funds_coming_at', models.DateTimeField(blank=True, null=True)),
                ('funded_at', models.DateTimeField(blank=True, null=True)),
                ('start_on', models.DateField()),
                ('due_on', models.DateField()),
                ('kickoff_by', models.DateTimeField(blank=True, null=True)),
                ('kickoff_cancel_at', models.DateTimeField(blank=True, null=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('review_until', models.DateTimeField(blank=True, null=True)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to='projects.application')),
                ('hold', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.hold')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to='accounts.organisation')),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('terms', models.JSONField()),
                ('text', models.TextField()),
                ('digest', models.CharField(max_length=64)),
                ('employer_accepted_at', models.DateTimeField()),
                ('student_accepted_at', models.DateTimeField()),
                ('employer_accepted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('engagement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='agreement', to='projects.engagement')),
            ],
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('text', models.TextField(max_length=4000)),
                ('form_token', models.CharField(max_length=40, unique=True)),
                ('at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('engagement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='projects.engagement')),
            ],
            options={
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('order', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=120)),
                ('outcome', models.CharField(blank=True, max_length=300)),
                ('done_when', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                ('hours', models.DecimalField(decimal_places=1, default=Decimal('0'), max_digits=5)),
                ('price', models.PositiveIntegerField()),
                ('fee', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('in_progress', 'In progress'), ('submitted', 'Handed in'), ('changes_requested', 'Changes asked for'), ('approved', 'Approved'), ('cancelled', 'Cancelled')], default='planned', max_length=18)),
                ('due_at', models.DateTimeField()),
                ('rounds_used', models.PositiveSmallIntegerField(default=0)),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('review_ends_at', models.DateTimeField(blank=True, null=True)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('approved_by_silence', models.BooleanField(default=False)),
                ('engagement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='milestones', to='projects.engagement')),
            ],
            options={
                'ordering': ['order'],
            },
        ),
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('state', models.CharField(choices=[('asked', 'Waiting for an answer'), ('granted', 'Granted'), ('refused', 'Refused'), ('withdrawn', 'No longer needed')], default='asked', max_length=10)),
                ('due_before', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('reason', models.CharField(max_length=500)),
                ('asked_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('answer_by', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answer_note', models.CharField(blank=True, max_length=500)),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('milestone', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='extensions', to='projects.milestone')),
            ],
            options={
                'ordering': ['-asked_at'],
            },
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('state', models.CharField(choices=[('open', 'Waiting for the student'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('expired', 'Lapsed'), ('withdrawn', 'Withdrawn')], default='open', max_length=10)),
                ('message', models.TextField(blank=True, max_length=1200)),
                ('start_on', models.DateField()),
                ('due_on', models.DateField()),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('expires_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('decline_note', models.TextField(blank=True, max_length=600)),
                ('terms', models.JSONField(default=dict)),
                ('text', models.TextField(blank=True)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='projects.application')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.AddField(
            model_name='engagement',
            name='offer',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='engagement', to='projects.offer'),
        ),
        migrations.CreateModel(
            name='Project',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in_review', 'Being read by a moderator'), ('published', 'Open'), ('closed', 'Closed')], default='draft', max_length=10)),
                ('closed_reason', models.CharField(blank=True, choices=[('filled', 'Somebody was hired'), ('expired', 'The window ended'), ('silent', 'The employer did not respond'), ('cancelled', 'Cancelled by the employer'), ('removed', 'Removed by a moderator')], max_length=10)),
                ('template_slug', models.CharField(blank=True, max_length=60)),
                ('step', models.PositiveSmallIntegerField(default=1)),
                ('title', models.CharField(blank=True, max_length=120)),
                ('function', models.CharField(blank=True, choices=[('marketing', 'Marketing'), ('research', 'Research'), ('sales', 'Sales'), ('data', 'Data'), ('engineering', 'Engineering'), ('design', 'Design'), ('operations', 'Operations'), ('finance', 'Finance'), ('hr', 'People (HR)'), ('policy', 'Policy'), ('writing', 'Writing'), ('support', 'Customer support')], max_length=20)),
                ('summary', models.TextField(blank=True, max_length=4000, verbose_name='what needs doing, and why')),
                ('outcome', models.CharField(blank=True, max_length=300, verbose_name='what is true when it is done')),
                ('deliverables', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                ('good_to_know', models.TextField(blank=True, max_length=1500, verbose_name='good to know')),
                ('hours', models.DecimalField(decimal_places=1, default=Decimal('0'), max_digits=5)),
                ('price', models.PositiveIntegerField(default=0)),
                ('currency', models.CharField(default='USD', max_length=3)),
                ('fee_bp', models.PositiveIntegerField(default=1000)),
                ('start_on', models.DateField(blank=True, null=True, verbose_name='agreed start')),
                ('due_on', models.DateField(blank=True, null=True)),
                ('zone', models.CharField(default='America/New_York', max_length=60, verbose_name='time zone')),
                ('net_pay', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(models.F('price'), models.BigIntegerField()), '-', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(models.F('price'), models.BigIntegerField()), '*', models.F('fee_bp')), '+', models.Value(4999)), '+', django.db.models.functions.math.Mod(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(models.F('price'), models.BigIntegerField()), '*', models.F('fee_bp')), '/', models.Value(10000)), models.Value(2), output_field=models.BigIntegerField())), '/', models.Value(10000))), output_field=models.BigIntegerField())),
                ('net_hourly', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(django.db.models.functions.math.Floor(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(models.F('price'), models.BigIntegerField()), '-', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(models.F('price'), models.BigIntegerField()), '*', models.F('fee_bp')), '+', models.Value(4999)), '+', django.db.models.functions.math.Mod(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(models.F('price'), models.BigIntegerField()), '*', models.F('fee_bp')), '/', models.Value(10000)), models.Value(2), output_field=models.BigIntegerField())), '/', models.Value(10000))), models.DecimalField(decimal_places=0, max_digits=12)), '/', django.db.models.functions.comparison.NullIf(models.F('hours'), models.Value(0, output_field=models.DecimalField(decimal_places=1, max_digits=5))))), models.BigIntegerField()), output_field=models.BigIntegerField(null=True))),
                ('location_mode', models.CharField(choices=[('remote', 'Remote'), ('hybrid', 'Partly on site'), ('onsite', 'On site')], default='remote', max_length=10)),
                ('location', models.CharField(blank=True, max_length=120)),
                ('ai_rule', models.CharField(choices=[('allowed', 'AI tools are welcome'), ('disclose', 'AI tools are fine, say where'), ('forbidden', 'No AI tools')], default='disclose', max_length=10, verbose_name='AI tools')),
                ('show_right', models.CharField(choices=[('full', 'May show the work'), ('anonymised', 'May show it without names'), ('none', 'May not show it')], default='full', max_length=12, verbose_name="the student's right to show the work")),
                ('work_authorisation', models.BooleanField(default=False, verbose_name='only students who may work in this country')),
                ('names_hidden', models.BooleanField(default=True, verbose_name='hide names and schools for the first look')),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('updated_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('apply_by', models.DateTimeField(blank=True, null=True)),
                ('answer_by', models.DateTimeField(blank=True, null=True)),
                ('closes_silently_at', models.DateTimeField(blank=True, null=True)),
                ('extended_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('paused_at', models.DateTimeField(blank=True, null=True)),
                ('strike_lifted_at', models.DateTimeField(blank=True, null=True)),
                ('application_cap', models.PositiveSmallIntegerField(default=25)),
                ('application_count', models.PositiveIntegerField(default=0)),
                ('search', django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='projects', to='accounts.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='PlannedMilestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=120)),
                ('outcome', models.CharField(blank=True, max_length=300)),
                ('done_when', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                ('hours', models.DecimalField(decimal_places=1, default=Decimal('0'), max_digits=5)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='milestones', to='projects.project')),
            ],
            options={
                'ordering': ['order'],
            },
        ),
        migrations.AddField(
            model_name='offer',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='projects.project'),
        ),
        migrations.CreateModel(
            name='ModerationDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('published', 'Published'), ('sent_back', 'Sent back with reasons'), ('removed', 'Removed'), ('paused', 'Paused'), ('resumed', 'Shown again')], max_length=10)),
                ('reasons', models.TextField(blank=True)),
                ('approves_below_floor', models.BooleanField(default=False)),
                ('approves_hours', models.BooleanField(default=False)),
                ('at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='projects.project')),
            ],
            options={
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='MatchWave',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('told', models.PositiveSmallIntegerField(default=0)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='match_waves', to='projects.project')),
            ],
        ),
        migrations.AddField(
            model_name='engagement',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to='projects.project'),
        ),
        migrations.CreateModel(
            name='Bookmark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('reminded_for', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bookmarks', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bookmarks', to='projects.project')),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.AddField(
            model_name='application',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='projects.project'),
        ),
        migrations.CreateModel(
            name='ProjectSkill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('must', models.BooleanField(default=True, verbose_name='needed')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='project_skills', to='projects.project')),
                ('skill', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.skill')),
            ],
            options={
                'ordering': ['-must', 'id'],
            },
        ),
        migrations.AddField(
            model_name='project',
            name='skills',
            field=models.ManyToManyField(related_name='+', through='projects.ProjectSkill', to='accounts.skill'),
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('order', models.PositiveSmallIntegerField()),
                ('text', models.CharField(max_length=300)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='projects.project')),
            ],
            options={
                'ordering': ['order'],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(blank=True, max_length=1500)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='projects.application')),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='projects.question')),
            ],
            options={
                'ordering': ['question__order'],
            },
        ),
        migrations.CreateModel(
            name='ReadMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('engagement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='read_marks', to='projects.engagement')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('reason', models.CharField(choices=[('fraud', 'It looks like a fraud'), ('unpaid', 'It asks for unpaid work'), ('unsafe', 'It is unsafe or illegal'), ('discrimination', 'It shuts people out unfairly'), ('harassment', 'Somebody is being harassed'), ('contact', 'It moves people off the site'), ('other', 'Something else')], max_length=16)),
                ('text', models.TextField(blank=True, max_length=2000, verbose_name='what happened')),
                ('state', models.CharField(choices=[('open', 'To be answered'), ('upheld', 'Upheld'), ('dismissed', 'Dismissed')], default='open', max_length=10)),
                ('created_at', models.DateTimeField(default=marketplace.ground.clock.now, editable=False)),
                ('answer_by', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.TextField(blank=True, max_length=1500, verbose_name='what we did')),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='projects.message')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reports_about', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='projects.project')),
                ('reporter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reports', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('side', models.CharField(choices=[('employer', 'The employer'), ('student', 'The student')], max_length=10)),
                ('score', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)])),
                ('again', models.BooleanField(verbose_name='would work together again')),
                ('text', models.TextField(blank=True, max_length=1500)),
                ('at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('public_at', models.DateTimeField(blank=True, null=True)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('engagement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='projects.engagement')),
            ],
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('version', models.PositiveSmallIntegerField()),
                ('note', models.TextField(blank=True, max_length=3000)),
                ('links', django.contrib.postgres.fields.ArrayField(base_field=models.URLField(max_length=500), blank=True, default=list, size=None)),
                ('ai_note', models.CharField(blank=True, max_length=500, verbose_name='where AI tools were used')),
                ('hours', models.DecimalField(blank=True, decimal_places=1, max_digits=5, null=True, verbose_name='hours it took')),
                ('late', models.BooleanField(default=False)),
                ('at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('milestone', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='submissions', to='projects.milestone')),
            ],
            options={
                'ordering': ['-version'],
            },
        ),
        migrations.CreateModel(
            name='ChangeRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('round', models.PositiveSmallIntegerField()),
                ('points', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=500), size=None)),
                ('due_at', models.DateTimeField()),
                ('at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('milestone', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='change_requests', to='projects.milestone')),
                ('submission', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='change_request', to='projects.submission')),
            ],
            options={
                'ordering': ['-round'],
            },
        ),
        migrations.CreateModel(
            name='SubmissionFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('file', models.FileField(upload_to='work/')),
                ('name', models.CharField(max_length=120)),
                ('size', models.PositiveIntegerField()),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='projects.submission')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='ContractorCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('state', models.CharField(choices=[('asked', 'Waiting for a moderator'), ('allowed', 'Agreed'), ('refused', 'Not agreed')], default='asked', max_length=10)),
                ('why', models.TextField(max_length=600, verbose_name='why the same person again')),
                ('asked_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.TextField(blank=True, max_length=1500, verbose_name='what the employer reads')),
                ('application', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='contractor_check', to='projects.application')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'repeat hire',
                'indexes': [models.Index(condition=models.Q(('state', 'asked')), fields=['asked_at'], name='contractor_check_queue')],
            },
        ),
        migrations.CreateModel(
            name='Credential',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', marketplace.ground.models.PublicId()),
                ('claims', models.JSONField()),
                ('issued_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('in_portfolio', models.BooleanField(default=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='credentials', to=settings.AUTH_USER_MODEL)),
                ('engagement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='credential', to='projects.engagement')),
            ],
            options={
                'ordering': ['-issued_at'],
                'indexes': [models.Index(fields=['student', '-issued_at'], name='projects_cr_student_1857e3_idx')],
            },
        ),
        migrations.CreateModel(
            name='Cancellation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('employer', 'The employer'), ('student', 'The student'), ('clock', 'The clock')], max_length=10)),
                ('note', models.TextField(blank=True, max_length=1000)),
                ('asked_at', models.DateTimeField(default=marketplace.ground.clock.now)),
                ('settles_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('basis', models.CharField(blank=True, choices=[('nothing', 'Nothing more is due'), ('kickoff', 'It never started, and the employer was the cause'), ('submitted', 'The work that was handed in'), ('elapsed', 'The time that had passed'), ('minimum', 'The least that is due')], max_length=10)),
                ('pays', models.PositiveIntegerField(default=0)),
                ('refunds', models.PositiveIntegerField(default=0)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('engagement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='cancellation', to='projects.engagement')),
            ],
            options={
                'ordering': ['-asked_at'],
                'indexes': [models.Index(condition=models.Q(('settled_at', None)), fields=['settles_at'], name='cancellation_due')],
            },
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['engagement', '-at', '-id'], name='projects_me_engagem_e48ffa_idx'),
        ),
        migrations.AddIndex(
            model_name='milestone',
            index=models.Index(condition=models.Q(('state', 'submitted')), fields=['review_ends_at'], name='milestone_review'),
        ),
        migrations.AddIndex(
            model_name='milestone',
            index=models.Index(condition=models.Q(('state__in', ['in_progress', 'changes_requested'])), fields=['due_at'], name='milestone_due'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.UniqueConstraint(fields=('engagement', 'order'), name='one_work_milestone_per_place'),
        ),
        migrations.AddIndex(
            model_name='extension',
            index=models.Index(condition=models.Q(('state', 'asked')), fields=['answer_by'], name='extension_asked'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('milestone',), name='one_open_extension'),
        ),
        migrations.AddConstraint(
            model_name='plannedmilestone',
            constraint=models.UniqueConstraint(fields=('project', 'order'), name='one_milestone_per_place'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['expires_at'], name='offer_open'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('project',), name='one_open_offer_per_project'),
        ),
        migrations.AddConstraint(
            model_name='matchwave',
            constraint=models.UniqueConstraint(fields=('project', 'number'), name='one_wave_of_a_number'),
        ),
        migrations.AddIndex(
            model_name='engagement',
            index=models.Index(fields=['student', '-created_at'], name='projects_en_student_6ee2a1_idx'),
        ),
        migrations.AddIndex(
            model_name='engagement',
            index=models.Index(fields=['organisation', '-created_at'], name='projects_en_organis_495309_idx'),
        ),
        migrations.AddIndex(
            model_name='engagement',
            index=models.Index(condition=models.Q(('state', 'awaiting_funds')), fields=['fund_by'], name='engagement_unfunded'),
        ),
        migrations.AddIndex(
            model_name='engagement',
            index=models.Index(condition=models.Q(('state', 'funded')), fields=['kickoff_cancel_at'], name='engagement_unstarted'),
        ),
        migrations.AddConstraint(
            model_name='engagement',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['awaiting_funds', 'funded', 'active', 'completed'])), fields=('project',), name='one_live_engagement_per_project'),
        ),
        migrations.AddIndex(
            model_name='bookmark',
            index=models.Index(fields=['project'], name='bookmark_project'),
        ),
        migrations.AddConstraint(
            model_name='bookmark',
            constraint=models.UniqueConstraint(fields=('user', 'project'), name='one_bookmark'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['student', '-saved_at'], name='projects_ap_student_a32eb1_idx'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['project', 'state', 'submitted_at'], name='projects_ap_project_100902_idx'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.UniqueConstraint(fields=('project', 'student'), name='one_application_each'),
        ),
        migrations.AddIndex(
            model_name='projectskill',
            index=models.Index(fields=['skill', 'project'], name='projects_pr_skill_i_47a33a_idx'),
        ),
        migrations.AddConstraint(
            model_name='projectskill',
            constraint=models.UniqueConstraint(fields=('project', 'skill'), name='one_row_per_project_skill'),
        ),
        migrations.AddIndex(
            model_name='project',
            index=models.Index(fields=['organisation', '-updated_at'], name='projects_pr_organis_5b9013_idx'),
        ),
        migrations.AddIndex(
            model_name='project',
            index=models.Index(condition=models.Q(('state', 'published')), fields=['-published_at', '-id'], name='project_open_new'),
        ),
        migrations.AddIndex(
            model_name='project',
            index=models.Index(condition=models.Q(('state', 'published')), fields=['function', '-published_at', '-id'], name='project_open_function'),
        ),
        migrations.AddIndex(
            model_name='project',
            index=models.Index(condition=models.Q(('state', 'published')), fields=['apply_by'], name='project_open_deadline'),
        ),
        migrations.AddIndex(
            model_name='project',
            index=models.Index(condition=models.Q(('state', 'published')), fields=['-net_pay', '-id'], name='project_open_pay'),
        ),
        migrations.AddIndex(
            model_name='project',
            index=models.Index(condition=models.Q(('state', 'published')), fields=['-net_hourly', '-id'], name='project_open_rate'),
        ),
        migrations.AddIndex(
            model_name='project',
            index=models.Index(condition=models.Q(('state', 'published')), fields=['closes_silently_at'], name='project_open_silent'),
        ),
        migrations.AddIndex(
            model_name='project',
            index=models.Index(condition=models.Q(('state', 'in_review')), fields=['sent_at'], name='project_queue'),
        ),
        migrations.AddIndex(
            model_name='project',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='project_search'),
        ),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), _negated=True), models.Q(('closed_reason', ''), _negated=True), _connector='OR'), name='closed_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), models.Q(('apply_by__isnull', False), ('hours__gt', 0), ('price__gt', 0), ('published_at__isnull', False)), _connector='OR'), name='published_is_complete'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(fields=('project', 'order'), name='one_question_per_place'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.UniqueConstraint(fields=('application', 'question'), name='one_answer_per_question'),
        ),
        migrations.AddConstraint(
            model_name='readmark',
            constraint=models.UniqueConstraint(fields=('engagement', 'user'), name='one_read_mark'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('message__isnull', True), ('person__isnull', True), ('project__isnull', False)), models.Q(('message__isnull', True), ('person__isnull', False), ('project__isnull', True)), models.Q(('message__isnull', False), ('person__isnull', True), ('project__isnull', True)), _connector='OR'), name='report_has_one_target'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(condition=models.Q(('project__isnull', False), ('state', 'open')), fields=('reporter', 'project'), name='one_open_report_per_posting'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(condition=models.Q(('person__isnull', False), ('state', 'open')), fields=('reporter', 'person'), name='one_open_report_per_person'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(condition=models.Q(('message__isnull', False), ('state', 'open')), fields=('reporter', 'message'), name='one_open_report_per_message'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(fields=('engagement', 'side'), name='one_review_per_side'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('score__gte', 1), ('score__lte', 5)), name='score_one_to_five'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.UniqueConstraint(fields=('milestone', 'version'), name='one_row_per_version'),
        ),
    ]
