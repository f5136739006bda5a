from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sandbox", "0001_initial")]

    operations = [
        migrations.AddField(model_name="fault", name="share", field=models.FloatField(default=1)),
    ]
