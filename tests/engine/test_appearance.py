"""What a photo shows besides who is in it."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from headshots.engine.appearance import LARGEST_RATIO, Appearance, measure_appearance
from headshots.engine.types import Light


@pytest.fixture(scope="module")
def subject(source):
    return source.subject


def with_light(subject, *coefficients):
    return replace(subject, light=Light(subject.light.normals, np.array(coefficients)))


def test_the_smile_of_the_sample_portrait_is_measured(subject):
    appearance = measure_appearance(subject)
    assert appearance.smile > 0.3 and appearance.teeth > 0.05
    assert abs(appearance.yaw) < 20 and appearance.gaze < 0.2


def test_only_what_the_record_names_is_measured(subject):
    assert set(asdict(measure_appearance(subject))) == set(Appearance.__dataclass_fields__)


@pytest.mark.parametrize(
    ("coefficients", "azimuth", "elevation"),
    [
        ((0.2, 0.0, 0.5, 0.5), 0, 45),
        ((0.2, 0.0, -0.5, 0.5), 0, -45),
        ((0.2, -0.5, 0.0, 0.5), 45, 0),
        ((0.2, 0.0, 1.0, 0.0), 0, 90),
    ],
)
def test_the_direction_of_the_light_is_measured(subject, coefficients, azimuth, elevation):
    appearance = measure_appearance(with_light(subject, *coefficients))
    assert appearance.light_azimuth == pytest.approx(azimuth, abs=0.1)
    assert appearance.light_elevation == pytest.approx(elevation, abs=0.1)


def test_light_without_a_direction_has_the_ratio_one(subject):
    assert measure_appearance(with_light(subject, 0.5, 0.0, 0.0, 0.0)).light_ratio == 1


def test_the_ratio_stays_finite_in_black_shadows(subject):
    assert measure_appearance(with_light(subject, -0.1, 0.0, 0.0, 0.9)).light_ratio == LARGEST_RATIO


def test_an_even_background_has_no_spread(subject):
    canvas = np.where((subject.matte.alpha < 0.05)[..., None], 128, subject.canvas)
    even = replace(subject, canvas=canvas.astype(np.uint8))
    assert measure_appearance(even).background_spread == pytest.approx(0, abs=1)
