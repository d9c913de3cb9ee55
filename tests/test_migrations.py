"""A migration may run while the release before still answers, and holds no table for long."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models.fields import NOT_PROVIDED

OURS = (
    "accounts",
    "advice",
    "api",
    "headshots",
    "hooks",
    "integrations",
    "juries",
    "kits",
    "operations",
)
# Before the first release there was nobody to lock out. Nothing is added here after it: a change
# that cannot be made in one step is made in two releases, first to write both, then to drop one.
BEFORE_ANY_RELEASE = {
    ("headshots", "0003_paints"),
    ("integrations", "0003_choice_of_account"),
    ("integrations", "0008_public_addresses"),
}
LOSES = (
    migrations.DeleteModel,
    migrations.RemoveField,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
REWRITES = (migrations.AlterField, migrations.RunPython, migrations.RunSQL)
LOADER = MigrationLoader(None)
ADDS = (migrations.AddConstraint, migrations.AddIndex, migrations.AlterUniqueTogether)


def database_operations(migration):
    """The operations that reach the database: of a separate state, only its database half."""
    for operation in migration.operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from operation.database_operations
        else:
            yield operation


def find_faults(migration, before=None):
    """What is wrong with a migration, in words; `before`: the models that it finds."""
    new = {
        operation.name_lower
        for operation in migration.operations
        if type(operation) is migrations.CreateModel
    }
    for operation in database_operations(migration):
        table = getattr(operation, "model_name_lower", getattr(operation, "model_name", "")).lower()
        if table in new or _changes_no_column(operation, before, migration.app_label):
            continue
        if fault := _fault(operation, atomic=migration.atomic):
            yield f"{operation.describe()}: {fault}"


def _changes_no_column(operation, before, app):
    """Whether the database hears nothing of a changed field: its choices, its help."""
    if not isinstance(operation, migrations.AlterField) or before is None:
        return False
    old = before.models[app, operation.model_name_lower].get_field(operation.name)
    return _column_definition(old) == _column_definition(operation.field)


def _column_definition(field):
    _, path, args, options = field.deconstruct()
    kept = {name: value for name, value in options.items() if name not in field.non_db_attrs}
    return path, args, kept


def _fault(operation, *, atomic):
    if isinstance(operation, migrations.RemoveConstraint):
        return ""  # the release before kept to it
    if isinstance(operation, LOSES):
        return "the release before still reads it; drop it one release later"
    if isinstance(operation, REWRITES):
        return "may rewrite or lock a table; add beside it and fill it in pieces"
    if isinstance(operation, migrations.AddField) and not _may_be_left_out(operation.field):
        return "the release before writes rows without it: null=True or db_default"
    concurrently = type(operation).__name__.endswith("Concurrently") and not atomic
    if isinstance(operation, ADDS) and not concurrently:
        return "locks a table that is in use: CONCURRENTLY, in a migration that is not atomic"
    return ""


def _may_be_left_out(field):
    return field.many_to_many or field.null or field.db_default is not NOT_PROVIDED


def own_migrations():
    return {key: migration for key, migration in LOADER.disk_migrations.items() if key[0] in OURS}


@pytest.mark.parametrize("key", sorted(own_migrations()), ids="-".join)
def test_migration_lets_the_release_before_go_on(key):
    faults = list(find_faults(own_migrations()[key], LOADER.project_state(key, at_end=False)))
    assert bool(faults) == (key in BEFORE_ANY_RELEASE), faults


def test_every_app_of_ours_is_looked_at():
    ours = {
        config.label
        for config in apps.get_app_configs()
        if config.name.split(".")[0] in {"branding", "headshots", "integrations"}
    }
    assert {label for label, _ in own_migrations()} <= set(OURS) <= ours


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


class AddIndexConcurrently(migrations.AddIndex):
    """As django.contrib.postgres has it."""


INDEX = models.Index(fields=["at"], name="by_time")
BAD = [
    migrations.AddField("photo", "mood", models.CharField(max_length=9)),
    migrations.AddField("photo", "mood", models.CharField(max_length=9, default="")),
    migrations.RemoveField("photo", "mood"),
    migrations.RenameField("photo", "mood", "temper"),
    migrations.RenameModel("Photo", "Picture"),
    migrations.DeleteModel("Photo"),
    migrations.AlterField("photo", "mood", models.TextField()),
    migrations.AddIndex("photo", INDEX),
    migrations.RunSQL("UPDATE photo SET mood = ''"),
    migrations.SeparateDatabaseAndState([migrations.RemoveField("photo", "mood")]),
]
GOOD = [
    migrations.AddField("photo", "mood", models.CharField(max_length=9, null=True)),
    migrations.AddField("photo", "mood", models.CharField(max_length=9, db_default="")),
    migrations.CreateModel("Mood", []),
    AddIndexConcurrently("photo", INDEX),
    migrations.SeparateDatabaseAndState(
        state_operations=[migrations.RenameField("photo", "mood", "temper")]
    ),
]


def migration_of(*operations, atomic=True):
    migration = migrations.Migration("0009_made", "headshots")
    migration.operations, migration.atomic = list(operations), atomic
    return migration


@pytest.mark.parametrize("operation", BAD, ids=lambda operation: operation.describe())
def test_what_would_stop_the_release_before_is_found(operation):
    assert len(list(find_faults(migration_of(operation)))) == 1


@pytest.mark.parametrize("operation", GOOD, ids=lambda operation: operation.describe())
def test_what_it_can_live_with_is_not(operation):
    assert list(find_faults(migration_of(operation, atomic=False))) == []


def test_table_that_is_new_may_have_anything():
    migration = migration_of(
        migrations.CreateModel("Photo", []), migrations.AddIndex("photo", INDEX)
    )
    assert list(find_faults(migration)) == []
