"""Let a person choose the language of pages and emails."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_notices")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
    ]
