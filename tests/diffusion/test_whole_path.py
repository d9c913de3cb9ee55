"""From a photo to a file through a real pipeline: noise outside, the face kept to the bit."""

from dataclasses import replace

import numpy as np
import pytest

from headshots.engine import recipes, thresholds
from headshots.engine.diffusion.models import ComputeDevice, ExecutionPlan, identify_tier
from headshots.engine.diffusion.pipelines import DiffusersPipeline
from headshots.engine.render import RejectedVariant, Renderer
from tests.diffusion import tiny
from tests.support.portraits import ASTRONAUT

SIZE = 256
PLACE, OUTFIT = "a bright atelier with plants", "a navy linen blazer"


@pytest.fixture(scope="module", params=tiny.BUILDERS)
def pipeline(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / request.param
    tiny.save_model(tiny.BUILDERS[request.param](), folder, licence=tiny.LICENCES[request.param])
    tier = replace(identify_tier(folder), steps=2)
    return DiffusersPipeline(
        [ExecutionPlan(tier, folder, "whole", 128)], ComputeDevice("cpu", 2**34, ("float32",))
    )


def create_renderer(wanted_pipeline):
    prepared = ASTRONAUT.renderer(SIZE)
    return Renderer([], size=SIZE, prepared=dict(prepared.prepared), pipeline=wanted_pipeline)


def test_face_is_photographed_and_the_rest_is_painted(pipeline):
    look = recipes.built_in_looks()["linkedin"]
    slow = pipeline.plan.tier.name == "qwen"  # its pipeline computes at 1024² whatever it is given
    variant = create_renderer(pipeline).render(
        look.with_diffusion(place=PLACE, outfit="" if slow else OUTFIT)
    )
    steps = ["generate_backdrop", "change_outfit"]
    assert [edit.step for edit in variant.edits] == steps[: 1 if slow else 2]
    assert all(edit.kept > 1000 for edit in variant.edits)
    assert (
        variant.likeness <= thresholds.MAX_LIKENESS_DISTANCE
        and variant.skin_delta_e <= thresholds.MAX_SKIN_DELTA_E
    )
    assert variant.source_type == "compositeWithTrainedAlgorithmicMedia"
    plain = create_renderer(None).render(look)
    corner = np.s_[: SIZE // 8, : SIZE // 8]
    assert np.abs(variant.pixels[corner].astype(int) - plain.pixels[corner]).mean() > 8
    assert b"compositeWithTrainedAlgorithmicMedia" in variant.encode()


def test_painted_noise_is_never_shown_for_a_face(pipeline):
    look = recipes.built_in_looks()["plain"].with_diffusion(change="smile")
    outcomes = list(create_renderer(pipeline).render_variants(look, [0]))
    assert len(outcomes) == 1 and all(isinstance(outcome, RejectedVariant) for outcome in outcomes)
