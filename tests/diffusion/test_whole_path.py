"""From a photo to a file through a real pipeline: noise outside, the face kept to the bit."""

from dataclasses import replace

import numpy as np
import pytest

from headshots.engine import recipes, thresholds
from headshots.engine.diffusion.models import Device, Plan, family
from headshots.engine.diffusion.pipelines import Painter
from headshots.engine.render import RejectedVariant, Studio
from tests.diffusion import tiny
from tests.support.portraits import ASTRONAUT

SIZE = 256
PLACE, OUTFIT = "a bright atelier with plants", "a navy linen blazer"


@pytest.fixture(scope="module", params=tiny.BUILT)
def painter(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / request.param
    tiny.save(tiny.BUILT[request.param](), folder, licence=tiny.LICENCES[request.param])
    tier = replace(family(folder), steps=2)
    return Painter([Plan(tier, folder, "whole", 128)], Device("cpu", 2**34, ("float32",)))


def studio(painter):
    ready = ASTRONAUT.studio(SIZE)
    return Studio([], size=SIZE, sources=dict(ready.sources), painter=painter)


def test_face_is_photographed_and_the_rest_is_painted(painter):
    look = recipes.looks()["linkedin"]
    slow = painter.plan.tier.name == "qwen"  # its pipeline computes at 1024² whatever it is given
    made = studio(painter).render(look.repainted(place=PLACE, outfit="" if slow else OUTFIT))
    steps = ["generate_backdrop", "change_outfit"]
    assert [edit.step for edit in made.edits] == steps[: 1 if slow else 2]
    assert all(edit.kept > 1000 for edit in made.edits)
    assert made.likeness <= thresholds.LIKENESS and made.skin_delta_e <= thresholds.SKIN
    assert made.source_type == "compositeWithTrainedAlgorithmicMedia"
    plain = studio(None).render(look)
    corner = np.s_[: SIZE // 8, : SIZE // 8]
    assert np.abs(made.pixels[corner].astype(int) - plain.pixels[corner]).mean() > 8
    assert b"compositeWithTrainedAlgorithmicMedia" in made.encode()


def test_painted_noise_is_never_shown_for_a_face(painter):
    look = recipes.looks()["plain"].repainted(change="smile")
    made = list(studio(painter).render_siblings(look, [0]))
    assert len(made) == 1 and all(isinstance(one, RejectedVariant) for one in made)
