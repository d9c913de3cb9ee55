"""Whether files of a headshot with a painted face are marked; the release before leaves it out."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("headshots", "0008_photo_consent"),
    ]

    operations = [
        migrations.AddField(
            model_name="variant",
            name="visible_mark",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
