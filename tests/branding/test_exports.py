"""An export holds all of one account and no secret, and another account can start from it."""

import base64
import hashlib
import io
import json
import zipfile
from pathlib import Path

import jsonschema
import pytest
from allauth.account.models import EmailAddress
from asgiref.sync import async_to_sync
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from branding.accounts.models import User
from branding.api.models import Application
from branding.api.services import create_token
from branding.exports import adaptations, importing, rows, sections, writing
from branding.exports.schema import build_schema, format_schema
from branding.juries.models import Jury, JuryPicture, JuryVote
from branding.kits.models import Kit
from branding.operations.stored_files import stored_names
from headshots.engine.io.encode import encode
from headshots.models import Photo, Render, Variant
from headshots.storage import pictures
from integrations.models import (
    Attempt,
    Backup,
    CalendarAddress,
    Choice,
    Connection,
    Grant,
    Publication,
    PublicName,
    RecognizableHeadshot,
    Run,
    Schedule,
)
from integrations.publishing import choices
from tests.support import celery_messages
from tests.support.people import browser, patches, person, record_sign_in, sheet_of
from tests.support.urls import Belongings

pytestmark = pytest.mark.django_db
GIF = b"GIF89a" + bytes(range(200))  # an earlier picture that no decoder reads


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    celery_messages.lose()
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def belongings():
    """One of everything, an earlier picture, and a run that is under way."""
    owned = Belongings(person("alice"))
    alice = owned.owner
    Kit.objects.create(owner=alice, name="Alice", accent="#0B6E4F", smile_low=-0.25)
    Backup.objects.filter(connection=owned.connection).delete()
    earlier = Backup(
        connection=owned.connection, digest=hashlib.sha256(GIF).hexdigest(), media_type="image/gif"
    )
    earlier.seal({"data": base64.b64encode(GIF).decode()})
    earlier.save()
    empty = Backup(connection=owned.connection, slot="banner")
    empty.seal({"data": ""})
    empty.save()
    Publication.objects.filter(pk=owned.publication.pk).update(before=earlier)
    choices.choose_variant(owned.variant, [], [owned.connection])
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    PublicName.objects.create(owner=alice, place="github", name="alice-at-github")
    CalendarAddress.objects.create(owner=alice)
    Attempt.objects.create(publication=owned.publication, source="ready", target="sending")
    RecognizableHeadshot.objects.create(variant=owned.variant, fingerprint="00")
    ask_others(owned.variant)
    return owned


def ask_others(variant):
    """A jury with one vote."""
    jury = Jury.objects.create(
        render=variant.render, question="Who?", voter_limit=10, expires_at=timezone.now()
    )
    first, second = (
        JuryPicture.objects.create(jury=jury, variant=variant, position=position)
        for position in range(2)
    )
    JuryVote.objects.create(jury=jury, voter="0", number=0, winner=first, loser=second)


def written(owner):
    return b"".join(writing.iterate_export(owner))


def read(data):
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    return archive, json.loads(archive.read(sections.ROWS_NAME))


def owned_models():
    """Every model with a row that leads to an account."""
    owned, more = {User}, True
    while more:
        more_models = {
            model
            for model in apps.get_models(include_auto_created=True)
            if model not in owned
            and any(field.related_model in owned for field in model._meta.concrete_fields)
        }
        owned, more = owned | more_models, bool(more_models)
    return {model for model in owned if not model._meta.proxy}


def test_every_model_and_field_of_a_person_is_exported_or_left_out_for_a_reason():
    tables = sections.tomllib.loads(sections.SECTIONS_FILE.read_text())
    left_out = {apps.get_model(label, require_ready=False) for label in tables["left_out"]}
    exported = {section.model for section in sections.all_sections()}
    assert exported.isdisjoint(left_out)
    many_to_many = {Render.photos.through, User.groups.through, User.user_permissions.through}
    assert owned_models() - many_to_many == (exported | left_out) - many_to_many
    for section in sections.all_sections():
        named = {*section.fields, *section.left_out}
        model_fields = {*section.model._meta.concrete_fields, *section.model._meta.many_to_many}
        names = {field.name for field in model_fields}
        assert named <= names, section.name
        assert named == names or section.model is Application  # fields of the OAuth library
        assert set(section.own_ids) <= set(section.fields)


