from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0004_open_projects'),
    ]

    operations = [
        migrations.AlterField(
            model_name='engagement',
            name='end_reason',
            field=models.CharField(blank=True, choices=[('done', 'All milestones approved'), ('no_funds', 'The funds were not secured in time'), ('no_kickoff', 'It never started'), ('by_employer', 'Cancelled by the employer'), ('by_student', 'Cancelled by the student'), ('by_moderator', 'Cancelled by a moderator'), ('payment', 'The payment went back'), ('limit', 'The funds were held as long as the rules allow')], max_length=12),
        ),
    ]
