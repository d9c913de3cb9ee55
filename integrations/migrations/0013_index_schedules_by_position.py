"""Find schedules that a clock far ahead has moved; the table stays writable meanwhile."""

from typing import Any

from django.db import migrations, models


class AddIndexConcurrently(migrations.AddIndex):
    """Adds an index without a lock on PostgreSQL, and as usual on SQLite."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Create the index."""
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        schema_editor.add_index(model, self.index, concurrently=True)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("integrations", "0012_publication_backup_error")]

    operations = [
        AddIndexConcurrently(
            model_name="schedule",
            index=models.Index(
                condition=models.Q(("state", "active")),
                fields=["counted_from"],
                name="schedule_counted_from",
            ),
        ),
    ]
