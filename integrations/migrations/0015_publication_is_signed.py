"""Whether a file that was sent carries content credentials.

The column may be left out, so that the previous release can still write publications.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("integrations", "0014_known_certificates"),
    ]

    operations = [
        migrations.AddField(
            model_name="publication",
            name="is_signed",
            field=models.BooleanField(editable=False, null=True),
        ),
    ]
