"""Tiny pipelines of the real classes, loaded by the real code, run, are cancelled, or refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from headshots.engine.diffusion import loading, pipelines
from headshots.engine.diffusion import models as diffusion_models
from headshots.engine.diffusion.models import Device, Plan
from headshots.engine.diffusion.pipelines import Painter
from headshots.engine.errors import (
    DeviceUnavailable,
    ModelCorrupt,
    OutOfMemory,
    RenderCancelled,
    UnknownLicence,
)
from headshots.engine.types import Ask
from tests.diffusion import tiny

SIDE = 128
CPU = Device("cpu", 2**34, ("float32",))


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Each tiny network as published, built once."""
    home = tmp_path_factory.mktemp("models")
    return {
        name: tiny.save(build(), home / name, licence=tiny.LICENCES[name])
        for name, build in tiny.BUILT.items()
    }


def ladder(folders, *names, sides=(SIDE,), steps=2):
    """Plans of tiny networks, with few denoising steps."""
    found = [
        (replace(diffusion_models.family(folders[name]), steps=steps), folders[name])
        for name in names
    ]
    return [Plan(tier, folder, "whole", side) for tier, folder in found for side in sides]


def painter(folders, *names, **options):
    return Painter(ladder(folders, *names, **options), CPU)


def ask(seed=0, *, masked=True, side=SIDE):
    image = np.random.default_rng(1).random((side, side, 3), np.float32)
    mask = np.zeros((side, side), np.float32)
    mask[: side // 2] = 1
    return Ask(image, mask if masked else None, "a quiet room", "text", seed=seed)


def alike(seeds, **options):
    """Requests for one image that differ in their seeds, as a batch sends them."""
    one = ask(**options)
    return [replace(one, seed=seed) for seed in seeds]


def deaf(*_):
    """Ignore the progress."""


@pytest.mark.parametrize("masked", [True, False], ids=["inpaint", "edit"])
@pytest.mark.parametrize("name", tiny.BUILT)
def test_every_tier_paints_and_its_seed_decides(folders, name, masked):
    one = painter(folders, name)
    first, second = one.paint(alike((1, 2), masked=masked), deaf)
    again = one.paint([ask(1, masked=masked)], deaf)[0]
    assert first.shape == (SIDE, SIDE, 3) and first.dtype == np.float32
    assert np.isfinite(first).all() and 0 <= first.min() <= first.max() <= 1
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)


def test_variants_painted_together_are_those_painted_alone(folders):
    one = painter(folders, "klein")
    alone = one.paint(alike((1, 2)), deaf)
    one.batch = 2
    together = one.paint(alike((1, 2)), deaf)
    for a, b in zip(alone, together, strict=True):
        assert np.abs(a - b).max() < 1e-3


def test_pipeline_is_the_class_the_catalog_names(folders):
    for plan in ladder(folders, *tiny.BUILT):
        pipeline = loading.load(plan, CPU, deaf)
        assert type(pipeline).__name__ == plan.tier.inpaint
        assert type(pipelines._as(pipeline, plan.tier.edit)).__name__ == plan.tier.edit


def test_progress_is_told_while_loading_and_per_step(folders):
    told = []
    painter(folders, "klein", steps=3).paint([ask()], lambda *each: told.append(each))
    loads = [each for each in told if each[0].startswith("load")]
    assert loads[0][1:] == (0, 3) and loads[-1] == ("load", 3, 3)
    assert [each for each in told if each[0] == "paint"] == [("paint", n, 3) for n in (1, 2, 3)]


def test_cancel_between_denoising_steps_stops_at_once_and_the_next_ask_is_painted(folders):
    one = painter(folders, "klein", steps=4)
    told = []

    def cancel(what, done, _):
        told.append((what, done))
        if (what, done) == ("paint", 2):
            raise RenderCancelled("Stopped.")

    with pytest.raises(RenderCancelled):
        one.paint([ask()], cancel)
    assert told[-1] == ("paint", 2)
    assert np.isfinite(one.paint([ask()], deaf)[0]).all()


class Full:
    """Loads pipelines that run out of memory until less is asked of them."""

    def __init__(self, true, fits):
        self.true, self.fits = true, fits

    def __call__(self, plan, where, tell):
        pipeline = self.true(plan, where, tell)
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
        monkeypatch.setattr(pipelines, "load", Full(loading.load, fits))

    return replace_load


