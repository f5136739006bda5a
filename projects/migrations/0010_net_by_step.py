"""The student's net of a posting in whole steps of its currency. A generated column is made anew, not altered."""

import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.math
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0009_waves_told'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='project', name='project_open_pay'),
        migrations.RemoveIndex(model_name='project', name='project_open_rate'),
        migrations.RemoveField(model_name='project', name='net_pay'),
        migrations.RemoveField(model_name='project', name='net_hourly'),
        migrations.AddField(
            model_name='project',
            name='net_pay',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(models.F('price'), models.BigIntegerField()), '-', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(models.F('price'), models.BigIntegerField()), '*', models.F('fee_bp')), '+', django.db.models.expressions.CombinedExpression(models.Case(models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=models.Value(10)), default=models.Value(1), output_field=models.BigIntegerField()), '*', models.Value(5000))), '-', models.Value(1)), '+', django.db.models.functions.math.Mod(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(models.F('price'), models.BigIntegerField()), '*', models.F('fee_bp')), '/', django.db.models.expressions.CombinedExpression(models.Case(models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=models.Value(10)), default=models.Value(1), output_field=models.BigIntegerField()), '*', models.Value(10000))), models.Value(2), output_field=models.BigIntegerField())), '/', django.db.models.expressions.CombinedExpression(models.Case(models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=models.Value(10)), default=models.Value(1), output_field=models.BigIntegerField()), '*', models.Value(10000))), '*', models.Case(models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=models.Value(10)), default=models.Value(1), output_field=models.BigIntegerField()))), output_field=models.BigIntegerField()),
        ),
        migrations.AddField(
            model_name='project',
            name='net_hourly',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(django.db.models.functions.math.Floor(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(models.F('price'), models.BigIntegerField()), '-', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(models.F('price'), models.BigIntegerField()), '*', models.F('fee_bp')), '+', django.db.models.expressions.CombinedExpression(models.Case(models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=models.Value(10)), default=models.Value(1), output_field=models.BigIntegerField()), '*', models.Value(5000))), '-', models.Value(1)), '+', django.db.models.functions.math.Mod(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(models.F('price'), models.BigIntegerField()), '*', models.F('fee_bp')), '/', django.db.models.expressions.CombinedExpression(models.Case(models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=models.Value(10)), default=models.Value(1), output_field=models.BigIntegerField()), '*', models.Value(10000))), models.Value(2), output_field=models.BigIntegerField())), '/', django.db.models.expressions.CombinedExpression(models.Case(models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=models.Value(10)), default=models.Value(1), output_field=models.BigIntegerField()), '*', models.Value(10000))), '*', models.Case(models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=models.Value(10)), default=models.Value(1), output_field=models.BigIntegerField()))), models.DecimalField(decimal_places=0, max_digits=12)), '/', django.db.models.functions.comparison.NullIf(models.F('hours'), models.Value(0, output_field=models.DecimalField(decimal_places=1, max_digits=5))))), models.BigIntegerField()), output_field=models.BigIntegerField(null=True)),
        ),
        migrations.AddIndex(
            model_name='project',
            index=models.Index(condition=models.Q(('state', 'published')), fields=['-net_pay', '-id'], name='project_open_pay'),
        ),
        migrations.AddIndex(
            model_name='project',
            index=models.Index(condition=models.Q(('state', 'published')), fields=['-net_hourly', '-id'], name='project_open_rate'),
        ),
    ]
