"""Run diffusers' pipelines on the device of this machine, one network at a time."""

import gc
import inspect
import threading
from collections.abc import Container, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import cv2
import diffusers
import numpy as np
import torch
from PIL import Image as Pillow

from headshots.engine.diffusion.batch import Tell
from headshots.engine.diffusion.loading import choose_device, load
from headshots.engine.diffusion.models import Device, Plan, Tier, plans
from headshots.engine.errors import OutOfMemory
from headshots.engine.types import Ask, Image

BATCH: Final = 4  # pictures generated together on a GPU; one when memory runs out
# How far pipelines that edit by starting from the picture may leave it, 0 to 1: chosen by eye.
EDIT_STRENGTH: Final = 0.6
SIDE_MULTIPLE: Final = 16  # pixels: autoencoders reduce by 8, and transformers take 2×2 patches


class Painter:
    """A DiffusionPipeline that runs diffusers' classes on one device.

    When memory runs out it continues with the next plan, and says so in `notes`.
    """

    def __init__(self, ladder: Sequence[Plan], where: Device) -> None:
        self.where = where
        self.notes: list[str] = []
        self.batch = BATCH if where.kind == "cuda" else 1
        self._ladder = list(ladder)
        self._parts: Any = None  # the inpainting pipeline of the current plan, once loaded
        self._lock = threading.Lock()

    @property
    def plan(self) -> Plan:
        """The plan by which the network is run now."""
        return self._ladder[0]

    def paint(self, asks: Sequence[Ask], tell: Tell) -> list[Image]:
        """Return one picture for each request, of the size of the request's image.

        Requests for one image are run together. Raises OutOfMemory when even the last plan needs
        too much, and whatever `on_progress` raises.
        """
        with self._lock:
            while True:
                try:
                    return list(self._painted(asks, tell))
                except RuntimeError as error:
                    if not _is_full(error):
                        raise
                self._step_down()

    def _painted(self, asks: Sequence[Ask], tell: Tell) -> Iterator[Image]:
        """Load the weights if need be, and run the requests in batches."""
        if self._parts is None:
            self._parts = load(self.plan, self.where, tell)
        for _, group in groupby(asks, key=lambda ask: (id(ask.image), id(ask.mask), ask.prompt)):
            same = list(group)
            for first in range(0, len(same), self.batch):
                yield from self._together(same[first : first + self.batch], tell)

    def _together(self, asks: list[Ask], tell: Tell) -> list[Image]:
        """Run requests that differ in their seeds only, in one call."""
        one, tier = asks[0], self.plan.tier
        name = tier.inpaint if one.mask is not None else tier.edit
        pipeline = _as(self._parts, name)
        result = pipeline(**_arguments(pipeline, self.plan, asks, tell)).images
        side = one.image.shape[1::-1]
        return [
            cv2.resize(np.asarray(each, np.float32), side, interpolation=cv2.INTER_CUBIC).clip(0, 1)
            for each in result
        ]

    def _step_down(self) -> None:
        """Run fewer requests at once, else use the next plan; frees what the device held."""
        if self.batch > 1:
            self.batch = 1
            return
        before, *rest = self._ladder
        if not rest or not _runs_alike(rest[0], before):
            self._parts = None
        gc.collect()
        if self.where.kind == "cuda":
            torch.cuda.empty_cache()
        if not rest:  # the last plan stays: later there may be more memory
            kind = self.where.kind
            raise OutOfMemory(f"The {kind} has too little memory, even for {before.words}.")
        self._ladder = rest
        self.notes.append(f"{before.words} did not fit into memory: painted by {self.plan.words}")


@lru_cache(maxsize=1)  # one pipeline a process: memory would not hold two
def painter(found: tuple[tuple[Tier, Path], ...], wanted: str = "") -> Painter:
    """Return the pipeline for these tiers and folders, best first.

    It is loaded when it is first run. `device_kind` is '' for the best device of this machine.
    Raises DeviceUnavailable if there is none of that kind.
    """
    where = choose_device(wanted)
    return Painter(plans(found, where), where)


def _runs_alike(one: Plan, other: Plan) -> bool:
    """Whether what is loaded for one plan can be used for the other."""
    return (one.folder, one.placement) == (other.folder, other.placement)


def _is_full(error: RuntimeError) -> bool:
    """Whether an error means that memory ran out; each kind of device words it differently."""
    words = str(error).lower()
    full = ("out of memory", "can't allocate memory")
    return isinstance(error, torch.OutOfMemoryError) or any(each in words for each in full)


def _as(parts: Any, name: str) -> Any:
    """Return another of diffusers' classes with the weights that are loaded already."""
    wanted = getattr(diffusers, name)
    if type(parts) is wanted:
        return parts
    known = inspect.signature(wanted.__init__).parameters
    given = {**parts.config, **parts.components}
    other = wanted(**{argument: given[argument] for argument in given if argument in known})
    other.set_progress_bar_config(disable=True)
    return other


def _arguments(pipeline: Any, plan: Plan, asks: Sequence[Ask], tell: Tell) -> dict[str, Any]:
    """Return the keyword arguments of a call for requests that differ in their seeds only.

    Arguments that the class of the pipeline does not take are left out.
    """
    known = inspect.signature(pipeline.__call__).parameters

    def step(_: Any, index: int, __: Any, values: dict[str, Any]) -> dict[str, Any]:
        tell("paint", index + 1, pipeline.num_timesteps)
        return values

    wished = {
        **_picture_arguments(asks[0], plan.side, known),
        **_tier_arguments(asks[0], plan.tier, known),
        "num_images_per_prompt": len(asks),
        # Noise is drawn on the CPU, so that a seed gives the same picture on every device.
        "generator": [torch.Generator("cpu").manual_seed(ask.seed) for ask in asks],
        "output_type": "np",
        "callback_on_step_end": step,
    }
    return {name: value for name, value in wished.items() if name in known and value is not None}


def _picture_arguments(ask: Ask, side: int, known_arguments: Container[str]) -> dict[str, Any]:
    """Return image, mask and strength as a pipeline with these arguments takes them."""
    picture = _picture(ask.image, side)
    takes_one_image = "mask_image" in known_arguments or "strength" in known_arguments
    full_mask = np.ones(ask.image.shape[:2], np.float32)
    return {
        "image": picture if takes_one_image else [picture],
        "mask_image": _picture(ask.mask if ask.mask is not None else full_mask, side),
        "strength": ask.strength if ask.mask is not None else EDIT_STRENGTH,
        "height": picture.height,
        "width": picture.width,
    }


def _tier_arguments(ask: Ask, tier: Tier, known_arguments: Container[str]) -> dict[str, Any]:
    """Return prompts, denoising steps and guidance as the tier needs them."""
    has_true_guidance = "true_cfg_scale" in known_arguments
    return {
        "prompt": ask.prompt,
        "negative_prompt": ask.negative if tier.negative else None,
        "num_inference_steps": tier.steps,
        "true_cfg_scale" if has_true_guidance else "guidance_scale": tier.guidance,
    }


def _picture(image: Image, side: int) -> Pillow.Image:
    """Resize a square image to at most `side`, to a side that pipelines take."""
    edge = min(side, image.shape[0]) // SIDE_MULTIPLE * SIDE_MULTIPLE
    small = cv2.resize(image, (edge, edge), interpolation=cv2.INTER_AREA)
    return Pillow.fromarray(np.round(small * 255).astype(np.uint8))
