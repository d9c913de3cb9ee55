from django.db import migrations, models


class Migration(migrations.Migration):
    """Room for what a photo shows; photos that were checked before keep None."""

    dependencies = [
        ("headshots", "0006_variant_evidence"),
    ]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="appearance",
            field=models.JSONField(null=True),
        ),
    ]
