"""Webhooks can subscribe to what becomes of questions to other people."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hooks", "0003_plain_field_names")]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="event",
            field=models.CharField(
                choices=[
                    ("render.finished", "a sheet is finished"),
                    ("publication.verified", "a picture was seen at a profile"),
                    ("publication.failed", "a platform refused a picture"),
                    ("publication.needs_you", "a profile needs you"),
                    ("publication.drifted", "somebody changed a profile by hand"),
                    ("schedule.asks", "a schedule asks before it sends"),
                    ("jury.decided", "people you asked have decided"),
                    ("jury.ended", "a question to other people ended"),
                    ("connection.ending", "a connection ends soon"),
                    ("webhook.test", "a test"),
                ],
                max_length=40,
            ),
        ),
    ]
