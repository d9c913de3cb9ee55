"""A backup holds every row and file, and puts all of them back, or nothing."""

import getpass
import io
import json
import sqlite3
import tarfile

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import serializers
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from branding.api.services import register_application
from branding.operations.backups import older_versions, restoring, writing
from branding.operations.backups.layout import RestoreError
from branding.operations.backups.rows import LEFT_OUT, backed_up_models
from branding.operations.stored_files import stored_names
from headshots.services import photos
from headshots.storage import pictures
from integrations.models import AvatarAddress, CalendarAddress, Handshake
from integrations.vault import Unreadable, decrypt_with_passphrase, encrypt_with_passphrase
from tests.support.people import browser, grant_access, person, photo_of, sheet_of
from tests.support.platforms.memory_platform import create_connection, put_in_registry

pytestmark = pytest.mark.django_db(transaction=True)
DIARY = "https://diary.example/back"


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture(autouse=True)
def temporary_databases_are_allowed(monkeypatch):
    """Django lets a test use only the databases of the settings; a restore adds one for a while."""
    usual_check = BaseDatabaseWrapper.ensure_connection

    def ensure_connection(self):
        if self.alias != older_versions.ALIAS:
            usual_check(self)
        elif self.connection is None:
            self.connect()

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", ensure_connection)


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
    AvatarAddress.objects.create(owner=alice)
    CalendarAddress.objects.create(owner=alice)
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
    writing.write_archive(target, **options)
    target.seek(0)
    return target


@pytest.mark.slow
def test_every_row_and_file_comes_back(alice_with_data):
    before, pictures = all_rows(), all_files()
    assert pictures and before["integrations.Grant"] and before["headshots.Variant"]
    assert before["oauth2_provider.RefreshToken"] and before["oauth2_provider.AccessToken"]
    archive = written_archive()
    photos.delete_all_pictures(alice_with_data)
    alice_with_data.delete()
    assert all_rows() != before and all_files() != pictures
    count = restoring.restore_archive(archive, replace=True)
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
        *(apps.get_model(label)._meta.db_table for label in LEFT_OUT),
    }


def test_nothing_in_it_names_what_is_left_out():
    named = {
        field.related_model._meta.label_lower
        for model in backed_up_models()
        for field in model._meta.fields
        if field.remote_field
    }
    assert not named & LEFT_OUT


@pytest.mark.usefixtures("alice_with_data")
def test_data_that_is_there_is_not_overwritten_unasked():
    before, archive = all_rows(), written_archive()
    with pytest.raises(RestoreError, match="--replace"):
        restoring.restore_archive(archive)
    assert all_rows() == before


@pytest.mark.usefixtures("alice_with_data")
def test_file_alone_counts_as_data():
    archive = written_archive()
    call_command("flush", interactive=False, verbosity=0)
    with pytest.raises(RestoreError, match="--replace"):
        restoring.restore_archive(archive)


def member_of(archive, name):
    """The content of one member of an archive."""
    with tarfile.open(fileobj=archive) as members:
        return members.extractfile(name).read()


def rewritten_archive(archive, change):
    """The archive with other members: `change` gets each name and content, and returns content."""
    target = io.BytesIO()
    with (
        tarfile.open(fileobj=archive, mode="r|gz") as old,
        tarfile.open(fileobj=target, mode="w|gz") as new,
    ):
        for member in old:
            content = change(member.name, old.extractfile(member).read())
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    target.seek(0)
    return target


