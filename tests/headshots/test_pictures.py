"""One stored picture in every size, under a name that only its owner's pages know."""

import os

import numpy as np
import pytest
from django.core.files.storage import default_storage
from hypothesis import HealthCheck, given, settings, strategies

from headshots.errors import StorageFull
from headshots.models import Photo
from headshots.services import photos
from headshots.storage import pictures
from tests.support.people import jpeg, patches, person, photo_of

HOUR = 3600


def sizes(name):
    return {size: pictures.read_file(name, size) for size in pictures.SIZES}


def age(name, seconds):
    """Let every file of a picture be that old."""
    for size in pictures.SIZES:
        path = default_storage.path(pictures.storage_path(name, size))
        os.utime(path, (0, os.stat(path).st_mtime - seconds))


def test_picture_is_there_in_every_size_and_none_is_enlarged():
    name = pictures.store_picture(1, patches(side=1200))
    assert {size: max(pictures.decode(data).shape) for size, data in sizes(name).items()} == {
        "160": 160,
        "400": 400,
        "800": 800,
        "full": 1200,
    }
    small = pictures.store_picture(1, patches(side=96))
    assert all(pictures.decode(data).shape[:2] == (96, 96) for data in sizes(small).values())


def test_file_that_is_made_already_is_kept_as_it_is():
    file = jpeg(patches(), quality=80)
    assert pictures.read_file(pictures.store_picture(1, patches(), full_size_file=file)) == file


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(strategies.integers(0, 50), strategies.integers(0, 50), *[strategies.integers(1, 9)] * 2)
def test_name_says_owner_and_content_and_nothing_else(first_seed, second_seed, alice, bob):
    same = first_seed == second_seed and alice == bob
    assert (
        pictures.store_picture(alice, patches(first_seed))
        == pictures.store_picture(bob, patches(second_seed))
    ) == same


def test_same_picture_is_stored_once(media):
    name = pictures.store_picture(1, patches())
    before = {path: path.stat().st_mtime_ns for path in media.rglob("*.jpg")}
    assert pictures.store_picture(1, patches()) == name
    assert {path: path.stat().st_mtime_ns for path in media.rglob("*.jpg")} == before


def test_name_cannot_be_computed_without_the_key(settings):
    name = pictures.store_picture(1, patches())
    settings.SECRET_KEY = "another installation"
    assert pictures.store_picture(1, patches()) != name


def test_forgotten_picture_leaves_no_file_and_no_folder(media):
    name = pictures.store_picture(1, patches())
    pictures.delete_files(name)
    pictures.delete_files(name)
    assert [path for path in media.rglob("*") if path.is_file()] == []
    assert name not in {path.name for path in media.rglob("*")}
    assert pictures.list_names() == set()


def test_full_disk_keeps_nothing_of_a_picture(disk):
    kept = pictures.store_picture(1, patches(1))
    noise = np.random.default_rng(0).integers(0, 256, (600, 600, 3), dtype=np.uint8)
    with pytest.raises(StorageFull) as refused:
        pictures.store_picture(1, noise)
    assert "No space left" in refused.value.message and refused.value.advice
    assert pictures.list_names() == {kept}
    assert all(path.parent.name == kept for path in disk.folder.rglob("*") if path.is_file())


@pytest.mark.django_db
def test_sweep_removes_after_an_hour_what_belongs_to_nobody():
    alice = person()
    photo = photo_of(alice, seed=1)
    fresh, old = (pictures.store_picture(alice.pk, patches(seed)) for seed in (2, 3))
    age(photo.picture, 30 * 24 * HOUR)
    age(old, HOUR + 60)
    assert photos.delete_orphans() == 1
    assert pictures.list_names() == {photo.picture, fresh}
    assert photos.delete_orphans() == 0
    Photo.objects.all().delete()
    assert photos.delete_orphans() == 1
    assert pictures.list_names() == {fresh}


@pytest.mark.django_db
def test_sweep_of_an_empty_storage_is_nothing():
    assert photos.delete_orphans() == 0
