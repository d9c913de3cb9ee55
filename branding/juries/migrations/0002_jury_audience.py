"""Whom a question is sent to; the release before leaves it out, and means strangers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("juries", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="jury",
            name="audience",
            field=models.CharField(
                choices=[
                    ("strangers", "people who do not know me"),
                    ("friends", "people who know me"),
                ],
                db_default="strangers",
                default="strangers",
                max_length=10,
            ),
        ),
    ]
