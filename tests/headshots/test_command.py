"""The command line: photos in, headshots and a contact sheet out, or a reason why not."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from PIL import Image

from headshots.management.commands.headshots import Command
from integrations.content_credentials import signing
from tests.support import image_files, portraits
from tests.support.rejections import REJECTED_PHOTOS, two_equal_faces
from tests.support.rendering import LOOKS

ROOT = Path(__file__).resolve().parents[2]
REPORT = {
    "photos",
    "source",
    "seconds",
    "peak_rss_mb",
    "sheet",
    "checks",
    "variants",
    "rejected",
    "predictions",
}
CHECK = {"name", "ok", "value", "limit", "advice", "blocking", "problem"}
VARIANT = {
    "look",
    "file",
    "source",
    "width",
    "height",
    "seconds",
    "likeness",
    "skin_delta_e",
    "head_fraction",
    "eye_line",
    "steps",
    "notes",
    "edits",
}


@pytest.fixture(scope="session")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photos") / "me.png"
    path.write_bytes(image_files.encode_picture(portraits.astronaut(), "PNG"))
    return path


@pytest.fixture(scope="session")
def worse_photo(tmp_path_factory):
    """The same person in a dim photo that hangs askew."""
    path = tmp_path_factory.mktemp("photos") / "worse.jpg"
    dim = Image.fromarray((portraits.astronaut() * 0.5).astype(np.uint8))
    path.write_bytes(
        image_files.encode_picture(dim.rotate(20, fillcolor="grey"), "JPEG", quality=40)
    )
    return path


def run(*arguments, code=0, **options):
    """The command in this process: what it prints, which must be one JSON object.

    It runs as where nothing was set up yet: without a database, and so without signatures.
    """
    printed = io.StringIO()
    exit_code = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signing, "has_certificate_table", lambda: False)
        try:
            call_command(Command(), *map(str, arguments), json=True, stdout=printed, **options)
        except SystemExit as exit_error:
            exit_code = exit_error.code
    assert exit_code == code, printed.getvalue()
    assert printed.getvalue().count("\n") <= 1
    return json.loads(printed.getvalue())


def manage(*arguments):
    """The command as a newcomer starts it."""
    return subprocess.run(
        [sys.executable, "manage.py", "headshots", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def rendered_looks(photo, tmp_path_factory):
    """One run over all looks, in this process."""
    out = tmp_path_factory.mktemp("made") / "headshots"
    return run(photo, out=out, size=256), out


@pytest.fixture(scope="session")
def process(photo, tmp_path_factory):
    """One run in a fresh process."""
    out = tmp_path_factory.mktemp("process") / "new" / "folder"
    return manage(photo, "--out", out, "--size", 256, "--json"), out


@pytest.mark.slow
def test_report_has_exactly_the_keys_promised(rendered_looks):
    report, _ = rendered_looks
    assert set(report) == REPORT
    assert all(set(check) == CHECK for check in report["checks"])
    assert all(set(variant) == VARIANT for variant in report["variants"])
    assert all(set(rejected) == {"look", "reason"} for rejected in report["rejected"])


@pytest.mark.slow
def test_report_tells_the_truth_about_the_run(rendered_looks, photo):
    report, _ = rendered_looks
    assert report["photos"] == [str(photo)] and report["source"] == str(photo)
    assert report["seconds"] >= sum(variant["seconds"] for variant in report["variants"])
    assert 100 < report["peak_rss_mb"] < 4000
    assert len(report["checks"]) >= 14


def test_every_look_is_a_file_of_the_size_asked_for(rendered_looks):
    report, out = rendered_looks
    assert [variant["look"] for variant in report["variants"]] == list(LOOKS)
    for variant in report["variants"]:
        picture = Image.open(variant["file"])
        assert picture.format == "JPEG"
        assert picture.size == (variant["width"], variant["height"]) == (256, 256)
        assert Path(variant["file"]) == out / f"{variant['look']}.jpg"


def test_steps_are_named_with_their_params(rendered_looks):
    for variant in rendered_looks[0]["variants"]:
        assert variant["steps"][0]["name"] == "frame"
        assert all(set(step) == {"name", "params"} for step in variant["steps"])


def test_contact_sheet_lies_beside_and_nothing_else(rendered_looks):
    report, out = rendered_looks
    names = {path.name for path in out.iterdir()}
    assert names == {f"{look}.jpg" for look in LOOKS} | {"sheet.jpg", ".facet.json"}
    assert report["sheet"] == str(out / "sheet.jpg")
    assert Image.open(report["sheet"]).width > 1000


@pytest.mark.slow
def test_fresh_process_prints_one_object_and_no_progress(process):
    result, _ = process
    assert result.returncode == 0, result.stderr
    assert set(json.loads(result.stdout)) == REPORT
    assert "look/s" not in result.stderr and "%|" not in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_fresh_process_writes_the_same_bytes(process, rendered_looks):
    for path in rendered_looks[1].glob("*.jpg"):
        assert (process[1] / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.slow
def test_second_run_writes_the_same_bytes(rendered_looks, photo, tmp_path):
    run(photo, out=tmp_path, size=256, looks="author")
    assert (tmp_path / "author.jpg").read_bytes() == (rendered_looks[1] / "author.jpg").read_bytes()


def test_looks_are_chosen_by_slug(photo, tmp_path):
    report = run(photo, out=tmp_path, size=192, looks="plain, corporate")
    assert [variant["look"] for variant in report["variants"]] == ["plain", "corporate"]
    assert {path.name for path in tmp_path.glob("*.jpg")} == {
        "plain.jpg",
        "corporate.jpg",
        "sheet.jpg",
    }


@pytest.mark.parametrize(
    "wrong_option",
    [
        {"size": 127},
        {"size": 4097},
        {"size": -1},
        {"looks": "vampire"},
        {"looks": ""},
        {"scene": "moon/noon"},
        {"accent": "green"},
        {"face": 7},
    ],
    ids=str,
)
def test_wrong_option_is_refused_before_anything_is_written(photo, tmp_path, wrong_option):
    out = tmp_path / "out"
    error = run(photo, code=2, out=out, **wrong_option)["error"]
    assert set(error) == {"code", "message", "advice"} and all(error.values())
    assert not out.exists()


@pytest.mark.parametrize("refusal", REJECTED_PHOTOS, ids=lambda refusal: refusal.name)
def test_bad_photo_leaves_nothing_behind(refusal, tmp_path):
    path, out = tmp_path / "photo.jpg", tmp_path / "deep" / "out"
    path.write_bytes(refusal.data())
    answer = run(path, code=2, out=out, size=256)
    assert set(answer) == {"error"} and set(answer["error"]) == {"code", "message", "advice"}
    assert answer["error"]["code"] == refusal.code
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["missing", "directory"])
def test_path_that_cannot_be_read_is_named(tmp_path, kind):
    path = tmp_path / "missing.jpg" if kind == "missing" else tmp_path
    error = run(path, code=2, out=tmp_path / "out")["error"]
    assert error["code"] == "bad_image" and str(path) in error["message"]
    assert not (tmp_path / "out").exists()


def test_photo_of_half_a_face_leaves_nothing_behind(tmp_path):
    """The photo ends above the chin: no crop has a whole face."""
    path, out = tmp_path / "tight.png", tmp_path / "out"
    path.write_bytes(
        image_files.encode_picture(np.ascontiguousarray(portraits.astronaut()[:164]), "PNG")
    )
    error = run(path, code=2, out=out, size=256)["error"]
    assert error["code"] in {"framing", "unusable_face"}
    assert list(tmp_path.iterdir()) == [path]


def test_folder_that_cannot_be_written_is_named(photo, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("a file, not a folder")
    error = run(photo, code=2, out=taken, size=192, looks="plain")["error"]
    assert str(taken) in error["message"] and taken.read_text() == "a file, not a folder"


@pytest.mark.slow
def test_refusal_of_a_fresh_process_has_no_traceback(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_text("not a photo")
    result = manage(path, "--json", "--out", tmp_path / "out")
    assert result.returncode == 2
    assert json.loads(result.stdout)["error"]["code"] == "bad_image"
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_refusal_without_json_is_a_sentence_on_standard_error(tmp_path):
    result = manage(tmp_path / "missing.jpg", "--out", tmp_path / "out")
    assert result.returncode == 2 and result.stdout == ""
    assert "cannot be read" in result.stderr and "Check the path." in result.stderr


@pytest.mark.slow
def test_better_of_several_photos_is_the_source(photo, worse_photo, tmp_path):
    report = run(worse_photo, photo, out=tmp_path, size=192, looks="plain")
    assert report["source"] == str(photo)
    assert report["variants"][0]["source"] == str(photo)
    assert report["photos"] == [str(worse_photo), str(photo)]


def test_number_of_a_face_that_is_not_there_is_told(photo, tmp_path):
    error = run(photo, code=2, out=tmp_path / "out", size=192, looks="plain", face=3)["error"]
    assert error["code"] == "unknown_face"
    assert error["message"] == "There is no face 3: this photo shows 1 face."
    assert error["advice"] == "0 is the only one."
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_one_face_of_several_can_be_named(tmp_path):
    path = tmp_path / "two.png"
    path.write_bytes(two_equal_faces())
    assert run(path, code=2, out=tmp_path / "a", size=192)["error"]["code"] == "several_faces"
    report = run(path, out=tmp_path / "b", size=192, looks="plain", face=1)
    assert len(report["variants"]) + len(report["rejected"]) == 1


@pytest.mark.slow
def test_summary_for_people_names_the_sheet(photo, tmp_path):
    result = manage(photo, "--out", tmp_path, "--size", 192, "--looks", "plain")
    assert result.returncode == 0, result.stderr
    assert str(tmp_path / "sheet.jpg") in result.stdout
    assert "Made 1 headshot" in result.stdout


def test_photo_beside_the_headshots_is_never_overwritten(photo, tmp_path):
    own_photo = tmp_path / "plain.jpg"
    own_photo.write_bytes(photo.read_bytes())
    error = run(own_photo, code=2, out=tmp_path, size=192, looks="plain")["error"]
    assert error["code"] == "foreign_file"
    assert own_photo.read_bytes() == photo.read_bytes()
    assert list(tmp_path.iterdir()) == [own_photo]


def params_of(variant, name):
    """Return the parameters of a step of a variant in the report."""
    (params,) = (step["params"] for step in variant["steps"] if step["name"] == name)
    return params


@pytest.mark.slow
def test_own_picture_stands_behind_the_person(photo, tmp_path):
    green = tmp_path / "green.png"
    Image.new("RGB", (300, 400), "#20A040").save(green)
    report = run(photo, out=tmp_path / "made", size=192, looks="linkedin", backdrop=green)
    assert params_of(report["variants"][0], "backdrop")["kind"] == "picture"
    red, grass, blue = np.asarray(Image.open(report["variants"][0]["file"]))[8, 8].astype(int)
    assert grass > red + 40 and grass > blue + 40


@pytest.mark.slow
def test_scene_and_accent_are_those_asked_for(photo, tmp_path):
    options = {"size": 192, "looks": "linkedin,plain", "scene": "cafe/evening", "accent": "#0B6E4F"}
    report = run(photo, out=tmp_path, **options)
    room, plain = (params_of(variant, "backdrop") for variant in report["variants"])
    assert (room["scene"], room["accent"]) == ("cafe/evening", "#0B6E4F")
    assert plain["kind"] == "plain", "a plain ground stays plain"
