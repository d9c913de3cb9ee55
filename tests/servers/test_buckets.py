"""Pictures in a bucket: kept, private, listed, swept, and lost as on a disk."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from branding.operations import health
from headshots.engine import recipes
from headshots.errors import StorageFull
from headshots.models import Variant
from headshots.services import photos, renders
from headshots.storage import pictures
from integrations.outbound.client import OutboundClient
from tests.support import celery_messages
from tests.support.people import browser, patches, person, photo_of, selfie
from tests.support.servers import s3
from tests.support.servers.programs import free_port

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("bucket")]


def test_file_is_kept_listed_and_deleted_under_its_own_name():
    for data in (b"first", b"second"):
        assert default_storage.save("a/b/file.bin", ContentFile(data)) == "a/b/file.bin"
    with default_storage.open("a/b/file.bin") as file:
        assert file.read() == b"second"
    assert default_storage.size("a/b/file.bin") == 6
    assert timezone.now() - default_storage.get_modified_time("a/b/file.bin") < timedelta(minutes=1)
    assert default_storage.listdir("a") == (["b"], [])
    assert default_storage.listdir("a/b") == ([], ["file.bin"])
    default_storage.delete("a/b/file.bin")
    default_storage.delete("a/b/file.bin")
    assert not default_storage.exists("a/b/file.bin") and default_storage.listdir("a") == ([], [])


@pytest.mark.parametrize("ask", ["open", "size", "get_modified_time"])
def test_file_that_is_not_there_is_not_found(ask):
    with pytest.raises(FileNotFoundError):
        getattr(default_storage, ask)("nowhere.bin")


def test_stranger_cannot_read_an_object(object_store, bucket):
    default_storage.save("private.jpg", ContentFile(b"mine"))
    with OutboundClient(None, allow_loopback=True).make_session() as session:
        assert session.get(f"{object_store}/{bucket}/private.jpg").status_code == 403
        signed = session.get(default_storage.url("private.jpg"))
    assert signed.content == b"mine"


@pytest.mark.django_db
def test_pictures_of_nobody_are_swept_and_all_others_stay(monkeypatch):
    alice = person()
    kept, lost = photo_of(alice).picture, pictures.store_picture("nobody", patches(7))
    assert pictures.list_names() == {kept, lost} and photos.delete_orphans() == 0
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr(photos.timezone, "now", lambda: later)
    assert photos.delete_orphans() == 1
    assert pictures.list_names() == {kept} and pictures.read_file(kept, "160")


def test_storage_that_is_there_is_ready(settings, bucket):
    settings.S3_BUCKET = bucket
    assert health.run_check(health.check_storage) == health.OK


@pytest.mark.parametrize("wrong", ["bucket", "address"])
def test_storage_that_is_lost_takes_no_picture_and_is_not_ready(settings, object_store, wrong):
    address = f"http://127.0.0.1:{free_port()}" if wrong == "address" else object_store
    settings.S3_BUCKET = "elsewhere"
    settings.STORAGES = {**settings.STORAGES, "default": s3.storage_settings(address, "elsewhere")}
    with pytest.raises(StorageFull, match="could not be kept"):
        pictures.store_picture("alice", patches())
    assert health.run_check(health.check_storage).startswith("does not answer")


@pytest.mark.django_db(transaction=True)
def test_headshot_is_made_shown_and_forgotten():
    celery_messages.lose()
    alice = person()
    photo = photos.add_photo(alice, selfie(), name="me.jpg")
    celery_messages.deliver()
    renders.start_render(alice, [photo], [recipes.built_in_looks()["linkedin"]])
    celery_messages.deliver()
    (variant,) = Variant.objects.all()
    assert variant.state == Variant.State.READY, variant.reason
    assert pictures.list_names() == {photo.picture, variant.picture}
    page = f"/pictures/{variant.picture}/400.jpg"
    assert browser(alice).get(page).status_code == 200
    assert browser(person("carol")).get(page).status_code == 404
    photos.delete_all_pictures(alice)
    assert pictures.list_names() == set()


def test_objects_have_no_access_list():
    assert "ACL" not in default_storage._get_write_parameters("a.jpg")
