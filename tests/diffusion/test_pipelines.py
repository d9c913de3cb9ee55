"""Tiny pipelines of the real classes, loaded by the real code, run, are cancelled, or refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from headshots.engine.diffusion import loading, pipelines
from headshots.engine.diffusion import models as diffusion_models
from headshots.engine.diffusion.models import ComputeDevice, ExecutionPlan
from headshots.engine.diffusion.pipelines import DiffusersPipeline
from headshots.engine.errors import (
    DeviceUnavailable,
    ModelCorrupt,
    OutOfMemory,
    RenderCancelled,
    UnknownLicence,
)
from headshots.engine.types import DiffusionTask
from tests.diffusion import tiny

SIDE = 128
CPU = ComputeDevice("cpu", 2**34, ("float32",))


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Each tiny network as published, built once."""
    models_folder = tmp_path_factory.mktemp("models")
    return {
        name: tiny.save_model(build(), models_folder / name, licence=tiny.LICENCES[name])
        for name, build in tiny.BUILDERS.items()
    }


def plan_ladder(folders, *names, sides=(SIDE,), steps=2):
    """Plans of tiny networks, with few denoising steps."""
    tiers = [
        (replace(diffusion_models.identify_tier(folders[name]), steps=steps), folders[name])
        for name in names
    ]
    return [ExecutionPlan(tier, folder, "whole", side) for tier, folder in tiers for side in sides]


def create_pipeline(folders, *names, **options):
    return DiffusersPipeline(plan_ladder(folders, *names, **options), CPU)


def create_request(seed=0, *, masked=True, side=SIDE):
    image = np.random.default_rng(1).random((side, side, 3), np.float32)
    mask = np.zeros((side, side), np.float32)
    mask[: side // 2] = 1
    return DiffusionTask(image, mask if masked else None, "a quiet room", "text", seed=seed)


def requests_with_seeds(seeds, **options):
    """Requests for one image that differ in their seeds, as a batch sends them."""
    request = create_request(**options)
    return [replace(request, seed=seed) for seed in seeds]


def ignore_progress(*_):
    """Ignore the progress."""


@pytest.mark.parametrize("masked", [True, False], ids=["inpaint", "edit"])
@pytest.mark.parametrize("name", tiny.BUILDERS)
def test_every_tier_paints_and_its_seed_decides(folders, name, masked):
    pipeline = create_pipeline(folders, name)
    first, second = pipeline.run(requests_with_seeds((1, 2), masked=masked), ignore_progress)
    again = pipeline.run([create_request(1, masked=masked)], ignore_progress)[0]
    assert first.shape == (SIDE, SIDE, 3) and first.dtype == np.float32
    assert np.isfinite(first).all() and 0 <= first.min() <= first.max() <= 1
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)


def test_variants_painted_together_are_those_painted_alone(folders):
    pipeline = create_pipeline(folders, "klein")
    alone = pipeline.run(requests_with_seeds((1, 2)), ignore_progress)
    pipeline.batch_size = 2
    together = pipeline.run(requests_with_seeds((1, 2)), ignore_progress)
    for first, second in zip(alone, together, strict=True):
        assert np.abs(first - second).max() < 1e-3


def test_pipeline_is_the_class_the_catalog_names(folders):
    for plan in plan_ladder(folders, *tiny.BUILDERS):
        pipeline = loading.load_pipeline(plan, CPU, ignore_progress)
        assert type(pipeline).__name__ == plan.tier.inpaint
        assert (
            type(pipelines._as_pipeline_class(pipeline, plan.tier.edit)).__name__ == plan.tier.edit
        )


def test_progress_is_told_while_loading_and_per_step(folders):
    reports = []
    create_pipeline(folders, "klein", steps=3).run(
        [create_request()], lambda *report: reports.append(report)
    )
    loads = [report for report in reports if report[0].startswith("load")]
    assert loads[0][1:] == (0, 3) and loads[-1] == ("load", 3, 3)
    assert [report for report in reports if report[0] == "paint"] == [
        ("paint", step, 3) for step in (1, 2, 3)
    ]


def test_cancel_between_denoising_steps_stops_at_once_and_the_next_ask_is_painted(folders):
    pipeline = create_pipeline(folders, "klein", steps=4)
    reports = []

    def cancel(activity, done_count, _):
        reports.append((activity, done_count))
        if (activity, done_count) == ("paint", 2):
            raise RenderCancelled("Stopped.")

    with pytest.raises(RenderCancelled):
        pipeline.run([create_request()], cancel)
    assert reports[-1] == ("paint", 2)
    assert np.isfinite(pipeline.run([create_request()], ignore_progress)[0]).all()


class FullDevice:
    """Loads pipelines that run out of memory until less is asked of them."""

    def __init__(self, load_for_real, fits):
        self.load_for_real, self.fits = load_for_real, fits

    def __call__(self, plan, compute_device, on_progress):
        pipeline = self.load_for_real(plan, compute_device, on_progress)
        forward = pipeline.vae.encode

        def encode(pixels, *rest, **options):
            if not self.fits(plan, pixels):
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
            return forward(pixels, *rest, **options)

        pipeline.vae.encode = encode
        return pipeline


