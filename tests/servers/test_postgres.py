"""What is promised of clocks, workers and programs holds on PostgreSQL: the same tests, there."""

import re
import subprocess
import sys

import pytest

from branding import env
from tests.support.servers.postgres import postgres
from tests.support.servers.programs import ROOT

pytestmark = pytest.mark.slow
ABOUT_CLOCKS = "clock or once or twice or beats or missed or skipped or jumps or down"


def passed(url, folder, *chosen):
    """How many of the chosen tests pass with this database; all of them do."""
    command = [sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider", *chosen]
    world = env.environment_with(
        DATABASE_URL=url, TESTS_DIR=str(folder), PYTEST_XDIST_WORKER="alone"
    )
    done = subprocess.run(command, cwd=ROOT, env=world, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    assert "skipped" not in done.stdout
    return int(re.search(r"(\d+) passed", done.stdout)[1])


def test_schedules_keep_their_promises_on_postgresql(tmp_path):
    with postgres(fsync="off") as url:
        assert passed(url, tmp_path, "tests/integrations/scheduling", "-k", ABOUT_CLOCKS) >= 15


def test_eight_workers_renew_at_once_on_postgresql(tmp_path):
    with postgres(fsync="off") as url:
        assert passed(url, tmp_path, "tests/servers/test_toolkit.py", "-k", "eight_workers") == 1


def test_programs_are_answered_alike_on_postgresql(tmp_path):
    with postgres(fsync="off") as url:
        assert passed(url, tmp_path, "tests/api", "-m", "not slow") >= 130


def test_a_row_that_nobody_can_work_with_stops_nobody_else_on_postgresql(tmp_path):
    """A full counter and a failed statement are errors there, but not of SQLite."""
    chosen = ("tests/integrations/test_isolation.py", "-k", "not cannot_be_loaded")
    with postgres(fsync="off") as url:
        assert passed(url, tmp_path, *chosen) >= 40


def test_who_waits_leaves_the_pool_of_connections_to_others(tmp_path):
    with postgres(fsync="off") as url:
        assert passed(url, tmp_path, "tests/operations/test_database_pool.py") == 4
