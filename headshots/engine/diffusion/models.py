"""Which diffusion networks may paint, under which licence, and how each is fitted into memory."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from headshots.engine.errors import ModelCorrupt, ModelMissing, UnknownLicence

# What model cards call licences that allow a commercial service, without conditions it could not
# meet. OpenRAIL++ bars harmful uses, not commercial ones.
ALLOWED: Final = frozenset({"apache-2.0", "mit", "bsd-3-clause", "cc0-1.0", "openrail++"})
GIB: Final = 2**30
SIDE: Final = 1024  # pixels: what the networks are trained for
SMALL: Final = 768
ROOM: Final = 1.15  # activations, over the weights


@dataclass(frozen=True)
class Tier:
    """One network: diffusers' classes, where its weights are published, and what it needs.

    `inpaint` paints inside a mask and holds still outside it; `edit` paints a whole picture anew
    after a sentence. `memory` in bytes at `dtype`, `largest` of its largest part, which must fit
    when parts take turns on the device; `steps` of denoising; `guidance` 0 where the network was
    distilled without.
    """

    name: str
    purpose: str
    repository: str
    revision: str
    licence: str
    inpaint: str
    edit: str
    memory: int
    largest: int
    steps: int
    guidance: float
    dtype: str = "bfloat16"
    negative: bool = False  # whether it listens to what it should not paint

    @property
    def source(self) -> str:
        """Where a person can read about it."""
        return f"https://huggingface.co/{self.repository}"


# Memory: model cards and diffusers' documentation, see ENGINE notes in the README's table.
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
        largest=8 * GIB,
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
        largest=41 * GIB,
        steps=40,
        guidance=4.0,
        negative=True,
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
        largest=12 * GIB,
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
        largest=6 * GIB,
        steps=28,
        guidance=7.0,
        dtype="float16",
        negative=True,
    ),
)
DEFAULT: Final = "klein"
# The class that a folder of weights names in its model_index.json, to the tier it is run as.
FAMILIES: Final = {
    "Flux2Klein": "klein",
    "QwenImageEdit": "qwen",
    "ZImage": "zimage",
    "StableDiffusionXL": "sdxl",
}


@dataclass(frozen=True)
class Device:
    """Where a network runs: `kind` cuda, mps, xpu or cpu; `free` bytes; `dtypes` best first."""

    kind: str
    free: int
    dtypes: tuple[str, ...] = ("bfloat16", "float16")
    four_bit: bool = False  # whether bitsandbytes is there


@dataclass(frozen=True)
class Plan:
    """One way to run a tier: how its parts are placed, and at how many pixels a side."""

    tier: Tier
    folder: Path
    placement: str  # "whole" | "turns" (parts take turns) | "4-bit" | "layers" (layers take turns)
    side: int

    @property
    def words(self) -> str:
        """For a person who waits."""
        how = {"whole": "", "turns": ", its parts in turns", "4-bit": ", in four bits"}
        placed = how.get(self.placement, ", layer by layer")
        return f"{self.tier.name} at {self.side} pixels{placed}"


def tier(name: str) -> Tier:
    """The tier of that name; ModelMissing names those there are."""
    found = {one.name: one for one in TIERS}.get(name)
    if found is None:
        names = ", ".join(one.name for one in TIERS)
        raise ModelMissing(f"There is no model '{name}'.", advice=f"One of {names}, or a folder.")
    return found


def plans(found: Sequence[tuple[Tier, Path]], device: Device) -> list[Plan]:
    """Every way to run what is on disk, best first: what a full device steps down along.

    Whole if it fits, else its parts in turns, else four bits, else layer by layer; smaller after
    that, and the next tier last.
    """
    ladder: list[Plan] = []
    for one, folder in found:
        placements = _placements(one, device)
        ladder += [Plan(one, folder, placement, SIDE) for placement in placements]
        ladder.append(Plan(one, folder, placements[-1], SMALL))
    return ladder


def _placements(one: Tier, device: Device) -> list[str]:
    if device.kind in ("cpu", "mps"):  # one memory: taking turns would gain nothing
        return ["whole"]
    fits = {
        "whole": one.memory * ROOM <= device.free,
        "turns": one.largest * ROOM <= device.free,
        "4-bit": device.four_bit and one.largest * ROOM / 3.5 <= device.free,
    }
    return [*(name for name, fit in fits.items() if fit), "layers"]


def family(folder: Path) -> Tier:
    """The tier that a folder of weights is run as, whatever it is called.

    Raises ModelCorrupt if the folder is not a whole diffusers pipeline or of an unknown kind, and
    UnknownLicence if its model card allows no commercial use.
    """
    try:
        index = json.loads((folder / "model_index.json").read_text())
    except (OSError, ValueError) as error:
        raise ModelCorrupt(f"'{folder}' holds no diffusers pipeline.") from error
    kind = str(index.get("_class_name", ""))
    names = [name for prefix, name in FAMILIES.items() if kind.startswith(prefix)]
    if not names:
        raise ModelCorrupt(
            f"'{folder}' holds a {kind or 'nameless thing'}, which is not run here.",
            advice=f"Use one of {', '.join(FAMILIES)}.",
        )
    require_licence(folder)
    return tier(names[0])


def require_licence(folder: Path) -> str:
    """The licence that the model card of a folder states; UnknownLicence unless it is allowed."""
    stated = stated_licence(folder)
    if stated not in ALLOWED:
        raise UnknownLicence(
            f"The weights in '{folder}' are under {stated or 'no stated licence'}.",
            advice="Put the model card (README.md with its license) beside the weights, and use"
            f" only: {', '.join(sorted(ALLOWED))}.",
        )
    return stated


def stated_licence(folder: Path) -> str:
    """`license:` of the card's front matter, in lower case; '' if there is none.

    https://huggingface.co/docs/hub/model-cards#model-card-metadata
    """
    try:
        card = (folder / "README.md").read_text(errors="replace")
    except OSError:
        return ""
    head = card.split("\n---", 1)[0] if card.startswith("---") else ""
    found = re.search(r"^license:\s*[\"']?([\w.+-]+)", head, re.MULTILINE)
    return found[1].lower() if found else ""
