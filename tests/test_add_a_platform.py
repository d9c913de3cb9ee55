"""A new platform is one file, its entry and its recordings: added to a copy, as the README says."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from branding import env

ROOT = Path(__file__).resolve().parents[1]
ADDITION = ROOT / "tests" / "addition"
OURS = ("TESTS_DIR", "PYTEST_", "COV_", "DATA_DIR")  # of the tests that run here
AWAY = shutil.ignore_patterns("__pycache__", "node_modules", "*.pyc")


class Copy:
    """These files, in another folder; what nobody adds a platform to is only lent."""

    def __init__(self, folder):
        self.folder = folder / "facet"
        self.folder.mkdir()
        for name in ("branding", "integrations", "tests"):
            shutil.copytree(ROOT / name, self.folder / name, ignore=AWAY)
        for name in ("README.md", "manage.py", "pyproject.toml"):
            shutil.copy(ROOT / name, self.folder / name)
        (self.folder / "headshots").symlink_to(ROOT / "headshots")
        kept = {key: value for key, value in env.everything().items() if not key.startswith(OURS)}
        self.world = {**kept, "DATA_DIR": str(folder / "var")}

    def python(self, *arguments):
        """What a program of the copy says, once it ended well."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=self.world, text=True,
            capture_output=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def replace(self, name, *pairs):
        """Change one line after the other of a file."""
        path = self.folder / name
        text = path.read_text()
        for old, new in pairs:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path.write_text(text)


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path)


def told_in_readme(pattern):
    """Where the README says that something goes, for the example."""
    section = (ROOT / "README.md").read_text().partition("**Add a platform**")[2]
    return re.search(pattern, section)[1].replace("<slug>", "example")


@pytest.mark.slow
def test_platform_is_added_as_the_readme_says(copy):
    adapter = told_in_readme(r"`(integrations/platforms/<slug>\.py)`")
    recordings = told_in_readme(r"`(tests/recordings/<slug>/calls\.toml)`")
    shutil.copy(ADDITION / "example.py", copy.folder / adapter)
    (copy.folder / recordings).parent.mkdir()
    shutil.copy(ADDITION / "calls.toml", copy.folder / recordings)
    after = "from integrations.platforms.facebook_page import FacebookPage\n"
    line = "from integrations.platforms.example import Example\n"
    entry = ("FacebookPage(),", "FacebookPage(), Example(),")
    copy.replace(told_in_readme(r"`(integrations/registry\.py)`"), (after, line + after), entry)

    command = told_in_readme(r"`\.venv/bin/pytest (tests/integrations -k <slug>)`").split()
    said = copy.python("-m", "pytest", "-n0", *command)
    assert int(re.search(r"(\d+) passed", said)[1]) > 60
    pages = ("tests/branding/test_connecting.py", "-k", "example")
    assert int(re.search(r"(\d+) passed", copy.python("-m", "pytest", "-n0", *pages))[1]) >= 6

    rows = {row["slug"]: row for row in json.loads(copy.python("manage.py", "platforms", "--json"))}
    assert rows["example"]["kind"] == "API" and rows["example"]["here"] == "needs set-up"
    copy.python("-m", told_in_readme(r"`\.venv/bin/python -m (tests\.test_docs)`"))
    assert (
        "| [Example Chat](https://developers.chat.example/profile) | API |"
        in (copy.folder / "README.md").read_text()
    )
    copy.python("manage.py", "spectacular", "--file", "branding/api/openapi.yaml", "--fail-on-warn")
    assert "- example\n" in (copy.folder / "branding/api/openapi.yaml").read_text()
