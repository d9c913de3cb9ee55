"""Give a field a plain name; its column keeps its own, so the release before can still use it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hooks", "0002_asks")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("delivery", "words", "message"),
                migrations.AlterField(
                    "delivery",
                    "message",
                    models.CharField(blank=True, db_column="words", max_length=300),
                ),
            ]
        )
    ]
