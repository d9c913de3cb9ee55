"""The package: a wheel made from the source distribution holds every file and runs anywhere."""

import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest

from branding import env
from headshots.engine.networks import catalog

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("branding", "headshots", "integrations")
BUILD = "import sys; from setuptools import build_meta as b; getattr(b, sys.argv[1])(sys.argv[2])"


def files_of_repository():
    """The files of our packages, without what Python compiles."""
    return {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def build(source, kind, target):
    """Build one kind of distribution from a folder; return its file."""
    subprocess.run(
        [sys.executable, "-c", BUILD, f"build_{kind}", str(target)],
        cwd=source,
        check=True,
        capture_output=True,
    )
    return next(target.glob("*.whl" if kind == "wheel" else "*.tar.gz"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel that was built from the source distribution, not from the checkout."""
    folder = tmp_path_factory.mktemp("package")
    copy = folder / "checkout"
    copy.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "constraints.txt"):
        shutil.copy(ROOT / name, copy)
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, copy / package, ignore=ignored)
    sdist = build(copy, "sdist", folder)
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    return build(next((folder / "unpacked").iterdir()), "wheel", folder)


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """An environment with the wheel; libraries and networks are those of this one."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    packages = next(folder.glob("lib/*/site-packages"))
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", str(folder / "bin" / "python")]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", wheel], check=True)
    libraries = [path for path in sys.path if path and not (Path(path) / "branding").exists()]
    (packages / "libraries.pth").write_text("\n".join(libraries))
    shutil.copytree(catalog.FOLDER, folder / catalog.FOLDER.relative_to(sys.prefix))
    return folder


def variables(folder):
    """The variables of a user whose home is a folder."""
    return {"PATH": env.read_text("PATH"), "HOME": str(folder), "PORT": "0", "LC_ALL": "C"}


def lines_until(stream, words):
    """Yield the lines of a stream until one contains a text, or until it ends."""
    for line in iter(stream.readline, ""):
        yield line
        if words in line:
            return


def test_wheel_holds_every_file(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if name.startswith(PACKAGES)}
    missing = files_of_repository() - names
    assert not missing, sorted(missing)[:20]


def test_command_works_outside_the_checkout(environment, tmp_path):
    command = [environment / "bin" / "facet"]
    helped = subprocess.run(
        [*command, "headshots", "--help"],
        cwd=tmp_path,
        env=variables(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert helped.stdout.startswith("usage: facet headshots")


def test_installed_program_runs_and_writes_nothing_beside_its_code(environment, tmp_path):
    packages = next(environment.glob("lib/*/site-packages"))
    before = {path for path in packages.rglob("*") if "__pycache__" not in path.parts}
    process = subprocess.Popen(
        [environment / "bin" / "facet", "run"],
        cwd=tmp_path,
        env=variables(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="ascii",
        errors="replace",
    )
    try:
        lines = list(lines_until(process.stdout, "Facet is ready"))
        assert "Facet is ready" in lines[-1], lines
        address = lines[-1].split()[3]
        page = urlopen(address, timeout=60).read().decode()
        style = page.split('rel="stylesheet"')[1].split('href="')[1].split('"')[0]
        assert urlopen(address + style, timeout=60).status == 200
        assert (tmp_path / ".local" / "share" / "facet" / "facet.sqlite3").exists()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stdout.close()
    after = {path for path in packages.rglob("*") if "__pycache__" not in path.parts}
    assert after == before
