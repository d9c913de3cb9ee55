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

from headshots.engine.diffusion.batch import ProgressCallback
from headshots.engine.diffusion.loading import choose_device, load_pipeline
from headshots.engine.diffusion.models import ComputeDevice, ExecutionPlan, Tier, execution_plans
from headshots.engine.errors import OutOfMemory
from headshots.engine.types import DiffusionTask, Image

MAX_BATCH_SIZE: Final = 4  # pictures generated together on a GPU; one when memory runs out
# How far pipelines that edit by starting from the picture may leave it, 0 to 1: chosen by eye.
EDIT_STRENGTH: Final = 0.6
SIDE_MULTIPLE: Final = 16  # pixels: autoencoders reduce by 8, and transformers take 2×2 patches


class DiffusersPipeline:
    """A DiffusionPipeline that runs diffusers' classes on one device.

    When memory runs out it continues with the next plan, and says so in `notes`.
    """

    def __init__(
        self, ordered_plans: Sequence[ExecutionPlan], compute_device: ComputeDevice
    ) -> None:
        self.compute_device = compute_device
        self.notes: list[str] = []
        self.batch_size = MAX_BATCH_SIZE if compute_device.kind == "cuda" else 1
        self._plans = list(ordered_plans)
        self._loaded: Any = None  # the inpainting pipeline of the current plan, once loaded
        self._lock = threading.Lock()

    @property
    def plan(self) -> ExecutionPlan:
        """The plan by which the network is run now."""
        return self._plans[0]

    def run(self, requests: Sequence[DiffusionTask], on_progress: ProgressCallback) -> list[Image]:
        """Return one picture for each request, of the size of the request's image.

        Requests for one image are run together. Raises OutOfMemory when even the last plan needs
        too much, and whatever `on_progress` raises.
        """
        with self._lock:
            while True:
                try:
                    return list(self._generate(requests, on_progress))
                except RuntimeError as error:
                    if not _is_out_of_memory(error):
                        raise
                self._step_down()

    def _generate(
        self, requests: Sequence[DiffusionTask], on_progress: ProgressCallback
    ) -> Iterator[Image]:
        """Load the weights if need be, and run the requests in batches."""
        if self._loaded is None:
            self._loaded = load_pipeline(self.plan, self.compute_device, on_progress)
        for _, group in groupby(
            requests, key=lambda request: (id(request.image), id(request.mask), request.prompt)
        ):
            alike = list(group)
            for first in range(0, len(alike), self.batch_size):
                yield from self._generate_batch(alike[first : first + self.batch_size], on_progress)

    def _generate_batch(
        self, requests: list[DiffusionTask], on_progress: ProgressCallback
    ) -> list[Image]:
        """Run requests that differ in their seeds only, in one call."""
        first_request, tier = requests[0], self.plan.tier
        class_name = tier.inpaint if first_request.mask is not None else tier.edit
        pipeline = _as_pipeline_class(self._loaded, class_name)
        result = pipeline(**_call_arguments(pipeline, self.plan, requests, on_progress)).images
        picture_size = first_request.image.shape[1::-1]
        return [
            cv2.resize(
                np.asarray(picture, np.float32), picture_size, interpolation=cv2.INTER_CUBIC
            ).clip(0, 1)
            for picture in result
        ]

    def _step_down(self) -> None:
        """Run fewer requests at once, else use the next plan; frees what the device held."""
        if self.batch_size > 1:
            self.batch_size = 1
            return
        failed_plan, *remaining_plans = self._plans
        if not remaining_plans or not _shares_weights(remaining_plans[0], failed_plan):
            self._loaded = None
        gc.collect()
        if self.compute_device.kind == "cuda":
            torch.cuda.empty_cache()
        if not remaining_plans:  # the last plan stays: later there may be more memory
            kind = self.compute_device.kind
            raise OutOfMemory(
                f"The {kind} has too little memory, even for {failed_plan.description}."
            )
        self._plans = remaining_plans
        self.notes.append(
            f"{failed_plan.description} did not fit into memory: painted by {self.plan.description}"
        )