def test_rows_follow_the_schema_and_every_file_is_there(belongings):
    archive, document = read(written(belongings.owner))
    schema = json.loads(archive.read("schema.json"))
    assert schema == build_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.FormatChecker()
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(document)
    named = [row["file"] for name in sections.FILE_FOLDERS for row in document[name]]
    files = [name for name in named if name]
    assert len(files) == len(set(files)) >= 5
    assert {*files, "schema.json", "account.json"} == set(archive.namelist())
    for row in document["photos"]:
        photo = Photo.objects.get(pk=row["id"])
        assert archive.read(row["file"]) == pictures.read_file(photo.picture)
    (earlier,) = (row for row in document["previous_pictures"] if row["digest"])
    assert archive.read(earlier["file"]) == GIF
    for section in sections.all_sections():
        assert len(document[section.name]) == section.select(belongings.owner).count()


def test_no_section_is_empty_in_these_tests(belongings):
    _, document = read(written(belongings.owner))
    assert [section.name for section in sections.all_sections() if not document[section.name]] == []


def test_nobody_elses_rows_and_no_secret_is_in_it(belongings):
    bob = Belongings(person("bob"))
    data = written(belongings.owner)
    archive, _ = read(data)
    text = archive.read("account.json").decode()
    for secret in bob.secrets():
        assert secret not in text
    address = belongings.address
    grant = Grant.objects.filter(connection=belongings.connection).first()
    secrets = [address.token, belongings.owner.password, belongings.token.digest]
    secrets += list(map(str, grant.unseal().values())) if grant else []
    for secret in secrets:
        assert secret and secret not in text


def comparable(document):
    """The rows of an export with ids replaced by their order, and without what an import adapts."""
    text = json.dumps({name: document[name] for name in names_imported()}, sort_keys=True)
    ids = dict.fromkeys(importing_ids(text))
    for number, old_id in enumerate(ids):
        text = text.replace(old_id, f"id-{number}")
    return json.loads(text)


def names_imported():
    return [section.name for section in sections.imported_sections()]


def importing_ids(text):
    return rows.UUID_PATTERN.findall(text)


def files_of(document, archive):
    named = [row["file"] for name in sections.FILE_FOLDERS for row in document[name]]
    return sorted(hashlib.sha256(archive.read(name)).hexdigest() for name in named if name)


def ordered(document):
    """The rows in an order that does not depend on their ids."""
    result = {}
    for name in names_imported():
        result[name] = sorted(
            document[name],
            key=lambda row: json.dumps({k: v for k, v in row.items() if not is_id(v)}),
        )
    return result


def is_id(value):
    return bool(importing_ids(json.dumps(value)))


def test_empty_account_gets_everything_back(belongings, monkeypatch):
    """Nothing is adapted here: the rows must be the same ones."""
    for name in list(adaptations.ADAPTATIONS):
        monkeypatch.setitem(adaptations.ADAPTATIONS, name, prepare_only)
    Connection.objects.filter(owner=belongings.owner).update(state="ended")
    data = written(belongings.owner)
    carol = person("carol")
    counts = importing.import_account(carol, io.BytesIO(data))
    (archive, before), (copied_archive, after) = read(data), read(written(carol))
    assert counts == {name: len(before[name]) for name in names_imported()}
    for row in before["public_addresses"]:
        row["name"] = None  # the original has it
    assert comparable(ordered(after)) == comparable(ordered(before))
    assert files_of(after, copied_archive) == files_of(before, archive)


def prepare_only(instance):
    if isinstance(instance, Publication):
        instance.key = f"imported:{instance.pk}"
    if hasattr(instance, "by_email"):
        instance.name = None  # the original has it


