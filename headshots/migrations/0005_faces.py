"""The faces in a photo, the chosen one, and the ones that a render was started with.

Every column may be left out, so that the previous release can still add photos and renders.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("headshots", "0004_photo_prediction_and_person"),
    ]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="faces",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="photo",
            name="face",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="render",
            name="faces",
            field=models.JSONField(null=True),
        ),
    ]