@lru_cache(maxsize=1)  # one pipeline a process: memory would not hold two
def get_pipeline(
    installed_tiers: tuple[tuple[Tier, Path], ...], device_kind: str = ""
) -> DiffusersPipeline:
    """Return the pipeline for these tiers and folders, best first.

    It is loaded when it is first run. `device_kind` is '' for the best device of this machine.
    Raises DeviceUnavailable if there is none of that kind.
    """
    compute_device = choose_device(device_kind)
    return DiffusersPipeline(execution_plans(installed_tiers, compute_device), compute_device)


def _shares_weights(first_plan: ExecutionPlan, second_plan: ExecutionPlan) -> bool:
    """Whether what is loaded for one plan can be used for the other."""
    return (first_plan.folder, first_plan.placement) == (second_plan.folder, second_plan.placement)


def _is_out_of_memory(error: RuntimeError) -> bool:
    """Whether an error means that memory ran out; each kind of device words it differently."""
    message = str(error).lower()
    phrases = ("out of memory", "can't allocate memory")
    return isinstance(error, torch.OutOfMemoryError) or any(phrase in message for phrase in phrases)


def _as_pipeline_class(loaded_pipeline: Any, class_name: str) -> Any:
    """Return another of diffusers' classes with the weights that are loaded already."""
    wanted_class = getattr(diffusers, class_name)
    if type(loaded_pipeline) is wanted_class:
        return loaded_pipeline
    known_arguments = inspect.signature(wanted_class.__init__).parameters
    components = {**loaded_pipeline.config, **loaded_pipeline.components}
    pipeline = wanted_class(
        **{argument: components[argument] for argument in components if argument in known_arguments}
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _call_arguments(
    pipeline: Any,
    plan: ExecutionPlan,
    requests: Sequence[DiffusionTask],
    on_progress: ProgressCallback,
) -> dict[str, Any]:
    """Return the keyword arguments of a call for requests that differ in their seeds only.

    Arguments that the class of the pipeline does not take are left out.
    """
    known_arguments = inspect.signature(pipeline.__call__).parameters

    def report_step(
        _: Any, step_index: int, __: Any, callback_values: dict[str, Any]
    ) -> dict[str, Any]:
        on_progress("paint", step_index + 1, pipeline.num_timesteps)
        return callback_values

    arguments = {
        **_picture_arguments(requests[0], plan.side, known_arguments),
        **_tier_arguments(requests[0], plan.tier, known_arguments),
        "num_images_per_prompt": len(requests),
        # Noise is drawn on the CPU, so that a seed gives the same picture on every device.
        "generator": [torch.Generator("cpu").manual_seed(request.seed) for request in requests],
        "output_type": "np",
        "callback_on_step_end": report_step,
    }
    return {
        argument: value
        for argument, value in arguments.items()
        if argument in known_arguments and value is not None
    }


def _picture_arguments(
    request: DiffusionTask, side: int, known_arguments: Container[str]
) -> dict[str, Any]:
    """Return image, mask and strength as a pipeline with these arguments takes them."""
    picture = _to_pillow(request.image, side)
    takes_one_image = "mask_image" in known_arguments or "strength" in known_arguments
    full_mask = np.ones(request.image.shape[:2], np.float32)
    return {
        "image": picture if takes_one_image else [picture],
        "mask_image": _to_pillow(request.mask if request.mask is not None else full_mask, side),
        "strength": request.strength if request.mask is not None else EDIT_STRENGTH,
        "height": picture.height,
        "width": picture.width,
    }


def _tier_arguments(
    request: DiffusionTask, tier: Tier, known_arguments: Container[str]
) -> dict[str, Any]:
    """Return prompts, denoising steps and guidance as the tier needs them."""
    has_true_guidance = "true_cfg_scale" in known_arguments
    return {
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt if tier.takes_negative_prompt else None,
        "num_inference_steps": tier.steps,
        "true_cfg_scale" if has_true_guidance else "guidance_scale": tier.guidance,
    }


def _to_pillow(image: Image, side: int) -> Pillow.Image:
    """Resize a square image to at most `side`, to a side that pipelines take."""
    square_side = min(side, image.shape[0]) // SIDE_MULTIPLE * SIDE_MULTIPLE
    reduced = cv2.resize(image, (square_side, square_side), interpolation=cv2.INTER_AREA)
    return Pillow.fromarray(np.round(reduced * 255).astype(np.uint8))