def damage(data):
    """Files that are not a whole backup, by what is wrong with them."""

    def archive():
        return io.BytesIO(data)

    def replace(name, content):
        return rewritten_archive(archive(), lambda n, c: content if n == name else c).getvalue()

    yield "half", data[: len(data) // 2]
    yield "all but the end", data[:-150]
    yield "changed in the middle", data[:200] + bytes(200) + data[400:]
    yield "empty", b""
    yield "no archive", b"GIF89a" + bytes(5000)
    yield "another archive", rewritten_archive(io.BytesIO(data), lambda *_: None).getvalue()
    yield "about is no JSON", replace("about.json", b"{")
    yield "about is a list", replace("about.json", b"[]")
    yield "about is missing", replace("about.json", None)
    yield "rows are missing", replace("rows.jsonl", None)
    yield "rows are no JSON", replace("rows.jsonl", b"{\n")
    yield "a row of nothing", replace("rows.jsonl", b'{"model": "no.such", "fields": {}}\n')
    yield "fewer rows", replace("rows.jsonl", b"")
    yield "no end", replace("complete.json", None)


@pytest.mark.slow
def test_broken_archives_change_nothing_and_get_a_sentence(alice_with_data):
    data = written_archive().getvalue()
    photo_of(alice_with_data, seed=9)
    before, checked = all_rows(), 0
    for name, broken in damage(data):
        try:
            restoring.restore_archive(io.BytesIO(broken), replace=True)
            pytest.fail(f"restored, although {name}")
        except RestoreError as error:
            sentence = str(error)
        assert "not a backup of Facet, or it is damaged" in sentence, name
        assert all_rows() == before, name
        checked += 1
    assert checked == 14


@pytest.mark.usefixtures("alice_with_data")
def test_backup_of_another_key_is_refused(settings):
    before, archive = all_rows(), written_archive()
    settings.VAULT_KEY = "A" * 43 + "="
    with pytest.raises(RestoreError, match="VAULT_KEY"):
        restoring.restore_archive(archive, replace=True)
    assert all_rows() == before


def with_metadata(archive, **changed):
    def change(name, content):
        if name != "about.json":
            return content
        return json.dumps(json.loads(content) | changed).encode()

    return rewritten_archive(archive, change)


@pytest.mark.slow
@pytest.mark.usefixtures("alice_with_data")
def test_only_our_own_migrations_decide_whether_a_backup_fits():
    before, archive = all_rows(), written_archive()
    metadata = json.loads(member_of(archive, "about.json"))
    assert metadata["version"] and metadata["written_at"]
    archive.seek(0)
    newer = [*metadata["migrations"], ["headshots", "9999_of_next_year"]]
    with pytest.raises(RestoreError, match=r"Facet 7\.1 made this backup"):
        restoring.restore_archive(
            with_metadata(archive, migrations=newer, version="7.1"), replace=True
        )
    archive.seek(0)
    other_library = [*metadata["migrations"], ["account", "9999_of_another_version"]]
    restoring.restore_archive(with_metadata(archive, migrations=other_library), replace=True)
    assert all_rows() == before


def older_archive(archive):
    """The backup as an older version would have made it: before two of our migrations."""
    undone = {("headshots", "0003_paints"), ("integrations", "0009_plain_field_names")}
    metadata = json.loads(member_of(archive, "about.json"))
    migrations = [row for row in metadata["migrations"] if tuple(row) not in undone]
    archive.seek(0)
    with older_versions._temporary_database() as older:
        executor = MigrationExecutor(older)
        state = executor.migrate(
            older_versions._last_migrations(executor, set(map(tuple, migrations)))
        )

    def rename(name, content):
        if name == "about.json":
            return json.dumps({**metadata, "migrations": migrations, "format": 1}).encode()
        if name == "complete.json":
            return None
        if name != "rows.jsonl":
            return content
        return b"".join(
            json.dumps(older_row(json.loads(line), state.apps)).encode() + b"\n"
            for line in content.splitlines()
        )

    return rewritten_archive(archive, rename)


def older_row(row, older_apps):
    """A row with the names its fields had then; fields that did not exist are left out."""
    current = apps.get_model(row["model"])
    older_columns = {
        field.column: field.name for field in older_apps.get_model(row["model"])._meta.fields
    }
    fields = {}
    for name, value in row["fields"].items():
        field = current._meta.get_field(name)
        if field.many_to_many:
            fields[name] = value
        elif field.column in older_columns:
            fields[older_columns[field.column]] = value
    return row | {"fields": fields}


@pytest.mark.slow
def test_older_backup_is_brought_up_to_date(alice_with_data):
    before, files = all_rows(), all_files()
    archive = older_archive(written_archive())
    assert b"poll_count" not in member_of(archive, "rows.jsonl")
    archive.seek(0)
    alice_with_data.delete()
    restoring.restore_archive(archive, replace=True)
    assert all_rows() == before and all_files() == files
    assert older_versions.ALIAS not in connections.settings


def test_everybody_is_signed_out_and_nothing_in_it_opens_an_account(alice_with_data):
    client = browser(alice_with_data)
    client.get("/sheets/")
    application = alice_with_data.api_application.get()
    Grant.objects.create(
        user=alice_with_data,
        application=application,
        code="an-authorization-code",
        expires=timezone.now(),
        redirect_uri=DIARY,
    )
    handshake = Handshake(
        owner=alice_with_data,
        platform="x",
        server="x",
        state="the-state",
        binding="the-session",
        expires_at=timezone.now(),
    )
    handshake.seal({"verifier": "v"})
    handshake.save()
    assert Session.objects.exists()
    secrets = [
        client.session.session_key,
        AvatarAddress.objects.get().token,
        CalendarAddress.objects.get().token,
        "an-authorization-code",
        "the-state",
    ]
    archive = written_archive()
    content = member_of(archive, "rows.jsonl").decode()
    assert alice_with_data.email in content
    assert not [secret for secret in secrets if secret in content]
    archive.seek(0)
    restoring.restore_archive(archive, replace=True)
    assert not Session.objects.exists() and not UserSession.objects.exists()
    assert client.get("/sheets/").status_code == 302
    assert AvatarAddress.objects.get().token == secrets[1]


def test_missing_picture_fails_the_backup_and_is_named(alice_with_data, data_folder):
    name = pictures.storage_path(photo_of(alice_with_data, seed=5).picture)
    default_storage.delete(name)
    file = data_folder / "facet.tar.gz"
    with pytest.raises(CommandError, match=f"(?s)1 files .*{name}.*--allow-missing"):
        call_command("backup", file)
    assert not list(data_folder.glob("facet*"))
    errors = io.StringIO()
    call_command("backup", file, allow_missing=True, stderr=errors, stdout=io.StringIO())
    assert name in errors.getvalue() and file.exists()


@pytest.mark.usefixtures("alice_with_data")
def test_storage_that_is_not_mounted_fails_the_backup(data_folder, settings):
    settings.MEDIA_ROOT = data_folder / "not-mounted"
    with pytest.raises(CommandError, match="not in the storage"):
        call_command("backup", data_folder / "facet.tar.gz")
    assert not list(data_folder.glob("facet*"))


def test_picture_deleted_while_it_is_written_is_not_missing(alice_with_data, monkeypatch):
    victim = photo_of(alice_with_data, seed=5)
    write_rows = writing.write_rows

    def write_and_delete(target):
        count = write_rows(target)
        connection.on_commit(lambda: photos.delete_photo(victim))
        return count

    monkeypatch.setattr(writing, "write_rows", write_and_delete)
    assert writing.write_archive(io.BytesIO()).missing == ()


@pytest.mark.usefixtures("alice_with_data")
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL readers block no writer")
def test_writers_do_not_wait_for_a_backup(monkeypatch):
    """Another connection takes the write lock while the rows are read."""
    write_rows = writing.write_rows

    def write_beside(target):
        count = write_rows(target)
        other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0)
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE accounts_user SET first_name = 'Written'")
        other.commit()
        other.close()
        return count

    monkeypatch.setattr(writing, "write_rows", write_beside)
    content = member_of(written_archive(), "rows.jsonl")
    assert b"Written" not in content
    assert connection.transaction_mode == "IMMEDIATE"


