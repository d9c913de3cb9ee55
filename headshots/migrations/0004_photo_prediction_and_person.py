"""What a photo will give, and which photos show one person.

Every column may be left out, so that the previous release can still add photos.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("headshots", "0003_paints"),
    ]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="prediction",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="photo",
            name="person",
            field=models.UUIDField(editable=False, null=True),
        ),
    ]
