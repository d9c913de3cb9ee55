"""The systemd units start the three programs, with nothing that others can read."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = sorted((Path(__file__).resolve().parents[2] / "deploy" / "systemd").glob("*.service"))
units = pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)


def test_every_program_has_its_unit():
    commands = "".join(re.findall(r"^ExecStart=.*$", "".join(map(Path.read_text, UNITS)), re.M))
    assert all(word in commands for word in ("branding.server", "headshots.tasks", " beat "))


@units
def test_unit_keeps_its_data_private(unit):
    text = unit.read_text()
    for line in ("StateDirectoryMode=0700", "UMask=0077", "User=facet", "ProtectSystem=strict"):
        assert f"\n{line}\n" in text
    assert re.search(r"^MemoryMax=", text, re.M) and re.search(r"^TasksMax=", text, re.M)


@units
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_accepts_the_unit(unit, tmp_path):
    """With programs that exist, since the package is not installed where the units expect it."""
    copy = tmp_path / unit.name
    copy.write_text(re.sub(r"/opt/facet/bin/\S+", "/bin/true", unit.read_text()))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", copy],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and unit.name not in done.stderr, done.stderr
