"""Let a person turn off the letters about their profiles and schedules."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_trials")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="receives_notices",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
