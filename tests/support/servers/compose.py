"""Runs the services of compose.yaml as processes, with their commands, settings and probes."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import yaml

from branding import env
from tests.support.servers.programs import INSTALLED, ROOT

SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()
PROGRAMS = Path(sys.executable).parent.resolve()
SOLVERS = INSTALLED / "numba"  # compiled by the first run of these tests, which takes a minute
# Makes everything but one folder read-only for a process, as in the containers.
LOCKED = """
mount --bind "$FOLDER" "$FOLDER" && mount -o remount,ro,bind / && mount --bind "$0" "$0" \
    && mount -o remount,ro,bind "$0" && cd "$0" && exec "$@"
"""


class Composed:
    """The services of compose.yaml, with hosts, ports and folders replaced for this machine."""

    def __init__(self, folder: Path, places: Mapping[str, str], **told: str) -> None:
        self.folder = folder
        self.places = {
            "/opt/numba": str(SOLVERS),
            "/tmp": str(folder / "tmp"),
            "/data": str(folder / "data"),
            **places,
        }
        image = re.findall(r"(\w+)=(\S+)", DOCKERFILE.partition("AS facet")[2].partition("FROM")[0])
        self.image = {name: value for name, value in image if name.isupper() and name != "PATH"}
        self.told = told
        (folder / "tmp").mkdir()

    def words(self, text: object) -> str:
        """Apply the replacements to a text of compose.yaml."""
        theirs = re.compile("|".join(map(re.escape, self.places)))
        return theirs.sub(lambda found: self.places[found[0]], str(text))

    def world(self, name: str) -> dict[str, str]:
        """The environment that a service is given."""
        given = {**self.image, **SERVICES[name]["environment"]}
        world = {variable: self.words(value) for variable, value in given.items()}
        path = f"{PROGRAMS}:{env.text('PATH')}"
        return env.everything(
            PATH=path,
            FOLDER=str(self.folder),
            DJANGO_SETTINGS_MODULE="branding.settings",
            **{**world, "PYTHONPATH": str(ROOT), **self.told},
        )

    def build(self) -> None:
        """Compile the numba functions, as the build of the image does."""
        SOLVERS.mkdir(parents=True, exist_ok=True)
        world = self.world("web") | {"NUMBA_CACHE_DIR": str(SOLVERS)}
        subprocess.run(
            [PROGRAMS / "python", "-m", "headshots.preflight"], env=world, check=True, cwd=ROOT
        )

    @contextmanager
    def service(self, name: str) -> Iterator[Path]:
        """A service until the block ends; yields the log it writes."""
        log = self.folder / f"{name}.log"
        command = locked(shlex.split(self.words(SERVICES[name]["command"])))
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, env=self.world(name), cwd=ROOT, stdout=output, stderr=output
            )
            try:
                yield log
            finally:
                process.terminate()
                process.wait(30)

    def is_well(self, name: str) -> bool:
        """Whether the healthcheck of a service succeeds."""
        _, *probe = map(self.words, SERVICES[name]["healthcheck"]["test"])
        done = subprocess.run(
            probe, env=self.world(name), cwd=ROOT, capture_output=True, check=False
        )
        return done.returncode == 0


def locked(command: list[str]) -> list[str]:
    """Return the command in a read-only mount namespace, if this machine allows that."""
    return (
        ["unshare", "--mount", "sh", "-c", LOCKED, str(ROOT), *command] if may_lock() else command
    )


@cache
def may_lock() -> bool:
    """Whether this process may create mount namespaces."""
    tried = subprocess.run(
        ["unshare", "--mount", "mount", "--bind", "/tmp", "/tmp"], capture_output=True, check=False
    )
    return tried.returncode == 0
