"""Bad input gets a named error, a sentence and advice, and costs nothing."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from headshots.engine.analysis import faces
from headshots.engine.errors import TooSmall, UnknownFace, UnusableFace
from headshots.engine.io.decode import decode
from headshots.engine.render import Renderer
from headshots.errors import FacetError
from tests.support import image_files, portraits
from tests.support.rejections import REJECTED_PHOTOS, two_equal_faces

# A fresh process, so that memory and time are the bomb's alone.
MEASURE = """
import json, resource, sys, time
from headshots.engine.io.decode import decode
from headshots.engine.errors import TooLarge
data = sys.stdin.buffer.read()
peak, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
try:
    decode(data)
except TooLarge:
    spent = time.process_time() - begun
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    print(json.dumps({"seconds": spent, "megabytes": more / 1024}))
"""

BOMBS = {
    "declared": lambda: image_files.build_png(99_999, 99_999, data=b"x"),
    "just over the limit": lambda: image_files.build_png(16_000, 16_000, data=b"x"),
    "a real one": lambda: image_files.build_blank_png(24_000),
}


@pytest.mark.parametrize("refusal", REJECTED_PHOTOS, ids=lambda refusal: refusal.name)
def test_bad_photo_gets_its_named_error(refusal):
    with pytest.raises(FacetError) as caught:
        Renderer([decode(refusal.data())], size=256).prepare_photo(0)
    error = caught.value
    assert (type(error), error.code) == (refusal.error, refusal.code)
    assert error.message[0].isupper() and error.message.endswith(".")
    assert error.advice[0].isupper() and error.advice.endswith(".")


@pytest.mark.parametrize("bomb", BOMBS)
def test_bomb_is_refused_in_no_time_and_no_memory(bomb):
    process = subprocess.run(
        [sys.executable, "-c", MEASURE], input=BOMBS[bomb](), capture_output=True, check=True
    )
    spent = json.loads(process.stdout)
    assert spent["seconds"] < 0.1
    assert spent["megabytes"] < 100


@pytest.mark.slow
def test_one_of_two_equal_faces_can_be_named():
    pixels = decode(two_equal_faces())
    first, second = (Renderer([pixels], size=256, face=i).prepare_photo(0) for i in (0, 1))
    assert first.subject.faces_found == second.subject.faces_found == 2


@pytest.mark.parametrize("index", [-1, 1, 7])
def test_face_that_is_not_there_cannot_be_named(astronaut, index):
    with pytest.raises(UnknownFace, match=f"There is no face {index}: this photo shows 1 face"):
        Renderer([astronaut], size=256, face=index).prepare_photo(0)


def test_dominant_face_is_used(astronaut):
    small = astronaut[:300:2, 100:400:2]
    pixels = np.full((512, 680, 3), 200, np.uint8)
    pixels[:, :512], pixels[: len(small), 520 : 520 + small.shape[1]] = astronaut, small
    chosen = faces.choose_face(faces.find_faces(pixels))
    assert chosen.box.center[0] < 512


def turned(face: faces.Face, *, yaw: float = 0.0, pitch: float = 0.0) -> faces.Face:
    """The face measured again after its mesh was turned by so many degrees and enlarged."""
    a, b = np.radians(yaw), np.radians(pitch)
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    middle = face.landmarks.mean(axis=0)
    points = 4 * (face.landmarks - middle) @ (about_y @ about_x).T + 1000
    return faces.measure_landmarks(points, box=face.box, score=face.score)


@pytest.fixture(scope="module")
def face(astronaut):
    return faces.find_faces(astronaut)[0]


@pytest.mark.parametrize("angles", [{"yaw": 60}, {"yaw": -60}, {"pitch": 60}, {"pitch": -50}])
def test_face_in_profile_is_refused(face, angles):
    with pytest.raises(UnusableFace, match=r"turned|tilted"):
        faces.require_usable(turned(face, **angles), width=2000, height=2000)


def test_face_straight_on_is_used(face):
    faces.require_usable(turned(face, yaw=5), width=2000, height=2000)


@pytest.mark.parametrize("edges", [(200, 512), (512, 150), (230, 512)])
def test_face_over_an_edge_is_refused(face, edges):
    with pytest.raises(UnusableFace, match="cut"):
        faces.require_usable(face, width=edges[0], height=edges[1])


@pytest.mark.parametrize(("height", "fits"), [(64, False), (79, False), (81, True)])
def test_face_needs_eighty_pixels(face, height, fits):
    sized = replace(face, landmarks=face.landmarks * height / face.height)
    if fits:
        faces.require_usable(sized, width=2000, height=2000)
    else:
        with pytest.raises(TooSmall):
            faces.require_usable(sized, width=2000, height=2000)


@pytest.mark.slow
def test_photo_that_cannot_be_used_is_passed_over():
    studio = Renderer([portraits.cat(), portraits.astronaut()], size=256)
    assert studio.choose_photo() == 1


def test_first_error_is_told_if_no_photo_can_be_used():
    studio = Renderer([portraits.cat(), decode(two_equal_faces())], size=256)
    with pytest.raises(FacetError) as caught:
        studio.choose_photo()
    assert caught.value.code == "no_face"
