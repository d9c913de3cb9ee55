"""Twenty large pictures at once, from one account: nobody else notices, and memory stays small."""

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests  # noqa: TID251  a client from outside

from tests.support.image_files import build_large_png
from tests.support.installation import ROOT, RunningFacet
from tests.support.people import jpeg, patches

PAGE_BYTES = 1_500_000_000  # of all web processes together
MAKE_TOKEN = """
from branding.accounts.models import User
from branding.api.services import create_token
for name in ("mallory", "alice"):
    owner = User.objects.create_user(f"{name}@example.com", "a long pass phrase")
    print("token", create_token(owner, "test", scopes=["read", "make"])[1])
"""


@pytest.fixture
def facet(tmp_path):
    running = RunningFacet(tmp_path / "data")
    try:
        running.wait_for_line("Facet is ready", seconds=240)
        yield running
    finally:
        running.kill()


def tokens_of(facet):
    """Make two accounts and return their tokens."""
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", MAKE_TOKEN]
    done = subprocess.run(
        command, cwd=ROOT, env=facet.environment, capture_output=True, text=True, check=True
    )
    return [line.split()[1] for line in done.stdout.splitlines() if line.startswith("token")]


def peak_bytes(pid):
    """The most memory that a process ever had."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


@pytest.mark.slow
def test_large_uploads_at_once_harm_only_who_sends_them(facet):
    attacker, other = tokens_of(facet)
    bomb, address = build_large_png(10_000), f"{facet.address}/api/v1"

    def upload(token, data):
        return requests.post(
            f"{address}/photos",
            files={"file": ("me.png", data)},
            headers={"Authorization": f"Bearer {token}"},
            timeout=300,
        ).status_code

    def visit(index):
        if index % 5 == 0:
            return upload(other, jpeg(patches(index, side=640)))
        headers = {"Authorization": f"Bearer {other}"}
        return requests.get(f"{address}/photos", headers=headers, timeout=300).status_code

    with ThreadPoolExecutor(25) as pool:
        attack = [pool.submit(upload, attacker, bomb) for _ in range(20)]
        visits = [pool.submit(visit, index) for index in range(20)]
    print("ANSWERS", Counter(done.result() for done in attack), Counter(v.result() for v in visits))
    assert {done.result() for done in attack} <= {201, 413, 429}
    assert 429 in {done.result() for done in attack}
    assert {done.result() for done in visits} == {200, 201}
    peaks = [peak_bytes(pid) for pid in facet.child_pids("branding.server")]
    print("PEAKS", [round(peak / 1e6) for peak in peaks])
    assert len(peaks) == 2 and sum(peaks) < PAGE_BYTES
