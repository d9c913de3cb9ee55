"""The folder in which `make clients` installed the clients, copied for one test."""

import shutil
import subprocess
from pathlib import Path

import pytest

import branding.api
from tests.support.servers.programs import ROOT, require_installed

SOURCES = ROOT / "tests" / "clients" / "node"
SCHEMA = Path(branding.api.__file__).parent / "openapi.yaml"


@pytest.fixture(scope="session")
def workspace(tmp_path_factory):
    """A folder with the schema, our programs and the installed packages."""
    packages = require_installed("clients", SOURCES / "package-lock.json")
    folder = tmp_path_factory.mktemp("clients")
    shutil.copytree(SOURCES, folder, dirs_exist_ok=True)
    shutil.copy(SCHEMA, folder)
    (folder / "node_modules").symlink_to(packages / "node_modules")
    return folder


@pytest.fixture(scope="session")
def run_tool(workspace):
    """Run a program of the packages; return its output, or fail with it."""

    def run(*command, **variables):
        completed = subprocess.run(
            ["node", f"node_modules/{command[0]}", *command[1:]],
            cwd=workspace,
            env={"PATH": "/usr/bin:/bin", "HOME": str(workspace), "CI": "1", **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert completed.returncode == 0, completed.stdout[-3000:] + completed.stderr[-3000:]
        return completed.stdout

    return run
