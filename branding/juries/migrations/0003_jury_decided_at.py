"""Note when a jury was decided; the release before leaves it empty."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("juries", "0002_jury_audience")]

    operations = [
        migrations.AddField(
            model_name="jury",
            name="decided_at",
            field=models.DateTimeField(null=True),
        ),
    ]
