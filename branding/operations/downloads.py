"""Download model weights from the Hugging Face Hub: in ranges, resumable, and verified.

https://huggingface.co/docs/hub/api and https://huggingface.co/docs/hub/models-downloading
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any, Final

from headshots import weights
from headshots.engine.diffusion import models as diffusion_models
from headshots.engine.diffusion.models import GIB, Tier
from headshots.engine.errors import ModelCorrupt, UnknownLicence
from headshots.errors import StorageFull
from headshots.weights import File
from integrations.outbound.client import Door, Limits

HUB: Final = "https://huggingface.co"
PIECE: Final = 32 * 2**20  # bytes per request; an interruption loses at most as many
LIMITS: Final = Limits(total=900, size=PIECE + 1)
# Pickled code, or duplicates in another format.
SKIPPED: Final = (".bin", ".ckpt", ".msgpack", ".onnx", ".pth", ".pt", ".h5")
Told = Callable[[str, int, int], None]  # file, bytes present of all files, bytes of all files


def download(tier: Tier, *, told: Told, hub: str = HUB, loopback: bool = False) -> Path:
    """Download what is missing of a tier's weights, verify it, and return the folder.

    Raises UnknownLicence before any weight is fetched, StorageFull, ModelCorrupt for a file that
    differs from its published hash, and PlatformError if the hub cannot be reached.
    """
    # No list of allowed hosts: the hub redirects to other hosts for large files.
    door = Door(None, platform="The model hub", loopback=loopback, limits=LIMITS)
    about = _about(door, f"{hub}/api/models/{tier.repository}/revision/{tier.revision}?blobs=true")
    _require_licence(tier, about)
    folder = weights.home(tier)
    files = _files(about)
    _require_room(files, folder)
    _write_manifest(folder, tier, about["sha"], files)
    whole, here = sum(one.size for one in files), 0
    for one in files:
        url = f"{hub}/{tier.repository}/resolve/{about['sha']}/{one.path}"
        for count in _fetch(door, url, one, folder):
            told(one.path, here + count, whole)
        here += one.size
    diffusion_models.require_licence(folder)
    return folder


def _about(door: Door, url: str) -> dict[str, Any]:
    """Return the hub's description of a repository: commit, licence and files."""
    told = door.call("GET", url, redirects=True).json()
    if not isinstance(told, dict) or not {"sha", "siblings"} <= set(told):
        raise door.misread()
    return told


def _require_licence(tier: Tier, about: dict[str, Any]) -> None:
    stated = str((about.get("cardData") or {}).get("license", "")).lower()
    if stated != tier.licence or stated not in diffusion_models.ALLOWED:
        raise UnknownLicence(
            f"'{tier.repository}' is now under {stated or 'no stated licence'},"
            f" not {tier.licence}: nothing was downloaded.",
        )


def _files(about: dict[str, Any]) -> list[File]:
    """Return the files that a pipeline needs, smallest first, without pickles and duplicates."""
    found = [
        _file(entry) for entry in about["siblings"] if _is_needed(PurePosixPath(entry["rfilename"]))
    ]
    return sorted(found, key=lambda file: (file.size, file.path))


def _file(told: dict[str, Any]) -> File:
    large = told.get("lfs") or {}
    size = int(large.get("size", told["size"]))
    return File(told["rfilename"], size, str(large.get("sha256", "")), str(told.get("blobId", "")))


def _is_needed(path: PurePosixPath) -> bool:
    if path.is_absolute() or ".." in path.parts:
        return False
    if len(path.parts) == 1:
        return path.suffix in (".json", ".md") or path.name.upper().startswith("LICENSE")
    return path.suffix not in SKIPPED and ".fp16." not in path.name


def _require_room(files: list[File], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    missing = sum(one.size for one in files if not (folder / one.path).is_file())
    free = shutil.disk_usage(folder).free
    if missing > free:
        raise StorageFull(
            f"{missing / GIB:.1f} GB are to be fetched, and {free / GIB:.1f} GB are free.",
            advice="Make room, or set MODELS_DIR to a larger disk.",
        )


def _write_manifest(folder: Path, tier: Tier, commit: str, files: list[File]) -> None:
    told = {
        "repository": tier.repository,
        "commit": commit,
        "licence": tier.licence,
        "files": [asdict(one) for one in files],
    }
    (folder / weights.MANIFEST).write_text(json.dumps(told, indent=1))


def _fetch(door: Door, url: str, one: File, folder: Path) -> Iterator[int]:
    """Download one file, continuing a partial one, and keep it only if its hash is right.

    Yields the number of bytes present after each request.
    """
    target = folder / one.path
    if one.intact(target):
        yield one.size
        return
    part = target.with_name(f"{target.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    part.touch()
    if part.stat().st_size > one.size:
        part.write_bytes(b"")
    while (here := part.stat().st_size) < one.size:
        _append(door, url, part, first=here, last=min(here + PIECE, one.size) - 1)
        yield part.stat().st_size
    if not one.intact(part):
        part.unlink()
        raise ModelCorrupt(
            f"{one.path} arrived, but is not what was published; it was thrown away."
        )
    part.replace(target)


def _append(door: Door, url: str, part: Path, *, first: int, last: int) -> None:
    """Request a byte range (RFC 9110, section 14.2) and append it to a file.

    A server that ignores ranges answers 200 with the whole file, which replaces the partial one.
    """
    got = door.call("GET", url, redirects=True, headers={"Range": f"bytes={first}-{last}"})
    if not got.data:
        raise ModelCorrupt("The hub sent nothing where a piece of a file should be.")
    with part.open("ab" if got.status == 206 else "wb") as file:
        file.write(got.data)
