"""Key client apps by their scopes, too; the release before registers without naming any."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0009_plain_field_names")]

    operations = [
        migrations.AddField(
            model_name="registration",
            name="scopes",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
        migrations.RemoveConstraint(model_name="registration", name="registered_once"),
    ]
