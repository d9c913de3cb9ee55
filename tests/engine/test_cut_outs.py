"""A cut-out is the headshot without its background, and nothing of the place is in the file."""

import io

import numpy as np
import pytest
from PIL import Image

from headshots.engine import cut_outs
from headshots.engine.errors import QualityTooLow
from headshots.engine.io.encode import encode

SIZE = 256


@pytest.fixture(scope="module")
def cut_out(source, looks):
    return cut_outs.render_cut_out(source, looks["corporate"], size=SIZE)


def test_cut_out_is_where_the_person_is(cut_out):
    assert cut_out.shape == (SIZE, SIZE, 4)
    alpha = cut_out[..., 3]
    assert (alpha[: SIZE // 20] == 0).all(), "above the head"
    assert (alpha[SIZE // 3 : SIZE // 2, SIZE // 2 - 10 : SIZE // 2 + 10] == 255).all(), "the face"
    assert not cut_out[alpha == 0].any()


def test_cut_out_shows_the_face_of_the_headshot(cut_out, studio, looks):
    headshot = studio.render(looks["corporate"]).pixels
    solid = cut_out[..., 3] == 255
    difference = np.abs(headshot.astype(int) - cut_out[..., :3])[solid]
    assert difference.mean() < 12, "of 255; light of the background and grain are left out"


def test_smaller_cut_out_has_no_dark_edge(cut_out):
    white = np.where(cut_out[..., 3:] > 0, 255, 0).astype(np.uint8)
    cut_out = np.dstack([np.repeat(white, 3, axis=2), cut_out[..., 3]])
    small = cut_outs.resize_cut_out(cut_out, 100)
    assert small.shape == (100, 100, 4)
    assert (small[small[..., 3] > 4][:, :3] >= 250).all()


def test_file_has_transparency(cut_out):
    with Image.open(io.BytesIO(encode(cut_out, file_format="png"))) as file:
        assert (file.mode, file.size) == ("RGBA", (SIZE, SIZE))


def test_uncertain_cut_out_is_refused_with_advice(source, looks, monkeypatch):
    flaw = source.subject.matte.regions[0]
    monkeypatch.setattr(cut_outs.matte_error, "find_flaw", lambda *_: flaw)
    with pytest.raises(QualityTooLow) as refusal:
        cut_outs.render_cut_out(source, looks["corporate"], size=SIZE)
    assert "plain wall" in refusal.value.advice
