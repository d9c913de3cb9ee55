"""The five containers of compose.yaml as one project of Docker Compose."""

import json
import secrets
import time
from pathlib import Path
from typing import Any

from tests.support.containers.daemon import Docker
from tests.support.processes import wait_until
from tests.support.servers.api_visitor import ApiVisitor
from tests.support.servers.compose import SERVICES as DECLARED
from tests.support.servers.programs import ROOT

SERVICES = ("web", "worker", "beat", "postgres", "redis")
PORT = 8000  # that compose.yaml publishes
READY_SECONDS = 300  # until a test gives up


class ComposeProject:
    """The containers, and the commands of `docker compose` for them.

    `override` is a document of Compose that is merged into compose.yaml.
    """

    def __init__(
        self, docker: Docker, folder: Path, *, port: int = PORT, override: str = ""
    ) -> None:
        self.docker = docker
        self.docker.environment |= {
            "POSTGRES_PASSWORD": secrets.token_hex(16),
            "REDIS_PASSWORD": secrets.token_hex(16),
        }
        (folder / "override.yaml").write_text(override or "services: {}\n")
        self.files = (str(ROOT / "compose.yaml"), str(folder / "override.yaml"))
        self.name = f"facet-{secrets.token_hex(4)}"
        self.site = f"http://localhost:{port}"

    def compose(self, *words: str, check: bool = True) -> str:
        """Run a command of `docker compose` and return what it prints."""
        files = [word for path in self.files for word in ("--file", path)]
        return self.docker.run("compose", "--project-name", self.name, *files, *words, check=check)

    def start(self) -> float:
        """Start all containers, and return the seconds until Facet says that it is ready."""
        started_at = time.monotonic()
        try:
            self.compose("up", "--detach", "--no-build", *SERVICES)
        except AssertionError as error:
            raise AssertionError(self.compose("logs", "--tail", "30")) from error
        visitor = ApiVisitor(self.site)
        wait_until(lambda: self.is_ready(visitor), READY_SECONDS)
        return time.monotonic() - started_at

    def is_ready(self, visitor: ApiVisitor) -> bool:
        """Whether web server, database, broker, cache, storage and a worker are there."""
        try:
            return visitor.get("/readyz").status_code == 200
        except OSError:
            return False

    def inspect(self, service: str) -> dict[str, Any]:
        """Return what Docker knows about the container of a service."""
        container = self.compose("ps", "--all", "--quiet", service).strip()
        return json.loads(self.docker.run("inspect", container))[0]

    def health(self) -> dict[str, str]:
        """Return what the health probe of each service says."""
        return {name: self.inspect(name)["State"]["Health"]["Status"] for name in SERVICES}

    def image_bytes(self) -> int:
        """Return the size of the image that is built here."""
        services = json.loads(self.compose("config", "--format", "json"))["services"]
        return json.loads(self.docker.run("inspect", services["web"]["image"]))[0]["Size"]

    def run_python(self, code: str) -> str:
        """Run code where Django is set up, in the web container, and return what it prints."""
        command = ("python", "manage.py", "shell", "--verbosity=0", "--command", code)
        return self.compose("exec", "--no-TTY", "web", *command)

    def remove(self) -> None:
        """Stop and delete all containers, networks and volumes."""
        self.compose("down", "--volumes", "--timeout", "5")


def foreign_images() -> dict[str, str]:
    """Return the names of the images that others make, by the program in them."""
    base = (ROOT / "deploy/Dockerfile").read_text().partition("\nFROM ")[2].split()[0]
    images = {name: DECLARED[name]["image"] for name in ("postgres", "redis")}
    return {"python": base, **images}
