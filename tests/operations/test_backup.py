"""A backup holds every row and file, and puts all of them back, or nothing."""

import io

import pytest
from django.core import serializers
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from oauth2_provider.models import AccessToken, RefreshToken

from branding.api.services import register_application
from branding.operations import backup
from branding.operations.backup import RestoreError, backed_up_models
from branding.operations.stored_files import stored_names
from headshots.services import photos
from integrations.vault import Unreadable, decrypt_with_passphrase, encrypt_with_passphrase
from tests.support.people import grant_access, person, photo_of, sheet_of
from tests.support.platforms.memory_platform import create_connection, put_in_registry

pytestmark = pytest.mark.django_db(transaction=True)
DIARY = "https://diary.example/back"


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def alice_with_data(monkeypatch):
    """Somebody with photos, headshots, a connected account and an application let in."""
    put_in_registry(monkeypatch)
    alice = person()
    sheet_of(alice, photo_of(alice))
    create_connection(alice)
    application, _ = register_application(
        alice, "Diary", website=DIARY, redirects=[DIARY], is_confidential=True
    )
    grant_access(alice, application)
    AccessToken.objects.update(source_refresh_token=RefreshToken.objects.get())  # each names other
    return alice


def all_rows():
    return {
        model._meta.label: serializers.serialize("python", model._base_manager.order_by("pk"))
        for model in backed_up_models()
    }


def all_files():
    return {name: default_storage.open(name).read() for name in stored_names(default_storage)}


def written_archive(**options):
    target = io.BytesIO()
    backup.write_archive(target, **options)
    target.seek(0)
    return target


def test_every_row_and_file_comes_back(alice_with_data):
    before, pictures = all_rows(), all_files()
    assert pictures and before["integrations.Grant"] and before["headshots.Variant"]
    assert before["oauth2_provider.RefreshToken"] and before["oauth2_provider.AccessToken"]
    archive = written_archive()
    photos.delete_all_pictures(alice_with_data)
    alice_with_data.delete()
    assert all_rows() != before and all_files() != pictures
    count = backup.restore_archive(archive, replace=True)
    assert all_rows() == before and all_files() == pictures
    assert count.files == len(pictures)
    assert count.rows == sum(map(len, before.values()))
    assert create_connection(person("bob"), account="other").pk  # sequences go on where they were


def test_every_table_is_in_it():
    tables = {model._meta.db_table for model in backed_up_models()}
    tables |= {
        field.m2m_db_table()
        for model in backed_up_models()
        for field in model._meta.local_many_to_many
    }
    assert set(connection.introspection.table_names()) - tables == {
        "django_migrations",
        "operations_sign",
    }


@pytest.mark.usefixtures("alice_with_data")
def test_data_that_is_there_is_not_overwritten_unasked():
    before, archive = all_rows(), written_archive()
    with pytest.raises(RestoreError, match="--replace"):
        backup.restore_archive(archive)
    assert all_rows() == before


@pytest.mark.usefixtures("alice_with_data")
def test_file_alone_counts_as_data():
    archive = written_archive()
    call_command("flush", interactive=False, verbosity=0)
    with pytest.raises(RestoreError, match="--replace"):
        backup.restore_archive(archive)


def test_archive_that_breaks_off_changes_nothing(alice_with_data):
    archive = written_archive().getvalue()
    photo_of(alice_with_data, seed=9)
    before = all_rows()
    with pytest.raises(Exception):  # noqa: B017  whatever gzip or tar say of it
        backup.restore_archive(io.BytesIO(archive[: len(archive) // 2]), replace=True)
    assert all_rows() == before


@pytest.mark.usefixtures("alice_with_data")
def test_backup_of_another_version_or_key_is_refused(settings, monkeypatch):
    before, archive = all_rows(), written_archive()
    settings.VAULT_KEY = "A" * 43 + "="
    with pytest.raises(RestoreError, match="VAULT_KEY"):
        backup.restore_archive(archive, replace=True)
    monkeypatch.setattr(backup, "_applied_migrations", list)
    archive.seek(0)
    with pytest.raises(RestoreError, match="version"):
        backup.restore_archive(archive, replace=True)
    assert all_rows() == before


@pytest.mark.usefixtures("alice_with_data")
def test_keys_are_in_it_only_under_a_passphrase(settings, data_folder):
    key = str(settings.VAULT_KEY)
    archive = written_archive(passphrase="a long pass phrase")
    assert key.encode() not in archive.getvalue()
    backup.restore_archive(archive, passphrase="a long pass phrase", replace=True)
    kept = data_folder / "secrets" / "vault_key"
    assert kept.read_text() == key and kept.stat().st_mode & 0o777 == 0o600
    archive.seek(0)
    with pytest.raises(Unreadable):
        backup.restore_archive(archive, passphrase="another", replace=True)


def test_words_lock_and_unlock():
    assert decrypt_with_passphrase(encrypt_with_passphrase(b"keys", "words"), "words") == b"keys"
    assert encrypt_with_passphrase(b"keys", "words") != encrypt_with_passphrase(b"keys", "words")


def test_commands_write_a_private_file_and_read_it(alice_with_data, data_folder):
    call_command("backup", data_folder / "facet.tar.gz", stdout=(output := io.StringIO()))
    assert (data_folder / "facet.tar.gz").stat().st_mode & 0o777 == 0o600
    assert "rows and" in output.getvalue()
    before = all_rows()
    with pytest.raises(CommandError, match="--replace"):
        call_command("restore", data_folder / "facet.tar.gz")
    alice_with_data.photos.all().delete()
    call_command("restore", data_folder / "facet.tar.gz", replace=True, stdout=output)
    assert all_rows() == before


def test_unfinished_files_are_not_stored_files():
    default_storage.save("incoming/draft", ContentFile(b"half"))
    default_storage.save("pictures/a/full.jpg", ContentFile(b"whole"))
    assert list(stored_names(default_storage)) == ["pictures/a/full.jpg"]
