"""The networks that paint: diffusers' pipelines on whatever device there is, one at a time."""

import gc
import inspect
import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import cv2
import diffusers
import numpy as np
import torch
from PIL import Image as Pillow

from headshots.engine.diffusion.loading import Tell, device, load
from headshots.engine.diffusion.models import Device, Plan, Tier, plans
from headshots.engine.errors import OutOfMemory
from headshots.engine.types import Ask, Image

BATCH: Final = 4  # variants painted together where the whole network lies on the device
EDIT_STRENGTH: Final = 0.6  # for pipelines that edit by starting from the picture


@lru_cache(maxsize=1)  # one pipeline a worker: a second would push the first out of memory
def painter(found: tuple[tuple[Tier, Path], ...], wanted: str = "") -> "Painter":
    """The painter of these tiers and folders, best first, loaded when it first paints."""
    where = device(wanted)
    return Painter(plans(found, where), where)


class Painter:
    """One pipeline at a time on one device; where memory does not suffice it steps down."""

    def __init__(self, ladder: Sequence[Plan], where: Device) -> None:
        self.where = where
        self.notes: list[str] = []  # what had to be done otherwise, in words
        self.batch = BATCH if where.kind == "cuda" else 1
        self._ladder = list(ladder)
        self._parts: Any = None  # the inpainting pipeline of the first plan, once it is loaded
        self._lock = threading.Lock()

    @property
    def plan(self) -> Plan:
        """How the network is run now."""
        return self._ladder[0]

    def paint(self, asks: Sequence[Ask], tell: Tell) -> list[Image]:
        """One picture an ask, each of its image's size; asks for one image are painted together.

        Raises OutOfMemory when nothing is left to step down to, and whatever `tell` raises.
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
        if self._parts is None:
            self._parts = load(self.plan, self.where, tell)
        for _, group in groupby(asks, key=lambda ask: (id(ask.image), id(ask.mask), ask.prompt)):
            same = list(group)
            for first in range(0, len(same), self.batch):
                yield from self._together(same[first : first + self.batch], tell)

    def _together(self, asks: list[Ask], tell: Tell) -> list[Image]:
        """Some seeds of one ask in one call."""
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
        """Fewer at once, else the next plan; whatever the full device held is given back."""
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
            raise OutOfMemory(
                f"The {self.where.kind} has too little memory, even for {before.words}."
            )
        self._ladder = rest
        self.notes.append(f"{before.words} did not fit into memory: painted by {self.plan.words}")


def _runs_alike(one: Plan, other: Plan) -> bool:
    """Whether what is loaded for one plan serves the other."""
    return (one.folder, one.placement) == (other.folder, other.placement)


def _is_full(error: RuntimeError) -> bool:
    """Whether an error says that memory ran out: each device says it in its own way."""
    words = str(error).lower()
    full = ("out of memory", "can't allocate memory")
    return isinstance(error, torch.OutOfMemoryError) or any(each in words for each in full)


def _as(parts: Any, name: str) -> Any:
    """The same weights as another of diffusers' pipelines; nothing is loaded twice."""
    wanted = getattr(diffusers, name)
    if type(parts) is wanted:
        return parts
    known = inspect.signature(wanted.__init__).parameters
    given = {**parts.config, **parts.components}
    other = wanted(**{name: value for name, value in given.items() if name in known})
    other.set_progress_bar_config(disable=True)
    return other


def _arguments(pipeline: Any, plan: Plan, asks: Sequence[Ask], tell: Tell) -> dict[str, Any]:
    """What this pipeline understands of some asks for one image."""
    one, tier = asks[0], plan.tier
    known = inspect.signature(pipeline.__call__).parameters
    picture = _picture(one.image, plan.side)
    whole = np.ones(one.image.shape[:2], np.float32)
    guided = "true_cfg_scale" if "true_cfg_scale" in known else "guidance_scale"

    def step(_: Any, index: int, __: Any, values: dict[str, Any]) -> dict[str, Any]:
        tell("paint", index + 1, pipeline.num_timesteps)
        return values

    wished = {
        "prompt": one.prompt,
        "negative_prompt": one.negative if tier.negative else None,
        "image": picture if "mask_image" in known or "strength" in known else [picture],
        "mask_image": _picture(one.mask if one.mask is not None else whole, plan.side),
        "strength": one.strength if one.mask is not None else EDIT_STRENGTH,
        "height": picture.height,
        "width": picture.width,
        "num_inference_steps": tier.steps,
        guided: tier.guidance,
        "num_images_per_prompt": len(asks),
        # Drawn on the processor, so that a seed paints the same picture on every device.
        "generator": [torch.Generator("cpu").manual_seed(ask.seed) for ask in asks],
        "output_type": "np",
        "callback_on_step_end": step,
    }
    return {name: value for name, value in wished.items() if name in known and value is not None}


def _picture(image: Image, side: int) -> Pillow.Image:
    """A square of at most this side, a multiple of 16, as pipelines take it."""
    edge = min(side, image.shape[0]) // 16 * 16
    small = cv2.resize(image, (edge, edge), interpolation=cv2.INTER_AREA)
    return Pillow.fromarray(np.round(small * 255).astype(np.uint8))
