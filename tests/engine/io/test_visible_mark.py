"""The label on painted faces: small, always in the same place, and inside the circle."""

import numpy as np
import pytest

from headshots.engine.io.visible_mark import draw_visible_mark


@pytest.mark.parametrize("side", [64, 256, 1024])
@pytest.mark.parametrize("ground", [0, 128, 255])
def test_label_can_be_seen_on_every_ground_and_in_the_circle(side, ground):
    pixels = np.full((side, side, 3), ground, np.uint8)
    marked = draw_visible_mark(pixels)
    changed = (marked != pixels).any(axis=2)
    rows, columns = np.nonzero(changed)
    distance = np.hypot(rows + 0.5 - side / 2, columns + 0.5 - side / 2)
    assert distance.max() <= side / 2, "a round picture shows all of it"
    assert 0.001 < changed.mean() < 0.05
    label = marked[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert int(label.max()) - int(label.min()) > 120, "its letters stand out"
    assert (pixels == ground).all(), "the picture itself is left as it is"


def test_smallest_picture_has_room_for_it():
    pixels = np.full((16, 16, 3), 128, np.uint8)
    assert (draw_visible_mark(pixels) != pixels).any()


def test_it_is_the_same_on_every_picture():
    pictures = [np.full((512, 512, 3), ground, np.uint8) for ground in (40, 90)]
    masks = [(draw_visible_mark(pixels) != pixels).any(axis=2) for pixels in pictures]
    assert (masks[0] == masks[1]).mean() > 0.999
