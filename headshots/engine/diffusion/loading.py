"""Put a pipeline on the device of this machine: find it, read the weights, place the parts."""

import json
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import diffusers
import psutil
import torch
import transformers
from safetensors import SafetensorError

from headshots.engine.diffusion.models import Device, Plan
from headshots.engine.errors import DeviceUnavailable, ModelCorrupt

Tell = Callable[
    [str, int, int], None
]  # what is done, how many of how many; may raise RenderCancelled

for library in (diffusers, transformers):
    library.utils.logging.disable_progress_bar()
    library.utils.logging.set_verbosity_error()


def device(wanted: str = "") -> Device:
    """The best device of this machine, or the wanted kind; DeviceUnavailable if it is not there."""
    there = [kind for kind, is_there in _kinds().items() if is_there]
    kind = wanted or there[0]
    if kind not in there:
        raise DeviceUnavailable(f"There is no '{kind}' on this machine, only {', '.join(there)}.")
    four_bit = kind == "cuda" and find_spec("bitsandbytes") is not None
    return Device(kind, _free(kind), _dtypes(kind), four_bit)


class PictureProcessor(transformers.Qwen2VLProcessor):  # type: ignore[misc]
    """What Qwen's text encoder sees of a picture; its video part would need torchvision."""

    def __init__(self, image_processor: Any, tokenizer: Any, chat_template: Any = None) -> None:
        self.image_token, self.video_token = "<|image_pad|>", "<|video_pad|>"
        self.image_token_id = tokenizer.convert_tokens_to_ids(self.image_token)
        self.video_token_id = tokenizer.convert_tokens_to_ids(self.video_token)
        transformers.ProcessorMixin.__init__(
            self, image_processor, tokenizer, chat_template=chat_template
        )


def load(plan: Plan, where: Device, tell: Tell) -> Any:
    """The pipeline of a plan, its parts loaded one by one and placed on the device."""
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
    """Every part that has weights, read as safetensors only: a pickle could run code."""
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
    """How a large part is squeezed; https://huggingface.co/docs/diffusers/quantization."""
    if plan.placement != "4-bit" or not name.startswith(("transformer", "unet", "text_encoder")):
        return {}
    config = source.BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype
    )
    return {"quantization_config": config}


def _placed(pipeline: Any, plan: Plan, where: Device) -> Any:
    """https://huggingface.co/docs/diffusers/optimization/memory."""
    if plan.placement in ("turns", "4-bit"):
        pipeline.enable_model_cpu_offload(device=where.kind)
    elif plan.placement == "layers":
        pipeline.enable_sequential_cpu_offload(device=where.kind)
    else:
        pipeline.to(where.kind)
    return pipeline


def _kinds() -> dict[str, bool]:
    """Every kind of device, best first, and whether it is there."""
    return {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "xpu": torch.xpu.is_available(),
        "cpu": True,
    }


def _free(kind: str) -> int:
    """Bytes that may be used."""
    if kind == "cuda":
        return int(torch.cuda.mem_get_info()[0])
    if kind == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory())
    if kind == "xpu":
        return int(torch.xpu.mem_get_info()[0])
    return int(psutil.virtual_memory().available)


def _dtypes(kind: str) -> tuple[str, ...]:
    """What a device computes in, best first; a processor is exact and slow."""
    if kind == "cpu":
        return ("float32",)
    if kind == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        return ("float16",)
    return ("bfloat16", "float16")
