"""Download model weights from the Hugging Face Hub: in ranges, resumable, and verified.

https://huggingface.co/docs/hub/api and https://huggingface.co/docs/hub/models-downloading
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any, Final

from headshots.diffusion import weights
from headshots.diffusion.weights import PublishedFile
from headshots.engine.diffusion import models as diffusion_models
from headshots.engine.diffusion.models import GIB, Tier
from headshots.engine.errors import ModelCorrupt, UnknownLicence
from headshots.errors import StorageFull
from integrations.outbound.client import Limits, OutboundClient

HUB_URL: Final = "https://huggingface.co"
CHUNK_BYTES: Final = 32 * 2**20  # bytes per request; an interruption loses at most as many
HUB_LIMITS: Final = Limits(total=900, size=CHUNK_BYTES + 1)
# Pickled code, or duplicates in another format.
SKIPPED_SUFFIXES: Final = (".bin", ".ckpt", ".msgpack", ".onnx", ".pth", ".pt", ".h5")
ProgressCallback = Callable[
    [str, int, int], None
]  # file, bytes present of all files, bytes of all files


def download_model(
    tier: Tier, *, on_progress: ProgressCallback, hub_url: str = HUB_URL, loopback: bool = False
) -> Path:
    """Download what is missing of a tier's weights, verify it, and return the folder.

    Raises UnknownLicence before any weight is fetched, StorageFull, ModelCorrupt for a file that
    differs from its published hash, and PlatformError if the hub cannot be reached.
    """
    # No list of allowed hosts: the hub redirects to other hosts for large files.
    client = OutboundClient(
        None, platform="The model hub", allow_loopback=loopback, limits=HUB_LIMITS
    )
    repository_info = _fetch_repository_info(
        client, f"{hub_url}/api/models/{tier.repository}/revision/{tier.revision}?blobs=true"
    )
    _require_licence(tier, repository_info)
    folder = weights.weights_folder(tier)
    needed_files = _needed_files(repository_info)
    _require_disk_space(needed_files, folder)
    _write_manifest(folder, tier, repository_info["sha"], needed_files)
    total_bytes, present_bytes = sum(file.size for file in needed_files), 0
    for file in needed_files:
        url = f"{hub_url}/{tier.repository}/resolve/{repository_info['sha']}/{file.path}"
        for file_bytes in _fetch_file(client, url, file, folder):
            on_progress(file.path, present_bytes + file_bytes, total_bytes)
        present_bytes += file.size
    diffusion_models.require_licence(folder)
    return folder


def _fetch_repository_info(client: OutboundClient, url: str) -> dict[str, Any]:
    """Return the hub's description of a repository: commit, licence and files."""
    repository_info = client.send_request("GET", url, follow_redirects=True).json()
    if not isinstance(repository_info, dict) or not {"sha", "siblings"} <= set(repository_info):
        raise client.unexpected_response_error()
    return repository_info


def _require_licence(tier: Tier, repository_info: dict[str, Any]) -> None:
    stated_licence = str((repository_info.get("cardData") or {}).get("license", "")).lower()
    if stated_licence != tier.licence or stated_licence not in diffusion_models.ALLOWED_LICENCES:
        raise UnknownLicence(
            f"'{tier.repository}' is now under {stated_licence or 'no stated licence'},"
            f" not {tier.licence}: nothing was downloaded.",
        )


def _needed_files(repository_info: dict[str, Any]) -> list[PublishedFile]:
    """Return the files that a pipeline needs, smallest first, without pickles and duplicates."""
    files = [
        _parse_file(entry)
        for entry in repository_info["siblings"]
        if _is_needed(PurePosixPath(entry["rfilename"]))
    ]
    return sorted(files, key=lambda file: (file.size, file.path))


def _parse_file(entry: dict[str, Any]) -> PublishedFile:
    lfs_entry = entry.get("lfs") or {}
    size = int(lfs_entry.get("size", entry["size"]))
    return PublishedFile(
        entry["rfilename"], size, str(lfs_entry.get("sha256", "")), str(entry.get("blobId", ""))
    )


def _is_needed(path: PurePosixPath) -> bool:
    if path.is_absolute() or ".." in path.parts:
        return False
    if len(path.parts) == 1:
        return path.suffix in (".json", ".md") or path.name.upper().startswith("LICENSE")
    return path.suffix not in SKIPPED_SUFFIXES and ".fp16." not in path.name


def _require_disk_space(files: list[PublishedFile], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    missing_bytes = sum(file.size for file in files if not (folder / file.path).is_file())
    free_bytes = shutil.disk_usage(folder).free
    if missing_bytes > free_bytes:
        raise StorageFull(
            f"{missing_bytes / GIB:.1f} GB are to be fetched, "
            f"and {free_bytes / GIB:.1f} GB are free.",
            advice="Make room, or set MODELS_DIR to a larger disk.",
        )


def _write_manifest(folder: Path, tier: Tier, commit: str, files: list[PublishedFile]) -> None:
    manifest = {
        "repository": tier.repository,
        "commit": commit,
        "licence": tier.licence,
        "files": [asdict(file) for file in files],
    }
    (folder / weights.MANIFEST_NAME).write_text(json.dumps(manifest, indent=1))


def _fetch_file(
    client: OutboundClient, url: str, file: PublishedFile, folder: Path
) -> Iterator[int]:
    """Download one file, continuing a partial one, and keep it only if its hash is right.

    Yields the number of bytes present after each request.
    """
    target = folder / file.path
    if file.is_intact(target):
        yield file.size
        return
    partial_path = _prepare_partial_file(target, max_size=file.size)
    while (present_bytes := partial_path.stat().st_size) < file.size:
        last_byte = min(present_bytes + CHUNK_BYTES, file.size) - 1
        _append_range(client, url, partial_path, first_byte=present_bytes, last_byte=last_byte)
        yield partial_path.stat().st_size
    if not file.is_intact(partial_path):
        partial_path.unlink()
        raise ModelCorrupt(
            f"{file.path} arrived, but is not what was published; it was thrown away."
        )
    partial_path.replace(target)


def _prepare_partial_file(target: Path, *, max_size: int) -> Path:
    """Return the file to which parts are appended; one that is too large is emptied."""
    partial_path = target.with_name(f"{target.name}.part")
    partial_path.parent.mkdir(parents=True, exist_ok=True)
    partial_path.touch()
    if partial_path.stat().st_size > max_size:
        partial_path.write_bytes(b"")
    return partial_path


def _append_range(
    client: OutboundClient, url: str, partial_path: Path, *, first_byte: int, last_byte: int
) -> None:
    """Request a byte range (RFC 9110, section 14.2) and append it to a file.

    A server that ignores ranges answers 200 with the whole file, which replaces the partial one.
    """
    response = client.send_request(
        "GET", url, follow_redirects=True, headers={"Range": f"bytes={first_byte}-{last_byte}"}
    )
    if not response.data:
        raise ModelCorrupt("The hub sent nothing where a piece of a file should be.")
    with partial_path.open("ab" if response.status == 206 else "wb") as file:
        file.write(response.data)