def test_full_device_steps_down_to_a_smaller_size_and_says_so(folders, fill_device):
    fill_device(lambda _, pixels: pixels.shape[-1] <= 64)
    one = painter(folders, "klein", sides=(128, 64))
    made = one.paint([ask()], deaf)[0]
    assert made.shape == (SIDE, SIDE, 3) and one.plan.side == 64
    assert one.notes == [
        "klein at 128 pixels did not fit into memory: painted by klein at 64 pixels"
    ]


def test_full_device_steps_down_to_the_next_tier(folders, fill_device):
    fill_device(lambda plan, _: plan.tier.name == "sdxl")
    one = painter(folders, "klein", "sdxl")
    one.paint([ask()], deaf)
    assert one.plan.tier.name == "sdxl" and "painted by sdxl" in one.notes[0]


def test_full_device_paints_fewer_at_once_first(folders, fill_device):
    full_once = iter([True])
    fill_device(lambda *_: not next(full_once, False))
    one = painter(folders, "klein")
    one.batch = 2
    assert len(one.paint(alike((1, 2)), deaf)) == 2
    assert one.batch == 1 and one.notes == []


def test_device_too_full_for_everything_says_so_and_is_tried_again_later(folders, fill_device):
    room = []
    fill_device(lambda *_: bool(room))
    one = painter(folders, "klein", sides=(128, 64))
    for _ in range(2):
        with pytest.raises(OutOfMemory, match="cpu has too little memory") as caught:
            one.paint([ask()], deaf)
        assert "smaller model" in caught.value.advice
    room.append("now")
    assert one.paint([ask()], deaf)[0].shape == (SIDE, SIDE, 3)


def test_another_error_of_torch_is_not_taken_for_a_full_device(folders, monkeypatch):
    def broken(*_):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(pipelines, "load", broken)
    with pytest.raises(RuntimeError, match="mat1"):
        painter(folders, "klein").paint([ask()], deaf)


def test_device_that_is_not_there_is_refused():
    assert loading.choose_device("cpu").kind == "cpu" and loading.choose_device("cpu").free > 2**20
    absent = next(kind for kind, there in loading._kinds().items() if not there)
    with pytest.raises(DeviceUnavailable, match=absent):
        loading.choose_device(absent)
    with pytest.raises(DeviceUnavailable, match="abacus"):
        loading.choose_device("abacus")


def copied(folder, target):
    for path in folder.rglob("*"):
        if path.is_file():
            (target / path.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
            (target / path.relative_to(folder)).write_bytes(path.read_bytes())
    return target


@pytest.mark.parametrize("spoil", ["cut", "noise", "missing"])
def test_corrupt_weights_are_told_from_a_full_device(folders, tmp_path, spoil):
    folder = copied(folders["klein"], tmp_path / "klein")
    file = next((folder / "transformer").glob("*.safetensors"))
    if spoil == "missing":
        (folder / "transformer" / "config.json").unlink()
    else:
        data = file.read_bytes()
        file.write_bytes(data[: len(data) // 2] if spoil == "cut" else b"\xff" * len(data))
    with pytest.raises(ModelCorrupt, match="cannot be read"):
        painter({"klein": folder}, "klein").paint([ask()], deaf)


def test_weights_that_are_a_pickle_are_not_read(folders, tmp_path):
    folder = copied(folders["klein"], tmp_path / "klein")
    file = next((folder / "vae").glob("*.safetensors"))
    torch.save({"weight": torch.zeros(1)}, file.with_suffix(".bin"))
    file.unlink()
    with pytest.raises(ModelCorrupt, match="no safetensors"):
        painter({"klein": folder}, "klein").paint([ask()], deaf)


def test_folder_without_a_licence_is_refused_before_it_is_read(folders, tmp_path):
    folder = copied(folders["sdxl"], tmp_path / "mine")
    (folder / "README.md").unlink()
    with pytest.raises(UnknownLicence, match="no stated licence"):
        diffusion_models.family(folder)


def test_one_painter_is_kept_a_worker(folders):
    found = ((diffusion_models.family(folders["klein"]), folders["klein"]),)
    assert pipelines.painter(found, "cpu") is pipelines.painter(found, "cpu")


def test_published_index_names_the_published_classes(folders):
    """What the tiny models are saved as is what the hub's repositories say of themselves."""
    said = {
        name: json.loads((folder / "model_index.json").read_text())["_class_name"]
        for name, folder in folders.items()
    }
    assert said == {
        "klein": "Flux2KleinPipeline",
        "sdxl": "StableDiffusionXLInpaintPipeline",
        "qwen": "QwenImageEditPlusPipeline",
    }
