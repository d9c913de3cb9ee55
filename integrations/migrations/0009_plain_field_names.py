"""Give fields plain names; the columns keep theirs, so the release before can still use them."""

from django.db import migrations, models


def renamed(model_name, old_name, new_name, field):
    """Return the state operations for a field that has another name than its column."""
    return [
        migrations.RenameField(model_name, old_name, new_name),
        migrations.AlterField(model_name, new_name, field),
    ]


def message():
    return models.CharField(blank=True, db_column="words", max_length=300)


def poll_count():
    return models.PositiveSmallIntegerField(db_column="looks", default=0)


class Migration(migrations.Migration):
    dependencies = [("integrations", "0008_public_addresses")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                *renamed("publication", "words", "message", message()),
                *renamed("attempt", "words", "message", message()),
                *renamed("run", "words", "message", message()),
                *renamed("publication", "looks", "poll_count", poll_count()),
                *renamed("handoff", "looks", "poll_count", poll_count()),
                migrations.RemoveIndex("handoff", "handoff_looked_for"),
                *renamed(
                    "handoff",
                    "look_at",
                    "next_poll_at",
                    models.DateTimeField(db_column="look_at", null=True),
                ),
                migrations.AddIndex(
                    "handoff",
                    models.Index(
                        condition=models.Q(("next_poll_at", None), _negated=True),
                        fields=["next_poll_at"],
                        name="handoff_looked_for",
                    ),
                ),
            ]
        )
    ]