@pytest.mark.usefixtures("alice_with_data")
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_failed_backup_leaves_no_file(data_folder, monkeypatch, failure):

    def fail(*_args, **_options):
        raise failure

    monkeypatch.setattr(writing, "_add_files", fail)
    kept = data_folder / "facet.tar.gz"
    kept.write_bytes(b"of yesterday")
    with pytest.raises((CommandError, KeyboardInterrupt)):
        call_command("backup", kept)
    assert [path.name for path in data_folder.glob("facet*")] == ["facet.tar.gz"]
    assert kept.read_bytes() == b"of yesterday"


@pytest.mark.slow
@pytest.mark.usefixtures("alice_with_data")
def test_keys_are_in_it_only_under_a_passphrase(settings, data_folder):
    key = str(settings.VAULT_KEY)
    archive = written_archive(keys_passphrase="a long pass phrase")
    assert key.encode() not in archive.getvalue()
    restoring.restore_archive(archive, keys_passphrase="a long pass phrase", replace=True)
    kept = data_folder / "secrets" / "vault_key"
    assert kept.read_text() == key and kept.stat().st_mode & 0o777 == 0o600
    archive.seek(0)
    with pytest.raises(Unreadable):
        restoring.restore_archive(archive, keys_passphrase="another", replace=True)


