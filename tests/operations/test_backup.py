"""A backup holds every row and file, and puts all of them back, or nothing."""

import io

import pytest
from django.core import serializers
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from oauth2_provider.models import AccessToken, RefreshToken

from branding.api.services import register
from branding.operations import backup
from branding.operations.backup import RestoreError, every_model
from branding.operations.files import names
from headshots.services import photos
from integrations.vault import Unreadable, lock, unlock
from tests.support.memory_platform import connected, put_in_registry
from tests.support.people import let_in, person, photo_of, sheet_of

pytestmark = pytest.mark.django_db(transaction=True)
DIARY = "https://diary.example/back"


@pytest.fixture(autouse=True)
def place(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def full(monkeypatch):
    """Somebody with photos, headshots, a connected account and an application let in."""
    put_in_registry(monkeypatch)
    alice = person()
    sheet_of(alice, photo_of(alice))
    connected(alice)
    application, _ = register(
        alice, "Diary", website=DIARY, redirects=[DIARY], is_confidential=True
    )
    let_in(alice, application)
    AccessToken.objects.update(source_refresh_token=RefreshToken.objects.get())  # each names other
    return alice


def rows():
    return {
        model._meta.label: serializers.serialize("python", model._base_manager.order_by("pk"))
        for model in every_model()
    }


def files():
    return {name: default_storage.open(name).read() for name in names(default_storage)}


def written(**options):
    target = io.BytesIO()
    backup.write(target, **options)
    target.seek(0)
    return target


def test_every_row_and_file_comes_back(full):
    before, pictures = rows(), files()
    assert pictures and before["integrations.Grant"] and before["headshots.Variant"]
    assert before["oauth2_provider.RefreshToken"] and before["oauth2_provider.AccessToken"]
    archive = written()
    photos.forget_everything(full)
    full.delete()
    assert rows() != before and files() != pictures
    count = backup.read(archive, replace=True)
    assert rows() == before and files() == pictures
    assert count.files == len(pictures)
    assert count.rows == sum(map(len, before.values()))
    assert connected(person("bob"), account="other").pk  # sequences go on where they were


def test_every_table_is_in_it():
    tables = {model._meta.db_table for model in every_model()}
    tables |= {
        field.m2m_db_table() for model in every_model() for field in model._meta.local_many_to_many
    }
    assert set(connection.introspection.table_names()) - tables == {
        "django_migrations",
        "operations_sign",
    }


@pytest.mark.usefixtures("full")
def test_data_that_is_there_is_not_overwritten_unasked():
    before, archive = rows(), written()
    with pytest.raises(RestoreError, match="--replace"):
        backup.read(archive)
    assert rows() == before


@pytest.mark.usefixtures("full")
def test_file_alone_counts_as_data():
    archive = written()
    call_command("flush", interactive=False, verbosity=0)
    with pytest.raises(RestoreError, match="--replace"):
        backup.read(archive)


def test_archive_that_breaks_off_changes_nothing(full):
    archive = written().getvalue()
    photo_of(full, seed=9)
    before = rows()
    with pytest.raises(Exception):  # noqa: B017  whatever gzip or tar say of it
        backup.read(io.BytesIO(archive[: len(archive) // 2]), replace=True)
    assert rows() == before


@pytest.mark.usefixtures("full")
def test_backup_of_another_version_or_key_is_refused(settings, monkeypatch):
    before, archive = rows(), written()
    settings.VAULT_KEY = "A" * 43 + "="
    with pytest.raises(RestoreError, match="VAULT_KEY"):
        backup.read(archive, replace=True)
    monkeypatch.setattr(backup, "_migrations", list)
    archive.seek(0)
    with pytest.raises(RestoreError, match="version"):
        backup.read(archive, replace=True)
    assert rows() == before


@pytest.mark.usefixtures("full")
def test_keys_are_in_it_only_under_a_passphrase(settings, place):
    key = str(settings.VAULT_KEY)
    archive = written(passphrase="a long pass phrase")
    assert key.encode() not in archive.getvalue()
    backup.read(archive, passphrase="a long pass phrase", replace=True)
    kept = place / "secrets" / "vault_key"
    assert kept.read_text() == key and kept.stat().st_mode & 0o777 == 0o600
    archive.seek(0)
    with pytest.raises(Unreadable):
        backup.read(archive, passphrase="another", replace=True)


def test_words_lock_and_unlock():
    assert unlock(lock(b"keys", "words"), "words") == b"keys"
    assert lock(b"keys", "words") != lock(b"keys", "words")


def test_commands_write_a_private_file_and_read_it(full, place):
    call_command("backup", place / "facet.tar.gz", stdout=(said := io.StringIO()))
    assert (place / "facet.tar.gz").stat().st_mode & 0o777 == 0o600
    assert "rows and" in said.getvalue()
    before = rows()
    with pytest.raises(CommandError, match="--replace"):
        call_command("restore", place / "facet.tar.gz")
    full.photos.all().delete()
    call_command("restore", place / "facet.tar.gz", replace=True, stdout=said)
    assert rows() == before


def test_unfinished_files_are_not_stored_files():
    default_storage.save("incoming/draft", ContentFile(b"half"))
    default_storage.save("pictures/a/full.jpg", ContentFile(b"whole"))
    assert list(names(default_storage)) == ["pictures/a/full.jpg"]
