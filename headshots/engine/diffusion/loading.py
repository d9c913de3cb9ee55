"""Load a diffusers pipeline: choose the device, read the weights, place the parts on it."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import diffusers
import psutil
import torch
import transformers
from safetensors import SafetensorError

from headshots.engine.diffusion.batch import ProgressCallback
from headshots.engine.diffusion.models import ComputeDevice, ExecutionPlan
from headshots.engine.errors import DeviceUnavailable, ModelCorrupt

for library in (diffusers, transformers):
    library.utils.logging.disable_progress_bar()
    library.utils.logging.set_verbosity_error()


def choose_device(wanted_kind: str = "") -> ComputeDevice:
    """Return the best device of this machine, or the one of a wanted kind.

    Raises DeviceUnavailable if there is none of that kind.
    """
    available_kinds = [kind for kind, is_available in _device_kinds().items() if is_available]
    kind = wanted_kind or available_kinds[0]
    if kind not in available_kinds:
        raise DeviceUnavailable(
            f"There is no '{kind}' on this machine, only {', '.join(available_kinds)}."
        )
    four_bit = kind == "cuda" and find_spec("bitsandbytes") is not None
    return ComputeDevice(kind, _free_memory(kind), _device_dtypes(kind), four_bit)


class PictureProcessor(transformers.Qwen2VLProcessor):  # type: ignore[misc]
    """Prepares pictures for Qwen's text encoder.

    It replaces transformers' own class, whose part for videos would need torchvision.
    """

    def __init__(self, image_processor: Any, tokenizer: Any, chat_template: Any = None) -> None:
        self.image_token, self.video_token = "<|image_pad|>", "<|video_pad|>"
        self.image_token_id = tokenizer.convert_tokens_to_ids(self.image_token)
        self.video_token_id = tokenizer.convert_tokens_to_ids(self.video_token)
        transformers.ProcessorMixin.__init__(
            self, image_processor, tokenizer, chat_template=chat_template
        )


def load_pipeline(
    plan: ExecutionPlan, compute_device: ComputeDevice, on_progress: ProgressCallback
) -> Any:
    """Load the pipeline of a plan, part by part, and place it on the device.

    Reports progress after each part. Raises ModelCorrupt if the weights cannot be read.
    """
    is_supported = plan.tier.dtype in compute_device.dtypes
    dtype = getattr(torch, plan.tier.dtype if is_supported else compute_device.dtypes[0])
    try:
        parts = _load_parts(plan, dtype, on_progress)
        pipeline_class = getattr(diffusers, plan.tier.inpaint)
        pipeline = pipeline_class.from_pretrained(
            plan.folder, **parts, dtype=dtype, local_files_only=True
        )
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelCorrupt(f"The weights in '{plan.folder}' cannot be read: {error}") from error
    pipeline.set_progress_bar_config(disable=True)
    return _place_pipeline(pipeline, plan, compute_device)


def _find_weighted_parts(folder: Path, model_index: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return library and class of each part that has weights; ModelCorrupt without safetensors."""
    weighted_parts = {
        part_name: tuple(part_class)
        for part_name, part_class in model_index.items()
        if (folder / part_name / "config.json").is_file()
    }
    for part_name in weighted_parts:
        if not any((folder / part_name).glob("*.safetensors")):
            raise ModelCorrupt(f"'{folder / part_name}' holds no safetensors.")
    return weighted_parts


def _load_parts(
    plan: ExecutionPlan, dtype: torch.dtype, on_progress: ProgressCallback
) -> dict[str, Any]:
    """Load every part that has weights, from safetensors only: a pickle could run code."""
    model_index = json.loads((plan.folder / "model_index.json").read_text())
    weighted_parts = _find_weighted_parts(plan.folder, model_index)
    parts = {}
    for done_count, (part_name, (library_name, part_class)) in enumerate(weighted_parts.items()):
        on_progress(f"load {part_name}", done_count, len(weighted_parts))
        library_module = {"diffusers": diffusers, "transformers": transformers}[library_name]
        parts[part_name] = getattr(library_module, part_class).from_pretrained(
            plan.folder / part_name,
            dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            **_quantization_arguments(plan, library_module, part_name, dtype),
        )
    on_progress("load", len(weighted_parts), len(weighted_parts))
    if "processor" in model_index:
        parts["processor"] = PictureProcessor.from_pretrained(plan.folder / "processor")
    return parts


def _quantization_arguments(
    plan: ExecutionPlan, library_module: Any, part_name: str, dtype: torch.dtype
) -> dict[str, Any]:
    """Return the arguments that quantise a large part to four bits, if the plan says so.

    See https://huggingface.co/docs/diffusers/quantization/bitsandbytes; NF4 is the data type that
    it recommends for weights that are normally distributed.
    """
    if plan.placement != "4-bit" or not part_name.startswith(
        ("transformer", "unet", "text_encoder")
    ):
        return {}
    config = library_module.BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype
    )
    return {"quantization_config": config}


def _place_pipeline(pipeline: Any, plan: ExecutionPlan, compute_device: ComputeDevice) -> Any:
    """Place a pipeline on the device, whole or with parts that take turns.

    See https://huggingface.co/docs/diffusers/optimization/memory.
    """
    if plan.placement in ("turns", "4-bit"):
        pipeline.enable_model_cpu_offload(device=compute_device.kind)
    elif plan.placement == "layers":
        pipeline.enable_sequential_cpu_offload(device=compute_device.kind)
    else:
        pipeline.to(compute_device.kind)
    return pipeline


def _device_kinds() -> dict[str, bool]:
    """Return every kind of device, best first, and whether this machine has it."""
    return {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "xpu": torch.xpu.is_available(),
        "cpu": True,
    }


def _free_memory(kind: str) -> int:
    """Return the bytes of memory that a device has free."""
    if kind == "cuda":
        return int(torch.cuda.mem_get_info()[0])
    if kind == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory())
    if kind == "xpu":
        return int(torch.xpu.mem_get_info()[0])
    return int(psutil.virtual_memory().available)


def _device_dtypes(kind: str) -> tuple[str, ...]:
    """Return the data types a device computes in, best first."""
    if kind == "cpu":
        return ("float32",)
    if kind == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        return ("float16",)
    return ("bfloat16", "float16")
