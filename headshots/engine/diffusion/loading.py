"""Load a diffusers pipeline: choose the device, read the weights, place the parts on it."""

import json
from importlib.util import find_spec
from typing import Any

import diffusers
import psutil
import torch
import transformers
from safetensors import SafetensorError

from headshots.engine.diffusion.batch import Tell
from headshots.engine.diffusion.models import Device, Plan
from headshots.engine.errors import DeviceUnavailable, ModelCorrupt

for library in (diffusers, transformers):
    library.utils.logging.disable_progress_bar()
    library.utils.logging.set_verbosity_error()


def choose_device(wanted: str = "") -> Device:
    """Return the best device of this machine, or the one of a wanted kind.

    Raises DeviceUnavailable if there is none of that kind.
    """
    there = [kind for kind, is_there in _kinds().items() if is_there]
    kind = wanted or there[0]
    if kind not in there:
        raise DeviceUnavailable(f"There is no '{kind}' on this machine, only {', '.join(there)}.")
    four_bit = kind == "cuda" and find_spec("bitsandbytes") is not None
    return Device(kind, _free(kind), _dtypes(kind), four_bit)


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


def load(plan: Plan, where: Device, tell: Tell) -> Any:
    """Load the pipeline of a plan, part by part, and place it on the device.

    Reports progress after each part. Raises ModelCorrupt if the weights cannot be read.
    """
    wished = plan.tier.dtype
    dtype = getattr(torch, wished if wished in where.dtypes else where.dtypes[0])
    try:
        parts = _parts(plan, dtype, tell)
        found = getattr(diffusers, plan.tier.inpaint)
        pipeline = found.from_pretrained(plan.folder, **parts, dtype=dtype, local_files_only=True)
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelCorrupt(f"The weights in '{plan.folder}' cannot be read: {error}") from error
    pipeline.set_progress_bar_config(disable=True)
    return _placed(pipeline, plan, where)


def _parts(plan: Plan, dtype: torch.dtype, tell: Tell) -> dict[str, Any]:
    """Load every part that has weights, from safetensors only: a pickle could run code."""
    index = json.loads((plan.folder / "model_index.json").read_text())
    heavy = {
        name: tuple(kind)
        for name, kind in index.items()
        if (plan.folder / name / "config.json").is_file()
    }
    for name in heavy:
        if not any((plan.folder / name).glob("*.safetensors")):
            raise ModelCorrupt(f"'{plan.folder / name}' holds no safetensors.")
    parts = {}
    for done, (name, (library, kind)) in enumerate(heavy.items()):
        tell(f"load {name}", done, len(heavy))
        source = {"diffusers": diffusers, "transformers": transformers}[library]
        parts[name] = getattr(source, kind).from_pretrained(
            plan.folder / name,
            dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            **_in_four_bits(plan, source, name, dtype),
        )
    tell("load", len(heavy), len(heavy))
    if "processor" in index:
        parts["processor"] = PictureProcessor.from_pretrained(plan.folder / "processor")
    return parts


def _in_four_bits(plan: Plan, source: Any, name: str, dtype: torch.dtype) -> dict[str, Any]:
    """Return the arguments that quantise a large part to four bits, if the plan says so.

    See https://huggingface.co/docs/diffusers/quantization/bitsandbytes; NF4 is the data type that
    it recommends for weights that are normally distributed.
    """
    if plan.placement != "4-bit" or not name.startswith(("transformer", "unet", "text_encoder")):
        return {}
    config = source.BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype
    )
    return {"quantization_config": config}


def _placed(pipeline: Any, plan: Plan, where: Device) -> Any:
    """Place a pipeline on the device, whole or with parts that take turns.

    See https://huggingface.co/docs/diffusers/optimization/memory.
    """
    if plan.placement in ("turns", "4-bit"):
        pipeline.enable_model_cpu_offload(device=where.kind)
    elif plan.placement == "layers":
        pipeline.enable_sequential_cpu_offload(device=where.kind)
    else:
        pipeline.to(where.kind)
    return pipeline


def _kinds() -> dict[str, bool]:
    """Return every kind of device, best first, and whether this machine has it."""
    return {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "xpu": torch.xpu.is_available(),
        "cpu": True,
    }


def _free(kind: str) -> int:
    """Return the bytes of memory that a device has free."""
    if kind == "cuda":
        return int(torch.cuda.mem_get_info()[0])
    if kind == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory())
    if kind == "xpu":
        return int(torch.xpu.mem_get_info()[0])
    return int(psutil.virtual_memory().available)


def _dtypes(kind: str) -> tuple[str, ...]:
    """Return the data types a device computes in, best first."""
    if kind == "cpu":
        return ("float32",)
    if kind == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        return ("float16",)
    return ("bfloat16", "float16")
