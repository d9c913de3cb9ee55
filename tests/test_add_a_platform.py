"""The instructions of CONTRIBUTING.md for adding a platform work: followed in a copy."""

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
OURS = ("TESTS_DIR", "PYTEST_", "COV_", "DATA_DIR")  # of the tests that run here
AWAY = shutil.ignore_patterns("__pycache__", "node_modules", "*.pyc")


class Copy:
    """The repository in another folder; what adding a platform does not change is linked."""

    def __init__(self, folder):
        self.folder = folder / "facet"
        self.folder.mkdir()
        for name in ("branding", "docs", "integrations", "tests"):
            shutil.copytree(ROOT / name, self.folder / name, ignore=AWAY)
        for name in ("README.md", "CONTRIBUTING.md", "manage.py", "pyproject.toml"):
            shutil.copy(ROOT / name, self.folder / name)
        (self.folder / "headshots").symlink_to(ROOT / "headshots")
        kept = {
            key: value for key, value in env.environment_with().items() if not key.startswith(OURS)
        }
        self.world = {**kept, "DATA_DIR": str(folder / "var")}

    def python(self, *arguments):
        """The output of a Python program in the copy, which has to succeed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.world,
            text=True,
            capture_output=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

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
    return Copy(tmp_path)


def instruction(pattern):
    """A part of the instructions, with the example's slug filled in."""
    section = (ROOT / "CONTRIBUTING.md").read_text().partition("\n## Add a platform\n")[2]
    section = section.partition("\n## ")[0]
    return re.search(pattern, section)[1].replace("<slug>", "example")


@pytest.mark.slow
def test_platform_is_added_as_contributing_says(copy):
    adapter = instruction(r"`(integrations/platforms/<slug>\.py)`")
    recordings = instruction(r"`(tests/fixtures/recordings/<slug>/calls\.toml)`")
    shutil.copy(EXAMPLE / "example.py", copy.folder / adapter)
    (copy.folder / recordings).parent.mkdir()
    shutil.copy(EXAMPLE / "calls.toml", copy.folder / recordings)
    after = "from integrations.platforms.facebook_page import FacebookPage\n"
    line = "from integrations.platforms.example import Example\n"
    entry = ("FacebookPage(),", "FacebookPage(), Example(),")
    copy.replace(
        instruction(r"`(integrations/platforms/registry\.py)`"), (after, line + after), entry
    )

    command = instruction(r"`\.venv/bin/pytest (tests/integrations -k <slug>)`").split()
    said = copy.python("-m", "pytest", "-n0", *command)
    assert int(re.search(r"(\d+) passed", said)[1]) > 60
    pages = ("tests/branding/web/test_connect.py", "-k", "example")
    assert int(re.search(r"(\d+) passed", copy.python("-m", "pytest", "-n0", *pages))[1]) >= 6

    rows = {row["slug"]: row for row in json.loads(copy.python("manage.py", "platforms", "--json"))}
    assert rows["example"]["kind"] == "API" and rows["example"]["here"] == "needs set-up"
    copy.python("-m", instruction(r"`\.venv/bin/python -m (tests\.test_docs)`"))
    assert (
        "| [Example Chat](https://developers.chat.example/profile) | API |"
        in (copy.folder / "docs" / "platforms.md").read_text()
    )
    copy.python("manage.py", "spectacular", "--file", "branding/api/openapi.yaml", "--fail-on-warn")
    assert "- example\n" in (copy.folder / "branding/api/openapi.yaml").read_text()
