"""Questions to other people about headshots, and their votes."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import branding.juries.models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("headshots", "0006_variant_evidence"),
    ]

    operations = [
        migrations.CreateModel(
            name="Jury",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("question", models.CharField(max_length=120)),
                ("token", models.CharField(default=branding.juries.models.create_token, max_length=40, unique=True)),
                ("salt", models.CharField(default=branding.juries.models.create_token, max_length=40)),
                ("voter_limit", models.PositiveSmallIntegerField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("render", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="juries", to="headshots.render")),
            ],
            options={"ordering": ["-created_at"]},
        ),
        migrations.CreateModel(
            name="JuryPicture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("jury", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="pictures", to="juries.jury")),
                ("variant", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="headshots.variant")),
            ],
            options={
                "ordering": ["position"],
                "constraints": [models.UniqueConstraint(fields=("jury", "position"), name="jury_position_once")],
            },
        ),
        migrations.AddField(
            model_name="jury",
            name="variants",
            field=models.ManyToManyField(related_name="juries", through="juries.JuryPicture", to="headshots.variant"),
        ),
        migrations.CreateModel(
            name="JuryVote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("voter", models.CharField(max_length=64)),
                ("number", models.PositiveSmallIntegerField()),
                ("jury", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="votes", to="juries.jury")),
                ("winner", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="juries.jurypicture")),
                ("loser", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="juries.jurypicture")),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [models.UniqueConstraint(fields=("jury", "voter", "number"), name="jury_vote_once")],
            },
        ),
    ]