@pytest.fixture
def fill_device(monkeypatch):
    def replace_load(fits):
        monkeypatch.setattr(pipelines, "load_pipeline", FullDevice(loading.load_pipeline, fits))

    return replace_load


def test_full_device_steps_down_to_a_smaller_size_and_says_so(folders, fill_device):
    fill_device(lambda _, pixels: pixels.shape[-1] <= 64)
    pipeline = create_pipeline(folders, "klein", sides=(128, 64))
    picture = pipeline.run([create_request()], ignore_progress)[0]
    assert picture.shape == (SIDE, SIDE, 3) and pipeline.plan.side == 64
    assert pipeline.notes == [
        "klein at 128 pixels did not fit into memory: painted by klein at 64 pixels"
    ]


def test_full_device_steps_down_to_the_next_tier(folders, fill_device):
    fill_device(lambda plan, _: plan.tier.name == "sdxl")
    pipeline = create_pipeline(folders, "klein", "sdxl")
    pipeline.run([create_request()], ignore_progress)
    assert pipeline.plan.tier.name == "sdxl" and "painted by sdxl" in pipeline.notes[0]


def test_full_device_paints_fewer_at_once_first(folders, fill_device):
    full_once = iter([True])
    fill_device(lambda *_: not next(full_once, False))
    pipeline = create_pipeline(folders, "klein")
    pipeline.batch_size = 2
    assert len(pipeline.run(requests_with_seeds((1, 2)), ignore_progress)) == 2
    assert pipeline.batch_size == 1 and pipeline.notes == []


def test_device_too_full_for_everything_says_so_and_is_tried_again_later(folders, fill_device):
    memory = []
    fill_device(lambda *_: bool(memory))
    pipeline = create_pipeline(folders, "klein", sides=(128, 64))
    for _ in range(2):
        with pytest.raises(OutOfMemory, match="cpu has too little memory") as caught:
            pipeline.run([create_request()], ignore_progress)
        assert "smaller model" in caught.value.advice
    memory.append("now")
    assert pipeline.run([create_request()], ignore_progress)[0].shape == (SIDE, SIDE, 3)


def test_another_error_of_torch_is_not_taken_for_a_full_device(folders, monkeypatch):
    def broken(*_):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(pipelines, "load_pipeline", broken)
    with pytest.raises(RuntimeError, match="mat1"):
        create_pipeline(folders, "klein").run([create_request()], ignore_progress)


def test_device_that_is_not_there_is_refused():
    assert loading.choose_device("cpu").kind == "cpu" and loading.choose_device("cpu").free > 2**20
    absent = next(
        kind for kind, is_available in loading._device_kinds().items() if not is_available
    )
    with pytest.raises(DeviceUnavailable, match=absent):
        loading.choose_device(absent)
    with pytest.raises(DeviceUnavailable, match="abacus"):
        loading.choose_device("abacus")


def copy_folder(folder, target):
    for path in folder.rglob("*"):
        if path.is_file():
            (target / path.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
            (target / path.relative_to(folder)).write_bytes(path.read_bytes())
    return target


@pytest.mark.parametrize("spoil", ["cut", "noise", "missing"])
def test_corrupt_weights_are_told_from_a_full_device(folders, tmp_path, spoil):
    folder = copy_folder(folders["klein"], tmp_path / "klein")
    file = next((folder / "transformer").glob("*.safetensors"))
    if spoil == "missing":
        (folder / "transformer" / "config.json").unlink()
    else:
        data = file.read_bytes()
        file.write_bytes(data[: len(data) // 2] if spoil == "cut" else b"\xff" * len(data))
    with pytest.raises(ModelCorrupt, match="cannot be read"):
        create_pipeline({"klein": folder}, "klein").run([create_request()], ignore_progress)


def test_weights_that_are_a_pickle_are_not_read(folders, tmp_path):
    folder = copy_folder(folders["klein"], tmp_path / "klein")
    file = next((folder / "vae").glob("*.safetensors"))
    torch.save({"weight": torch.zeros(1)}, file.with_suffix(".bin"))
    file.unlink()
    with pytest.raises(ModelCorrupt, match="no safetensors"):
        create_pipeline({"klein": folder}, "klein").run([create_request()], ignore_progress)


def test_folder_without_a_licence_is_refused_before_it_is_read(folders, tmp_path):
    folder = copy_folder(folders["sdxl"], tmp_path / "mine")
    (folder / "README.md").unlink()
    with pytest.raises(UnknownLicence, match="no stated licence"):
        diffusion_models.identify_tier(folder)


def test_one_painter_is_kept_a_worker(folders):
    tiers = ((diffusion_models.identify_tier(folders["klein"]), folders["klein"]),)
    assert pipelines.get_pipeline(tiers, "cpu") is pipelines.get_pipeline(tiers, "cpu")


def test_published_index_names_the_published_classes(folders):
    """What the tiny models are saved as is what the hub's repositories say of themselves."""
    class_names = {
        name: json.loads((folder / "model_index.json").read_text())["_class_name"]
        for name, folder in folders.items()
    }
    assert class_names == {
        "klein": "Flux2KleinPipeline",
        "sdxl": "StableDiffusionXLInpaintPipeline",
        "qwen": "QwenImageEditPlusPipeline",
    }
