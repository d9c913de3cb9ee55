"""Which networks may be used, and which plans follow when memory runs out."""

import json

import pytest

from headshots.engine.diffusion import models as diffusion_models
from headshots.engine.diffusion.models import (
    GIB,
    TIERS,
    ComputeDevice,
    execution_plans,
    find_tier,
    identify_tier,
)
from headshots.engine.errors import ModelCorrupt, ModelMissing, UnknownLicence

FORBIDDEN_MODELS = (
    "insightface",
    "instantid",
    "ip-adapter-faceid",
    "pulid",
    "infiniteyou",
    "kontext",
    "rmbg",
    "turbo-sd",
    "sdxl-turbo",
    "sd-turbo",
    "klein-9b",
    "flux.1-dev",
    "flux.2-dev",
)

every_tier = pytest.mark.parametrize("model_tier", TIERS, ids=lambda model_tier: model_tier.name)


def write_folder(tmp_path, kind="Flux2KleinPipeline", card="---\nlicense: apache-2.0\n---\n"):
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": kind}))
    if card is not None:
        (tmp_path / "README.md").write_text(card)
    return tmp_path


@every_tier
def test_weights_of_every_tier_may_be_used_commercially(model_tier):
    assert model_tier.licence in diffusion_models.ALLOWED_LICENCES
    assert not any(word in model_tier.repository.lower() for word in FORBIDDEN_MODELS)
    assert (
        model_tier.model_page.startswith("https://") and model_tier.purpose and model_tier.revision
    )


def test_no_allowed_licence_bars_commerce():
    assert not any(
        "nc" in name.split("-") or "non" in name for name in diffusion_models.ALLOWED_LICENCES
    )
    assert not diffusion_models.ALLOWED_LICENCES & {
        "other",
        "unknown",
        "creativeml-openrail-m",
        "cc-by-nc-4.0",
    }


@every_tier
def test_every_tier_is_found_by_name_and_by_its_folder(model_tier, tmp_path):
    assert find_tier(model_tier.name) is model_tier
    card = f"---\nlicense: {model_tier.licence}\n---\n"
    assert identify_tier(write_folder(tmp_path, model_tier.inpaint, card)) is model_tier


def test_unknown_name_lists_those_there_are():
    with pytest.raises(ModelMissing) as caught:
        find_tier("kontext")
    assert "klein" in caught.value.advice


@pytest.mark.parametrize(
    ("card", "said"),
    [
        (None, "no stated licence"),
        ("# A model", "no stated licence"),
        ("---\ntags: [x]\n---\nlicense: apache-2.0\n", "no stated licence"),
        ("---\nlicense: other\nlicense_name: flux-non-commercial\n---\n", "other"),
        ("---\nlicense: cc-by-nc-4.0\n---\n", "cc-by-nc-4.0"),
    ],
)
def test_weights_without_a_known_licence_are_refused(tmp_path, card, said):
    with pytest.raises(UnknownLicence, match=said) as caught:
        identify_tier(write_folder(tmp_path, card=card))
    assert caught.value.code == "licence" and "apache-2.0" in caught.value.advice


def test_folder_that_is_no_pipeline_is_refused(tmp_path):
    with pytest.raises(ModelCorrupt, match="no diffusers pipeline"):
        identify_tier(tmp_path)
    with pytest.raises(ModelCorrupt, match="FluxKontextPipeline"):
        identify_tier(write_folder(tmp_path, "FluxKontextPipeline"))


def plan_ladder(free, kind="cuda", names=("klein",), **device):
    tiers = [(find_tier(name), None) for name in names]
    return [
        (plan.tier.name, plan.placement, plan.side)
        for plan in execution_plans(tiers, ComputeDevice(kind, free * GIB, **device))
    ]


def test_what_fits_is_run_whole_and_steps_down_to_turns_layers_and_smaller():
    assert plan_ladder(24) == [
        ("klein", "whole", 1024),
        ("klein", "turns", 1024),
        ("klein", "layers", 1024),
        ("klein", "layers", 768),
    ]


def test_less_memory_begins_further_down():
    assert plan_ladder(10)[0] == ("klein", "turns", 1024)
    assert plan_ladder(4, four_bit=True)[0] == ("klein", "4-bit", 1024)
    assert plan_ladder(4)[0] == ("klein", "layers", 1024)


def test_next_tier_comes_last():
    names = [name for name, _, _ in plan_ladder(24, names=("klein", "sdxl"))]
    assert names == sorted(names) and names[-1] == "sdxl"


@pytest.mark.parametrize("kind", ["cpu", "mps"])
def test_one_memory_takes_no_turns(kind):
    assert plan_ladder(2, kind) == [("klein", "whole", 1024), ("klein", "whole", 768)]