def test_import_sends_nothing_and_takes_nothing_from_the_original(belongings):
    data = written(belongings.owner)
    before = {section.name: rows_of(section, belongings.owner) for section in all_imported()}
    carol = person("carol")
    importing.import_account(carol, io.BytesIO(data))
    assert not Publication.objects.filter(owner=carol).exclude(
        state__in=("published", "failed", "cancelled")
    )
    assert not Schedule.objects.filter(owner=carol, state="active").exists()
    assert not Run.objects.filter(schedule__owner=carol, state__in=Run.OPEN).exists()
    connection = Connection.objects.get(owner=carol)
    assert connection.state == "ended" and not hasattr(connection, "grant")
    chosen = Choice.objects.get(owner=carol, connection=connection)
    assert chosen.variant.owner == carol
    for schedule in Schedule.objects.filter(owner=carol):
        ids = {key for key in schedule.profiles if "-" in key and len(key) == 36}
        assert ids <= {str(connection.pk)}
    after = {section.name: rows_of(section, belongings.owner) for section in all_imported()}
    assert after == before


def all_imported():
    return sections.imported_sections()


def rows_of(section, owner):
    return list(section.select(owner).values())


def test_connection_that_nobody_else_holds_asks_to_be_connected_again(belongings):
    data = written(belongings.owner)
    belongings.owner.delete()
    carol = person("carol")
    importing.import_account(carol, io.BytesIO(data))
    connection = Connection.objects.get(owner=carol)
    assert connection.state == "lost" and "connect it again" in connection.reason
    assert carol.avatar_address.name == belongings.address.name


def test_account_with_something_in_it_is_refused(belongings):
    data = written(belongings.owner)
    carol = person("carol")
    sheet_of(carol, count=1)
    before = Variant.objects.count()
    with pytest.raises(importing.AccountNotEmpty):
        importing.import_account(carol, io.BytesIO(data))
    assert Variant.objects.count() == before


def rewritten(data, change):
    """The same archive with members changed; a member that becomes None is left out."""
    source, target = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            content = change(name, source.read(name))
            if content is not None:
                archive.writestr(name, content)
    return target.getvalue()


def with_rows(data, change):
    def change_member(name, content):
        if name != "account.json":
            return content
        document = json.loads(content)
        change(document)
        return json.dumps(document).encode()

    return rewritten(data, change_member)


def other_format(document):
    document["format"] = 2


def too_long(document):
    document["headshots"][0]["title"] = "x" * 81


def unknown_state(document):
    document["photos"][0]["state"] = "excellent"


def not_a_list(document):
    document["choices"] = 5


def twice(document):
    document["headshots"].append(document["headshots"][0])


def no_id(document):
    document["renders"][0]["id"] = "../../etc"


def without(ending):
    return lambda data: rewritten(
        data, lambda name, content: None if name.endswith(ending) else content
    )


def overwritten(ending, content):
    return lambda data: rewritten(data, lambda name, old: content if name.endswith(ending) else old)


def changed(change):
    return lambda data: with_rows(data, change)


