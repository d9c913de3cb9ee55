"""Builds the image and hands over a project: with this machine's Docker, or one of its own."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from branding import env
from tests.support.containers.daemon import Daemon, Docker, network_of, running_daemon
from tests.support.containers.programs import (
    FOLDER,
    RELEASE,
    debian_mirror,
    find_obstacle,
    unpack_docker,
)
from tests.support.containers.project import ComposeProject, foreign_images
from tests.support.servers.programs import free_port

REQUIRED = env.read_text("FACET_CONTAINERS") == "required"
IMAGES = Path(__file__).parent / "images"
HOST_NETWORK = "services: {web: {build: {network: host}}}\n"
# Beside an installation that may run on this machine already.
OTHER_NAMES = """
services:
  web: {{image: facet-tests, ports: !override ["127.0.0.1:{port}:8000"]}}
  worker: {{image: facet-tests}}
  beat: {{image: facet-tests}}
"""


def has_registry(docker: Docker) -> bool:
    """Whether a Docker of this machine runs, and pulls images."""
    return docker.answers() and bool(
        docker.run("pull", "--quiet", foreign_images()["redis"], check=False)
    )


def why_impossible() -> str:
    """Return a sentence that says why containers cannot be run here, or ''."""
    return "" if has_registry(Docker()) else find_obstacle()


@contextmanager
def built_project() -> Iterator[ComposeProject]:
    """The project with its image built, until the block ends; then nothing of it is left."""
    if not REQUIRED:
        pytest.skip("containers are built and run by `make test-containers`")
    docker = Docker()
    build = _built_by_machine(docker) if has_registry(docker) else _built_in_namespaces()
    with build as project:
        try:
            yield project
        finally:
            project.remove()


@contextmanager
def _built_by_machine(docker: Docker) -> Iterator[ComposeProject]:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        project = ComposeProject(
            docker, Path(folder), port=port, override=OTHER_NAMES.format(port=port)
        )
        project.compose("build")
        try:
            yield project
        finally:
            docker.run("image", "rm", "facet-tests")


@contextmanager
def _built_in_namespaces() -> Iterator[ComposeProject]:
    """Two servers in turn: one builds in the network of this machine, one runs in its own."""
    obstacle = find_obstacle()
    assert not obstacle, obstacle
    programs = unpack_docker()
    data = Path(tempfile.mkdtemp(prefix="data-", dir=FOLDER))
    try:
        with running_daemon(programs, data, own_network=False) as builder:
            make_foreign_images(builder)
            ComposeProject(builder, builder.folder, override=HOST_NETWORK).compose("build")
        with (
            running_daemon(programs, data, own_network=True) as docker,
            network_of(docker.init_pid),
        ):
            yield ComposeProject(docker, docker.folder)
    finally:
        subprocess.run(["rm", "-rf", data], check=True)  # in half the time of shutil.rmtree
    assert builder.remains() + docker.remains() == []


def make_foreign_images(docker: Daemon) -> None:
    """Make the images that others offer in registries out of Debian's packages."""
    archive = FOLDER / f"{RELEASE}.tar"
    if not archive.exists():
        _make_system(archive)
    docker.run("import", str(archive), "debian")
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder)
        shutil.copytree(IMAGES, context, dirs_exist_ok=True)
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", context / "certificates.crt")
        (context / "pip.conf").touch()
        if Path("/etc/pip.conf").exists():
            shutil.copy("/etc/pip.conf", context)
        for stage, name in foreign_images().items():
            words = ("--network", "host", "--target", stage, "--tag", name)
            docker.run("buildx", "build", *words, str(context))


def _make_system(archive: Path) -> None:
    """Install the smallest Debian of the release into an archive."""
    unfinished = archive.with_suffix(".unfinished.tar")
    options = ("--variant=minbase", "--include=ca-certificates", "--dpkgopt=force-unsafe-io")
    excluded = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale")]
    subprocess.run(
        ["mmdebstrap", "--quiet", *options, *excluded, RELEASE, unfinished, debian_mirror()],
        check=True,
        umask=0o022,
    )
    unfinished.rename(archive)
