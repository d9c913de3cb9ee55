"""A migration may run while the release before still answers, and holds no table for long."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models.fields import NOT_PROVIDED

OURS = ("accounts", "api", "headshots", "hooks", "integrations", "kits", "operations")
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


def faults(migration, before=None):
    """What is wrong with a migration, in words; `before`: the models that it finds."""
    new = {one.name_lower for one in migration.operations if type(one) is migrations.CreateModel}
    for one in migration.operations:
        table = getattr(one, "model_name_lower", getattr(one, "model_name", "")).lower()
        if table in new or _is_of_words_only(one, before, migration.app_label):
            continue
        if fault := _fault(one, atomic=migration.atomic):
            yield f"{one.describe()}: {fault}"


def _is_of_words_only(one, before, app):
    """Whether the database hears nothing of a changed field: its choices, its help."""
    if not isinstance(one, migrations.AlterField) or before is None:
        return False
    old = before.models[app, one.model_name_lower].get_field(one.name)
    return _heard(old) == _heard(one.field)


def _heard(field):
    _, path, args, told = field.deconstruct()
    kept = {name: value for name, value in told.items() if name not in field.non_db_attrs}
    return path, args, kept


def _fault(one, *, atomic):
    if isinstance(one, migrations.RemoveConstraint):
        return ""  # the release before kept to it
    if isinstance(one, LOSES):
        return "the release before still reads it; drop it one release later"
    if isinstance(one, REWRITES):
        return "may rewrite or lock a table; add beside it and fill it in pieces"
    if isinstance(one, migrations.AddField) and not _may_be_left_out(one.field):
        return "the release before writes rows without it: null=True or db_default"
    concurrently = type(one).__name__.endswith("Concurrently") and not atomic
    if isinstance(one, ADDS) and not concurrently:
        return "locks a table that is in use: CONCURRENTLY, in a migration that is not atomic"
    return ""


def _may_be_left_out(field):
    return field.many_to_many or field.null or field.db_default is not NOT_PROVIDED


def written():
    return {key: one for key, one in LOADER.disk_migrations.items() if key[0] in OURS}


@pytest.mark.parametrize("key", sorted(written()), ids="-".join)
def test_migration_lets_the_release_before_go_on(key):
    found = list(faults(written()[key], LOADER.project_state(key, at_end=False)))
    assert bool(found) == (key in BEFORE_ANY_RELEASE), found


def test_every_app_of_ours_is_looked_at():
    ours = {
        config.label
        for config in apps.get_app_configs()
        if config.name.split(".")[0] in {"branding", "headshots", "integrations"}
    }
    assert {label for label, _ in written()} <= set(OURS) <= ours


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
]
GOOD = [
    migrations.AddField("photo", "mood", models.CharField(max_length=9, null=True)),
    migrations.AddField("photo", "mood", models.CharField(max_length=9, db_default="")),
    migrations.CreateModel("Mood", []),
    AddIndexConcurrently("photo", INDEX),
]


def migration_of(*operations, atomic=True):
    made = migrations.Migration("0009_made", "headshots")
    made.operations, made.atomic = list(operations), atomic
    return made


@pytest.mark.parametrize("operation", BAD, ids=lambda one: one.describe())
def test_what_would_stop_the_release_before_is_found(operation):
    assert len(list(faults(migration_of(operation)))) == 1


@pytest.mark.parametrize("operation", GOOD, ids=lambda one: one.describe())
def test_what_it_can_live_with_is_not(operation):
    assert list(faults(migration_of(operation, atomic=False))) == []


def test_table_that_is_new_may_have_anything():
    made = migration_of(migrations.CreateModel("Photo", []), migrations.AddIndex("photo", INDEX))
    assert list(faults(made)) == []
