"""Background that shows between hair goes, however dark it lies there; hair of any colour stays."""

from functools import cache

import cv2
import numpy as np
import pytest

from headshots.engine.analysis import matting, segmentation
from headshots.engine.analysis.background_colors import remove_background_colors
from tests.support import portraits

SIZE = 512
GAP_RADIUS = 0.09  # face heights
WALLS = {"blue": (70, 150, 220), "green": (60, 190, 90), "beige": (205, 190, 165)}


@cache
def prepare():
    return portraits.Portrait("astronaut").renderer(SIZE).prepare_photo(0).subject


def draw_gap(subject):
    """A round gap in the hair at the temple, H×W."""
    face, alpha = subject.face, subject.matte.alpha
    row = int(face.eyes[:, 1].mean() - 0.3 * face.height)
    column = np.flatnonzero(alpha[row] > 0.99)[0] + int(0.14 * face.height)
    gap = np.zeros(alpha.shape, np.uint8)
    cv2.circle(gap, (int(column), row), int(GAP_RADIUS * face.height), 1, cv2.FILLED)
    return gap > 0


def lay_over(subject, wall, gap=None, *, shade=1.0):
    """The person before a noisy wall that shows through the gap, darker by a factor."""
    alpha = subject.matte.alpha[..., None].copy()
    background = np.full(subject.canvas.shape, wall, np.float32)
    if gap is not None:
        alpha[gap] = 0
        background[gap] *= shade
    noise = np.random.default_rng(3).normal(0, 3, background.shape)
    pixels = alpha * subject.matte.foreground + (1 - alpha) * (background + noise)
    return np.clip(np.round(pixels), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("wall", "shade"),
    [("blue", 1.0), ("blue", 0.55), ("green", 1.0), ("green", 0.6), ("beige", 1.0)],
)
def test_wall_between_hair_is_no_person(wall, shade):
    subject = prepare()
    gap = draw_gap(subject)
    pixels = lay_over(subject, WALLS[wall], gap, shade=shade)
    mask = remove_background_colors(subject.matte.alpha, pixels, subject.face.landmarks[:, :2])
    middle = cv2.erode(gap.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert mask[middle].mean() < 0.1
    solid = (subject.matte.alpha > 0.98) & ~cv2.dilate(gap.astype(np.uint8), np.ones((7, 7))) > 0
    assert mask[solid].mean() > 0.99, "the hair around it stays"


@pytest.mark.parametrize("wall", [*WALLS.values(), (12, 12, 14), (90, 60, 40), (250, 250, 250)])
def test_person_without_gaps_stays_whole(wall):
    """Also before walls of the colour of hair, skin and suit."""
    subject = prepare()
    pixels = lay_over(subject, wall)
    alpha = subject.matte.alpha
    mask = remove_background_colors(alpha, pixels, subject.face.landmarks[:, :2])
    assert mask[alpha > 0.98].mean() > 0.985


def test_cut_out_loses_the_wall_that_the_network_took_for_hair(monkeypatch):
    subject = prepare()
    gap = draw_gap(subject)
    pixels = lay_over(subject, WALLS["blue"], gap, shade=0.7)
    monkeypatch.setattr(segmentation, "_segment_views", lambda *_: subject.matte.alpha.copy())
    alpha = matting.cut_out(pixels, subject.face).alpha
    middle = cv2.erode(gap.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert alpha[middle].mean() < 0.1


def test_same_photo_gives_the_same_mask():
    subject = prepare()
    pixels = lay_over(subject, WALLS["green"], draw_gap(subject))
    masks = [
        remove_background_colors(subject.matte.alpha, pixels, subject.face.landmarks[:, :2])
        for _ in range(2)
    ]
    assert np.array_equal(*masks)
