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
from tests.support.servers.programs import ROOT

DEFAULT = re.compile(r"\$\{\w+:-([^}]*)\}")  # a variable that is not set
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()
PROGRAMS = Path(sys.executable).parent.resolve()
# Makes everything but one folder read-only for a process, as in the containers.
LOCKED = """
mount --bind "$FOLDER" "$FOLDER" && mount -o remount,ro,bind / && mount --bind "$0" "$0" \
    && mount -o remount,ro,bind "$0" && cd "$0" && exec "$@"
"""


class ComposeServices:
    """The services of compose.yaml, with hosts, ports and folders replaced for this machine."""

    def __init__(self, folder: Path, replacements: Mapping[str, str], **overrides: str) -> None:
        self.folder = folder
        self.replacements = {
            "/tmp": str(folder / "tmp"),
            "/data": str(folder / "data"),
            "/app/static": str(folder / "static"),
            "$$": "$",
            **replacements,
        }
        image = re.findall(r"(\w+)=(\S+)", DOCKERFILE.partition("AS facet")[2].partition("FROM")[0])
        self.image = {name: value for name, value in image if name.isupper() and name != "PATH"}
        self.overrides = overrides
        (folder / "tmp").mkdir()
        self._collect_static_files()

    def _collect_static_files(self) -> None:
        """Do what the Dockerfile does when the image is built."""
        assert "python manage.py collectstatic" in DOCKERFILE
        environment = env.environment_with(
            DJANGO_SETTINGS_MODULE="branding.settings",
            DATA_DIR=str(self.folder / "build"),
            STATIC_DIR=self.localize(self.image["STATIC_DIR"]),
        )
        command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
        subprocess.run(command, env=environment, cwd=ROOT, check=True)

    def localize(self, text: object) -> str:
        """Apply the replacements to a text of compose.yaml, and the defaults of its variables."""
        pattern = re.compile("|".join(map(re.escape, self.replacements)))
        replaced = pattern.sub(lambda match: self.replacements[match[0]], str(text))
        return DEFAULT.sub(lambda match: match[1], replaced)

    def environment_of(self, name: str) -> dict[str, str]:
        """The environment that a service is given."""
        declared = {**self.image, **SERVICES[name]["environment"]}
        variables = {variable: self.localize(value) for variable, value in declared.items()}
        variables["HEARTBEAT_FILE"] += f"-{name}"  # each container has a /tmp of its own
        path = f"{PROGRAMS}:{env.read_text('PATH')}"
        return env.environment_with(
            PATH=path,
            FOLDER=str(self.folder),
            DJANGO_SETTINGS_MODULE="branding.settings",
            **{**variables, "PYTHONPATH": str(ROOT), **self.overrides},
        )

    @contextmanager
    def service(self, name: str) -> Iterator[Path]:
        """A service until the block ends; yields the log it writes."""
        log = self.folder / f"{name}.log"
        command = read_only_command(shlex.split(self.localize(SERVICES[name]["command"])))
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, env=self.environment_of(name), cwd=ROOT, stdout=output, stderr=output
            )
            try:
                yield log
            finally:
                process.terminate()
                process.wait(30)

    def is_healthy(self, name: str) -> bool:
        """Whether the healthcheck of a service succeeds."""
        _, *probe = map(self.localize, SERVICES[name]["healthcheck"]["test"])
        result = subprocess.run(
            probe, env=self.environment_of(name), cwd=ROOT, capture_output=True, check=False
        )
        return result.returncode == 0


def read_only_command(command: list[str]) -> list[str]:
    """Return the command in a read-only mount namespace, if this machine allows that."""
    return (
        ["unshare", "--mount", "sh", "-c", LOCKED, str(ROOT), *command] if can_mount() else command
    )


@cache
def can_mount() -> bool:
    """Whether this process may create mount namespaces."""
    result = subprocess.run(
        ["unshare", "--mount", "mount", "--bind", "/tmp", "/tmp"], capture_output=True, check=False
    )
    return result.returncode == 0