@pytest.mark.usefixtures("alice_with_data")
def test_keys_are_not_left_behind_by_a_restore_that_fails(data_folder):
    archive = written_archive(keys_passphrase="a long pass phrase")
    broken = rewritten_archive(
        archive, lambda name, content: None if name[:5] == "files" else content
    )
    with pytest.raises(RestoreError, match="not complete"):
        restoring.restore_archive(broken, keys_passphrase="a long pass phrase", replace=True)
    assert not list((data_folder / "secrets").iterdir())


def typing(*lines):
    """A keyboard on which these lines are typed."""
    answers = iter(lines)
    return lambda _prompt: next(answers)


@pytest.mark.parametrize("option", ["keys", "encrypt"])
@pytest.mark.parametrize(
    ("typed", "sentence"), [(("",), "empty"), (("  ",), "empty"), (("one", "two"), "differ")]
)
def test_empty_or_mistyped_passphrase_is_refused(data_folder, monkeypatch, option, typed, sentence):
    monkeypatch.setattr(getpass, "getpass", typing(*typed))
    with pytest.raises(CommandError, match=sentence):
        call_command("backup", data_folder / "facet.tar.gz", **{option: True})
    assert not list(data_folder.glob("facet*"))


@pytest.mark.slow  # each passphrase costs a second of scrypt, more on a busy machine
def test_encrypted_backup_hides_all_and_is_restored(alice_with_data, data_folder, monkeypatch):
    file, before, words_file = data_folder / "facet.age", all_rows(), data_folder / "words"
    words_file.write_text("a long pass phrase\n")
    monkeypatch.setattr(getpass, "getpass", typing("a long pass phrase"))
    call_command("backup", file, encrypt=True, passphrase_file=words_file, stdout=io.StringIO())
    content = file.read_bytes()
    assert content.startswith(b"-----BEGIN AGE") and b"\x1f\x8b" not in content[:2]
    alice_with_data.delete()
    call_command("restore", file, replace=True, stdout=io.StringIO())
    assert all_rows() == before
    for words, broken in (("other words", content), ("a long pass phrase", content[:-50])):
        file.write_bytes(broken)
        monkeypatch.setattr(getpass, "getpass", typing(words))
        with pytest.raises(CommandError, match="Nothing was restored"):
            call_command("restore", file, replace=True)
    assert all_rows() == before


def test_file_that_is_not_there_gets_a_sentence(data_folder):
    with pytest.raises(CommandError, match="No such file"):
        call_command("restore", data_folder / "nowhere.tar.gz")
    with pytest.raises(CommandError, match="No such file"):
        call_command("backup", data_folder / "nowhere" / "facet.tar.gz")


@pytest.mark.slow
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
