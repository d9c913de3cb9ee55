"""The diffusion networks that may be used, their licences, and how each fits into memory."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from headshots.engine.errors import ModelCorrupt, ModelMissing, UnknownLicence

# Licences, as model cards call them, that allow a commercial service without conditions that it
# could not meet. OpenRAIL++ forbids harmful uses, not commercial ones.
ALLOWED_LICENCES: Final = frozenset({"apache-2.0", "mit", "bsd-3-clause", "cc0-1.0", "openrail++"})
GIB: Final = 2**30
TRAINED_SIDE: Final = 1024  # pixels: the size that all of these networks were trained at
# Pixels: about half the area, and still well inside what they were trained at.
REDUCED_SIDE: Final = 768
# Memory over that of the weights, for activations: an estimate, not measured.
ACTIVATION_FACTOR: Final = 1.15
FOUR_BIT_REDUCTION: Final = 3.5  # of 16-bit weights: a little less than 4, because of the scales


@dataclass(frozen=True)
class Tier:
    """One network: where its weights are published, diffusers' classes for it, and what it needs.

    `inpaint` is the class that changes a picture inside a mask only, `edit` the class that changes
    a whole picture by a sentence. `memory` is the bytes of all weights at `dtype`, `largest_part`
    those of the largest part, which must fit when parts take turns on the device. `steps` is the
    number of denoising steps, `guidance` the scale of classifier-free guidance: 0 or 1 for a
    network that was distilled to do without.
    """

    name: str
    purpose: str
    repository: str
    revision: str
    licence: str
    inpaint: str
    edit: str
    memory: int
    largest_part: int
    steps: int
    guidance: float
    dtype: str = "bfloat16"
    takes_negative_prompt: bool = False  # whether it takes a negative prompt

    @property
    def model_page(self) -> str:
        """Address of the page about the network."""
        return f"https://huggingface.co/{self.repository}"


# Memory, steps and guidance are those of the model cards and of diffusers' documentation.
TIERS: Final = (
    Tier(
        name="klein",
        purpose="places and clothes in four steps: the default",
        repository="black-forest-labs/FLUX.2-klein-4B",
        revision="main",
        licence="apache-2.0",
        inpaint="Flux2KleinInpaintPipeline",
        edit="Flux2KleinPipeline",
        memory=13 * GIB,
        largest_part=8 * GIB,
        steps=4,
        guidance=1.0,
    ),
    Tier(
        name="qwen",
        purpose="the most faithful to a sentence, for a studio's GPU",
        repository="Qwen/Qwen-Image-Edit-2511",
        revision="main",
        licence="apache-2.0",
        inpaint="QwenImageEditInpaintPipeline",
        edit="QwenImageEditPlusPipeline",
        memory=58 * GIB,
        largest_part=41 * GIB,
        steps=40,
        guidance=4.0,
        takes_negative_prompt=True,
    ),
    Tier(
        name="zimage",
        purpose="places on a smaller GPU",
        repository="Tongyi-MAI/Z-Image-Turbo",
        revision="main",
        licence="apache-2.0",
        inpaint="ZImageInpaintPipeline",
        edit="ZImageImg2ImgPipeline",
        memory=20 * GIB,
        largest_part=12 * GIB,
        steps=9,
        guidance=0.0,
    ),
    Tier(
        name="sdxl",
        purpose="places and clothes on the smallest GPU",
        repository="diffusers/stable-diffusion-xl-1.0-inpainting-0.1",
        revision="main",
        licence="openrail++",
        inpaint="StableDiffusionXLInpaintPipeline",
        edit="StableDiffusionXLInpaintPipeline",
        memory=8 * GIB,
        largest_part=6 * GIB,
        steps=28,
        guidance=7.0,
        dtype="float16",
        takes_negative_prompt=True,
    ),
)
DEFAULT_TIER: Final = "klein"
# Beginning of the class that a folder of weights names in its model_index.json: its tier.
TIERS_BY_CLASS: Final = {
    "Flux2Klein": "klein",
    "QwenImageEdit": "qwen",
    "ZImage": "zimage",
    "StableDiffusionXL": "sdxl",
}


@dataclass(frozen=True)
class ComputeDevice:
    """A device that networks run on.

    `kind` is cuda, mps, xpu or cpu, `free` its free memory in bytes, `dtypes` the data types it
    computes in, best first, and `four_bit` whether bitsandbytes is installed for it.
    """

    kind: str
    free: int
    dtypes: tuple[str, ...] = ("bfloat16", "float16")
    four_bit: bool = False


@dataclass(frozen=True)
class ExecutionPlan:
    """One way to run a network: from which folder, how its parts are placed, and at what size.

    `placement` is "whole", "turns" (parts take turns on the device), "4-bit" (as turns, with
    quantised weights) or "layers" (layers take turns). `side` is the side of pictures in pixels.
    """

    tier: Tier
    folder: Path
    placement: str
    side: int

    @property
    def description(self) -> str:
        """The plan in words, for the person who waits for the picture."""
        placement_words = {"whole": "", "turns": ", its parts in turns", "4-bit": ", in four bits"}
        placement_text = placement_words.get(self.placement, ", layer by layer")
        return f"{self.tier.name} at {self.side} pixels{placement_text}"


def find_tier(name: str) -> Tier:
    """Return the tier of a name; raises ModelMissing if there is none."""
    named_tier = {known_tier.name: known_tier for known_tier in TIERS}.get(name)
    if named_tier is None:
        names = ", ".join(known_tier.name for known_tier in TIERS)
        raise ModelMissing(f"There is no model '{name}'.", advice=f"One of {names}, or a folder.")
    return named_tier


def execution_plans(
    installed_tiers: Sequence[tuple[Tier, Path]], device: ComputeDevice
) -> list[ExecutionPlan]:
    """Return every way to run the given tiers from their folders on a device, best first.

    When memory runs out, the next one is tried. For each tier: whole if it fits, parts in turns,
    four bits, layers in turns, and last at a smaller size.
    """
    ordered_plans: list[ExecutionPlan] = []
    for installed_tier, folder in installed_tiers:
        placements = _possible_placements(installed_tier, device)
        ordered_plans += [
            ExecutionPlan(installed_tier, folder, placement, TRAINED_SIDE)
            for placement in placements
        ]
        ordered_plans.append(ExecutionPlan(installed_tier, folder, placements[-1], REDUCED_SIDE))
    return ordered_plans


def _possible_placements(wanted_tier: Tier, device: ComputeDevice) -> list[str]:
    """Return the placements of a tier that should fit on the device, best first."""
    if device.kind in ("cpu", "mps"):  # memory is shared: taking turns would gain nothing
        return ["whole"]
    fitting = {
        "whole": wanted_tier.memory * ACTIVATION_FACTOR <= device.free,
        "turns": wanted_tier.largest_part * ACTIVATION_FACTOR <= device.free,
        "4-bit": device.four_bit
        and wanted_tier.largest_part * ACTIVATION_FACTOR / FOUR_BIT_REDUCTION <= device.free,
    }
    return [*(placement for placement, is_fitting in fitting.items() if is_fitting), "layers"]


def identify_tier(folder: Path) -> Tier:
    """Return the tier as which a folder of weights is run, by the class that it names.

    Raises ModelCorrupt if the folder holds no diffusers pipeline or one of an unknown class, and
    UnknownLicence if its model card states no allowed licence.
    """
    try:
        model_index = json.loads((folder / "model_index.json").read_text())
    except (OSError, ValueError) as error:
        raise ModelCorrupt(f"'{folder}' holds no diffusers pipeline.") from error
    class_name = str(model_index.get("_class_name", ""))
    tier_names = [
        tier_name for prefix, tier_name in TIERS_BY_CLASS.items() if class_name.startswith(prefix)
    ]
    if not tier_names:
        raise ModelCorrupt(
            f"'{folder}' holds a {class_name or 'nameless thing'}, which is not run here.",
            advice=f"Use one of {', '.join(TIERS_BY_CLASS)}.",
        )
    require_licence(folder)
    return find_tier(tier_names[0])


def require_licence(folder: Path) -> str:
    """Return the licence that the model card of a folder states.

    Raises UnknownLicence unless it is one of ALLOWED_LICENCES.
    """
    stated = read_licence(folder)
    if stated not in ALLOWED_LICENCES:
        raise UnknownLicence(
            f"The weights in '{folder}' are under {stated or 'no stated licence'}.",
            advice="Put the model card (README.md with its license) beside the weights, and use"
            f" only: {', '.join(sorted(ALLOWED_LICENCES))}.",
        )
    return stated


def read_licence(folder: Path) -> str:
    """Return `license:` of the model card's front matter, in lower case; '' if there is none.

    See https://huggingface.co/docs/hub/model-cards#model-card-metadata.
    """
    try:
        card = (folder / "README.md").read_text(errors="replace")
    except OSError:
        return ""
    front_matter = card.split("\n---", 1)[0] if card.startswith("---") else ""
    licence_match = re.search(r"^license:\s*[\"']?([\w.+-]+)", front_matter, re.MULTILINE)
    return licence_match[1].lower() if licence_match else ""
