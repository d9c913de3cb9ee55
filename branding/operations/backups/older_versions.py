"""Rows of an older version, brought up to date in a temporary database.

The database is migrated to the state in which the backup was made, filled, and migrated onward by
the same migrations that an installation would have run. Its rows are then those of this version.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from django.apps.registry import Apps
from django.core.serializers import base
from django.core.serializers.python import Deserializer
from django.db import connections, models, transaction
from django.db.migrations.executor import MigrationExecutor

from branding.operations.backups.rows import Row, write_rows
from branding.operations.versions import Migration

ALIAS: Final = "older_version"


class _HistoricalDeserializer(Deserializer):
    """Makes instances of the models that an older version had."""

    def __init__(self, rows: Iterable[Row], *, historical_apps: Apps) -> None:
        super().__init__(rows, using=ALIAS, ignorenonexistent=True)
        self.historical_apps = historical_apps

    def _get_model_from_node(self, model_identifier: str) -> type[models.Model]:
        try:
            return self.historical_apps.get_model(model_identifier)
        except LookupError as error:
            raise base.DeserializationError(f"There was no model {model_identifier}.") from error


def update_rows(rows: Iterable[Row], migrations: Iterable[Migration], target: IO[bytes]) -> None:
    """Write the rows of an older version to `target` as this version would have written them.

    `migrations` are those that had been applied where the rows come from.
    """
    with _temporary_database() as connection:
        executor = MigrationExecutor(connection)
        targets = _last_migrations(executor, set(migrations))
        state = executor.migrate(targets)
        with connection.constraint_checks_disabled(), transaction.atomic(using=ALIAS):
            for row in _HistoricalDeserializer(rows, historical_apps=state.apps):
                row.save(using=ALIAS)
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
        write_rows(target, using=ALIAS)


@contextmanager
def _temporary_database() -> Iterator[Any]:
    """Provide a connection to an empty SQLite database, which is deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="facet-restore-") as folder:
        connections.settings[ALIAS] = connections.settings["default"] | {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(Path(folder) / "rows.sqlite3"),
            "OPTIONS": {},
        }
        try:
            yield connections[ALIAS]
        finally:
            connections[ALIAS].close()
            del connections[ALIAS]
            del connections.settings[ALIAS]


def _last_migrations(executor: MigrationExecutor, applied: set[Migration]) -> Sequence[Migration]:
    """Return the applied migrations of each app that no other applied one of it follows."""
    graph = executor.loader.graph
    known = applied & set(graph.nodes)
    return sorted(
        node
        for node in known
        if not any(
            child.key[0] == node[0] and child.key in known
            for child in graph.node_map[node].children
        )
    )
