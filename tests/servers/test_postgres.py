"""What schedules promise holds on PostgreSQL too: the same tests, on a real server."""

import re
import subprocess
import sys

import pytest

from branding import env
from tests.servers.postgres import postgres
from tests.servers.running import ROOT

pytestmark = pytest.mark.slow
ABOUT_CLOCKS = "clock or once or twice or beats or missed or skipped or jumps or down"


def test_schedules_keep_their_promises_on_postgresql(tmp_path):
    command = [sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider",
               "tests/integrations/test_schedules.py", "-k", ABOUT_CLOCKS]  # fmt: skip
    with postgres(fsync="off") as url:
        world = env.everything(
            DATABASE_URL=url, TESTS_DIR=str(tmp_path), PYTEST_XDIST_WORKER="alone"
        )
        done = subprocess.run(
            command, cwd=ROOT, env=world, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "skipped" not in done.stdout
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 15
