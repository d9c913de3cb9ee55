"""Which version of Facet this is, and which versions a database and a backup are of."""

from collections.abc import Iterable
from typing import Final

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

OWN_PACKAGES: Final = ("branding", "headshots", "integrations")
Migration = tuple[str, str]  # label of the app, name of the migration


def applied_migrations() -> set[Migration]:
    """Return the migrations that were applied to the database."""
    return set(MigrationRecorder(connection).applied_migrations())


def unknown_migrations(applied: Iterable[Migration]) -> list[Migration]:
    """Return those of our own migrations that this program does not have: a newer one made them.

    Migrations of libraries do not count, since their versions change without ours.
    """
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    return sorted(
        migration for migration in set(applied) - known if migration[0] in _own_app_labels()
    )


def _own_app_labels() -> set[str]:
    return {
        config.label
        for config in apps.get_app_configs()
        if config.name.split(".")[0] in OWN_PACKAGES
    }
