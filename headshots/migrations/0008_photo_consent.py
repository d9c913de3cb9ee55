"""When the uploader of a photo said that they may use it, and by which words.

Both columns may be left out, so that the previous release can still add photos.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('headshots', '0007_photo_appearance'),
    ]

    operations = [
        migrations.AddField(
            model_name='photo',
            name='consent_version',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=10),
        ),
        migrations.AddField(
            model_name='photo',
            name='consented_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