DAMAGES = {
    "half of it": lambda data: data[: len(data) // 2],
    "no zip file": lambda _: b"not a zip file",
    "no pictures": without(".jpg"),
    "broken pictures": overwritten(".jpg", b"x"),
    "another earlier picture": overwritten(".gif", b"GIF89a"),
    "broken JSON": overwritten(".json", b"["),
    "deep JSON": overwritten(".json", b"[" * 100_000),
    "another format": changed(other_format),
    "a text that is too long": changed(too_long),
    "a state that does not exist": changed(unknown_state),
    "a section that is no list": changed(not_a_list),
    "a row twice": changed(twice),
    "an id that is none": changed(no_id),
}


def test_broken_export_changes_nothing_and_gets_a_sentence(belongings):
    data, carol = written(belongings.owner), person("carol")
    files = sorted(stored_names(default_storage))
    for name, damage in DAMAGES.items():
        with pytest.raises(importing.FacetError) as failure:
            importing.import_account(carol, io.BytesIO(damage(data)))
        assert failure.value.message and failure.value.advice, name
        for section in sections.imported_sections():
            assert not section.select(carol).exists(), (name, section.name)
        assert sorted(stored_names(default_storage)) == files, name


def test_picture_that_is_gone_is_named_and_the_rest_is_imported(belongings):
    pictures.delete_files(belongings.photo.picture)
    data = written(belongings.owner)
    archive, document = read(data)
    (row,) = (row for row in document["photos"] if row["id"] == str(belongings.photo.pk))
    assert json.loads(archive.read("missing.json")) == [row["file"]]
    carol = person("carol")
    counts = importing.import_account(carol, io.BytesIO(data))
    assert counts["photos"] == len(document["photos"]) - 1
    assert Variant.objects.filter(owner=carol).count() == len(document["headshots"])


def download(answer):
    async def collect():
        return [part async for part in answer.streaming_content]

    return b"".join(async_to_sync(collect)())


@pytest.mark.django_db(transaction=True)
def test_page_needs_a_recent_sign_in_and_exports_once_at_a_time(belongings):
    client, url = browser(belongings.owner), reverse("web:account_export")
    assert "schema.json" in client.get(url).content.decode()
    first = client.post(url)
    assert first.status_code == 200 and "attachment" in first.headers["Content-Disposition"]
    assert first.headers["Cache-Control"] == "no-store"
    assert client.post(url).status_code == 429
    _, document = read(download(first))
    assert document["account"][0]["email"] == "alice@example.com"
    first.close()
    record_sign_in(client, belongings.owner, seconds_ago=24 * 3600)
    refused = client.post(url)
    assert refused.status_code == 302 and "reauthenticate" in refused.headers["Location"]


@pytest.mark.django_db(transaction=True)
def test_program_needs_a_token_that_may_read(belongings):
    alice = belongings.owner
    texts = {scope: create_token(alice, "t", scopes=[scope])[1] for scope in ("read", "make")}
    client = browser()
    answer = client.get("/api/v1/export", headers={"Authorization": f"Bearer {texts['read']}"})
    assert answer.headers["Content-Type"] == "application/zip"
    assert read(download(answer))[1]["photos"]
    answer.close()
    wrong = client.get("/api/v1/export", headers={"Authorization": f"Bearer {texts['make']}"})
    assert wrong.status_code == 403 and browser().get("/api/v1/export").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_session_alone_does_not_take_everything_away(belongings):
    client = browser(belongings.owner)
    record_sign_in(client, belongings.owner, seconds_ago=24 * 3600)
    assert client.get("/api/v1/export").status_code == 403


def test_large_account_is_sent_in_small_parts(belongings):
    noise = patches(11, side=2000)
    belongings.photo.picture = pictures.store_picture(
        belongings.owner.pk, noise, full_size_file=encode(noise)
    )
    belongings.photo.save()
    parts = list(writing.iterate_export(belongings.owner))
    largest = max(default_storage.size(name) for name in stored_names(default_storage))
    assert len(parts) > 5 and max(map(len, parts)) <= largest + writing.CHUNK_BYTES


@pytest.mark.usefixtures("belongings")
def test_commands_export_and_import(folder):
    file, out = folder / "alice.zip", io.StringIO()
    call_command("export_account", str(file), "--account", "alice@example.com", stdout=out)
    assert file.stat().st_mode & 0o777 == 0o600 and str(file) in out.getvalue()
    person("carol")
    out = io.StringIO()
    call_command(
        "import_account", str(file), "--account", "carol@example.com", "--json", stdout=out
    )
    assert json.loads(out.getvalue())["photos"] == 1
    with pytest.raises(SystemExit):
        call_command("import_account", str(file), "--account", "carol@example.com")
    with pytest.raises(SystemExit):
        call_command("export_account", str(folder / "no" / "f"), "--account", "carol@example.com")
    assert sorted(path.name for path in folder.glob("*.zip*")) == ["alice.zip"]


def test_documented_schema_is_this_one():
    document = Path(__file__).resolve().parents[2] / "docs" / "export.schema.json"
    assert document.read_text() == f"{format_schema()}\n", "run `make schema`"
