"""The instructions of CONTRIBUTING.md for adding a platform work, followed in a copy."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from branding import env

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "tests" / "fixtures" / "added_platform"
OUTER_VARIABLES = ("TESTS_DIR", "PYTEST_", "COV_", "DATA_DIR")  # of the tests that run here
IGNORED_FILES = shutil.ignore_patterns("__pycache__", "node_modules", "*.pyc")


class RepositoryCopy:
    """The repository in another folder; what adding a platform does not change is linked."""

    def __init__(self, folder):
        self.folder = folder / "facet"
        self.folder.mkdir()
        for name in ("branding", "docs", "integrations", "tests"):
            shutil.copytree(ROOT / name, self.folder / name, ignore=IGNORED_FILES)
        for name in ("README.md", "CONTRIBUTING.md", "manage.py", "pyproject.toml"):
            shutil.copy(ROOT / name, self.folder / name)
        (self.folder / "headshots").symlink_to(ROOT / "headshots")
        variables = {
            key: value
            for key, value in env.environment_with().items()
            if not key.startswith(OUTER_VARIABLES)
        }
        self.environment = {**variables, "DATA_DIR": str(folder / "var")}

    def run_python(self, *arguments):
        """Run Python in the copy, which has to succeed, and return its output."""
        result = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            text=True,
            capture_output=True,
            timeout=300,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def replace(self, name, *pairs):
        """Replace texts that occur exactly once in a file."""
        path = self.folder / name
        text = path.read_text()
        for old, new in pairs:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path.write_text(text)


@pytest.fixture
def copy(tmp_path):
    return RepositoryCopy(tmp_path)


def read_instruction(pattern):
    """Return a part of the instructions, with the example's slug filled in."""
    section = (ROOT / "CONTRIBUTING.md").read_text().partition("\n## Add a platform\n")[2]
    section = section.partition("\n## ")[0]
    return re.search(pattern, section)[1].replace("<slug>", "example")


@pytest.mark.slow
def test_platform_is_added_as_contributing_says(copy):
    adapter = read_instruction(r"`(integrations/platforms/<slug>\.py)`")
    recordings = read_instruction(r"`(tests/fixtures/recordings/<slug>/calls\.toml)`")
    shutil.copy(EXAMPLE / "example.py", copy.folder / adapter)
    (copy.folder / recordings).parent.mkdir()
    shutil.copy(EXAMPLE / "calls.toml", copy.folder / recordings)
    after = "from integrations.platforms.facebook_page import FacebookPage\n"
    line = "from integrations.platforms.example import Example\n"
    entry = ("FacebookPage(),", "FacebookPage(), Example(),")
    copy.replace(
        read_instruction(r"`(integrations/platforms/registry\.py)`"), (after, line + after), entry
    )

    command = read_instruction(r"`\.venv/bin/pytest (tests/integrations -k <slug>)`").split()
    output = copy.run_python("-m", "pytest", "-n0", *command)
    assert int(re.search(r"(\d+) passed", output)[1]) > 60
    pages = ("tests/branding/web/test_connect.py", "-k", "example")
    assert int(re.search(r"(\d+) passed", copy.run_python("-m", "pytest", "-n0", *pages))[1]) >= 6

    rows = {
        row["slug"]: row for row in json.loads(copy.run_python("manage.py", "platforms", "--json"))
    }
    assert rows["example"]["kind"] == "API" and rows["example"]["here"] == "needs set-up"
    copy.run_python("-m", read_instruction(r"`\.venv/bin/python -m (tests\.test_docs)`"))
    assert (
        "| [Example Chat](https://developers.chat.example/profile) | API |"
        in (copy.folder / "docs" / "platforms.md").read_text()
    )
    copy.run_python(
        "manage.py", "spectacular", "--file", "branding/api/openapi.yaml", "--fail-on-warn"
    )
    assert "- example\n" in (copy.folder / "branding/api/openapi.yaml").read_text()
