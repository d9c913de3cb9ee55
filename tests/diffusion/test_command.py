"""The command line runs a diffusion pipeline from a folder of weights, without the internet."""

import contextlib
import io
import json

import pytest
from django.core.management import call_command

from headshots.engine.diffusion import pipelines
from tests.diffusion import tiny
from tests.support import image_files, portraits


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.save_model(tiny.build_klein(), tmp_path_factory.mktemp("models") / "mine")


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photos") / "me.png"
    path.write_bytes(image_files.encode_picture(portraits.astronaut(), "PNG"))
    return path


def run_headshots(*arguments, **options):
    printed = io.StringIO()
    with contextlib.suppress(SystemExit):
        call_command("headshots", *map(str, arguments), json=True, stdout=printed, **options)
    return json.loads(printed.getvalue())


@pytest.mark.django_db
def test_place_and_clothes_in_words_come_out_in_variants(folder, photo, tmp_path):
    report = run_headshots(
        photo,
        looks="linkedin",
        size=256,
        out=tmp_path,
        model=str(folder),
        variants=2,
        place="a bright atelier",
        outfit="a navy blazer",
    )
    names = [variant["file"] for variant in report["variants"]]
    assert names == [str(tmp_path / f"linkedin-{number}.jpg") for number in (1, 2)]
    for variant in report["variants"]:
        assert all(edit["kept"] > 1000 for edit in variant["edits"])
        data = (tmp_path / variant["file"]).read_bytes()
        assert b"compositeWithTrainedAlgorithmicMedia" in data


@pytest.mark.django_db
def test_face_painted_as_noise_is_counted_and_not_shown(folder, photo, tmp_path):
    report = run_headshots(
        photo, looks="plain", size=256, out=tmp_path, model=str(folder), change="smile"
    )
    assert report["error"]["code"] in ("no_face", "likeness", "quality")
    assert not list(tmp_path.glob("*.jpg"))


def test_words_out_of_bounds_are_refused_before_anything_is_loaded(photo, tmp_path):
    pipelines.get_pipeline.cache_clear()
    report = run_headshots(photo, looks="plain", out=tmp_path, place="whiten my skin")
    assert report["error"]["code"] == "bad_recipe"
    assert pipelines.get_pipeline.cache_info().misses == 0


def test_model_without_a_licence_is_refused(folder, photo, tmp_path):
    card = folder / "README.md"
    card_text = card.read_text()
    card.unlink()
    try:
        report = run_headshots(
            photo, looks="plain", out=tmp_path, place="a room", model=str(folder)
        )
    finally:
        card.write_text(card_text)
    assert report["error"]["code"] == "licence"
